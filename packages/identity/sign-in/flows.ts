import { fault, newId } from '@safeguard/kernel';
import { type DataKey, noOwner, type Vault } from '@safeguard/seal';
import type { Connection } from '@safeguard/store';
import { sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import type { SignInWork } from './deps.ts';
import { flowOver, wrongStep } from './refusal.ts';
import { isFlowSecret, newFlowSecret } from './secrets.ts';
import type { Flow, FlowState } from './state.ts';

/** Wrong factors in one flow; then it is over. */
export const mostFailures = 5;

const insert = {
  name: 'identity.sign_in_flow.insert',
  text: `insert into identity.sign_in_flow (id, hash, tenant, version, key_id, sealed, created_at, expires_at)
    select $1, $2, t.id, 0, $4, $5, $6, $7 from identity.tenant t where t.id = $3 returning id`,
};
const select = {
  name: 'identity.sign_in_flow.find',
  text: `select id, tenant, version, key_id, sealed from identity.sign_in_flow
    where hash = $1 and expires_at > $2 and failures < ${mostFailures}`,
};
/** Compare and swap: of two steps taken from one state, one is taken. A right factor takes its count back. */
const update = {
  name: 'identity.sign_in_flow.change',
  text: `update identity.sign_in_flow set version = version + 1, key_id = $3, sealed = $4,
      failures = greatest(0, failures - $6)
    where id = $1 and version = $2 and expires_at > $5 returning id`,
};
const count = {
  name: 'identity.sign_in_flow.count',
  text: `update identity.sign_in_flow set failures = failures + 1
    where id = $1 and failures < ${mostFailures} and expires_at > $2 returning failures`,
};
const removeOne = {
  name: 'identity.sign_in_flow.remove',
  text: 'delete from identity.sign_in_flow where id = $1 and version = $2 and expires_at > $3 returning id',
};
const removeAny = { name: 'identity.sign_in_flow.end', text: 'delete from identity.sign_in_flow where id = $1' };

type Row = { id: string; tenant: number; version: number; key_id: number; sealed: Buffer };

/** An older state of a flow does not open as the newer one. */
const bindingOf = (id: string, version: number) => ({ resource: id, version, purpose: 'sign-in' });

async function keyFor(vault: Vault, state: FlowState): Promise<DataKey> {
  const owner = state.account?.id ?? noOwner;
  const key = (await vault.keysFor([owner])).get(owner);
  if (key === undefined) throw fault('internal', 'A flow has no key.');
  return key;
}

const plain = (state: FlowState): Buffer => Buffer.from(JSON.stringify(state));

/** Fault `missing` for an unknown tenant. */
export async function createFlow(work: SignInWork, tenant: number, state: FlowState) {
  const id = newId();
  const secret = newFlowSecret();
  const vault = await work.vault(tenant);
  const key = await keyFor(vault, state);
  const now = work.clock.now();
  const times = [new Date(now), new Date(now + work.flow_ms)];
  const sealed = vault.seal(key, bindingOf(id, 0), plain(state));
  const made = await work.segment.query(platform, insert, [id, sha256(secret), tenant, key.id, sealed, ...times]);
  if (made.length === 0) throw fault('missing', 'The tenant does not exist.');
  const flow: Flow = { id, tenant, version: 0, state };
  return { secret, flow };
}

/** Undefined for what is unknown, over, expired or malformed, and when its account was destroyed meanwhile. */
export async function findFlow(work: SignInWork, secret: string | undefined): Promise<Flow | undefined> {
  if (typeof secret !== 'string' || !isFlowSecret(secret)) return undefined;
  const values = [sha256(secret), new Date(work.clock.now())];
  const [row] = await work.segment.query<Row>(platform, select, values);
  if (row === undefined) return undefined;
  const { id, tenant, version, key_id, sealed } = row;
  const vault = await work.vault(tenant);
  const key = (await vault.keysById([key_id])).get(key_id);
  if (key === undefined) return undefined;
  const state: FlowState = JSON.parse(vault.open(key, bindingOf(id, version), sealed).toString());
  return { id, tenant, version, state };
}

/**
 * The next state, in one statement. `right`: a factor was, so its count is taken back. Fault `conflict`: not the next.
 */
export async function saveFlow(work: SignInWork, flow: Flow, change: Partial<FlowState>, right = false): Promise<Flow> {
  const state: FlowState = { ...flow.state, ...change };
  const vault = await work.vault(flow.tenant);
  const key = await keyFor(vault, state);
  const version = flow.version + 1;
  const sealed = vault.seal(key, bindingOf(flow.id, version), plain(state));
  const values = [flow.id, flow.version, key.id, sealed, new Date(work.clock.now()), right ? 1 : 0];
  const changed = await work.segment.query(platform, update, values);
  if (changed.length === 0) throw wrongStep();
  return { ...flow, version, state };
}

/**
 * Takes one of the flow's tries, before anything is looked at: guesses made at the same time are counted too, and one
 * that a crash cut off. True when it is the last. Fault `gone`: there was none left.
 */
export async function takeTry({ segment, clock }: SignInWork, flow: Flow): Promise<boolean> {
  const [row] = await segment.query<{ failures: number }>(platform, count, [flow.id, new Date(clock.now())]);
  if (row === undefined) throw flowOver();
  return row.failures >= mostFailures;
}

/**
 * Ends a flow as its last step, in the transaction of what it makes valid. Fault `conflict`: it is not as it was read.
 */
export async function finishFlow({ clock }: SignInWork, connection: Connection, flow: Flow): Promise<void> {
  const gone = await connection.query(removeOne, [flow.id, flow.version, new Date(clock.now())]);
  if (gone.length === 0) throw wrongStep();
}

/** Ends a flow that leads nowhere any more. */
export const endFlow = ({ segment }: SignInWork, flow: Flow): Promise<unknown> =>
  segment.query(platform, removeAny, [flow.id]);
