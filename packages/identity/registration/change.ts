import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { endTokens } from '../clients/revoke.ts';
import { checkedFields, halves, inForce, rightsOf } from './content.ts';
import { actorId, tell } from './events.ts';
import { isNarrower } from './narrowing.ts';
import { type ApplicationRow, currentOf, fieldsAt, fieldsOf, revise, type Sealer } from './rows.ts';
import type { Actor, ApplicationState, CoreDeps, Fields, GivenFields } from './types.ts';

const nextNumber = {
  name: 'identity.application.next',
  text: `select 1 + max(number) as next from identity.application_revision where application = $1`,
};
const propose = {
  name: 'identity.application.propose',
  text: `update identity.application set proposed = $2, state = $3, changed_at = $4 where id = $1`,
};
const clientState = {
  name: 'identity.application.client-state',
  text: `update identity.client set state = $2 where id = $1 and state in ('draft', 'pending')`,
};
export const settle = {
  name: 'identity.application.settle',
  text: 'select identity.settle_application($1)::text as settled',
};

const mostRevisions = 500;

/** The state of the proposal; the client follows where nothing of it is in force. */
export async function setState(
  connection: Connection,
  { id, proposed, at }: { readonly id: string; readonly proposed: number; readonly at: Date },
  state: ApplicationState,
): Promise<void> {
  await connection.query(propose, [id, proposed, state, at]);
  await connection.query(clientState, [id, state === 'pending' ? 'pending' : 'draft']);
}

/** Tokens that say more than what is in force from now on end with it. */
export async function settled(
  connection: Connection,
  { scopes: rules }: Pick<CoreDeps, 'scopes'>,
  before: ApplicationRow,
  scopes: readonly string[],
  at: Date,
): Promise<void> {
  await connection.query(settle, [before.id]);
  const lost = currentOf(before) !== null && rightsOf(before.granted).some((one) => !rules.narrows(one, scopes));
  if (lost) await connection.query(endTokens, [before.id, at]);
}

/** Keys are named by value or by address: whoever names one takes the other back. */
function merged(before: Fields, changes: GivenFields, isInForce: boolean): GivenFields {
  const { jwks, ...rest } = before;
  const kept: GivenFields = isInForce || jwks === undefined ? rest : before;
  const named = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const other = named['jwks'] ? { jwks_uri: null } : named['jwks_uri'] ? { jwks: null } : {};
  return { ...kept, ...other, ...named };
}

const isSame = (one: Fields, other: Fields): boolean =>
  Object.keys({ ...one, ...other }).every(
    (name) => JSON.stringify(one[name as keyof Fields]) === JSON.stringify(other[name as keyof Fields]),
  );

export interface Change {
  readonly actor: Actor;
  readonly changes: GivenFields;
  readonly at: Date;
  /** Who sends again what it is (a program) asks with every change; a person drafts first. */
  readonly asks?: boolean;
  /** The keys come with a certificate that was checked. */
  readonly vouched?: boolean;
}

/** Writes a revision, and has it wait, or takes it into force where it only narrows. The row is locked by then. */
export async function changeLocked(
  deps: Pick<CoreDeps, 'scopes'>,
  sealer: Sealer,
  connection: Connection,
  row: ApplicationRow,
  { actor, changes, at, asks = false, vouched = false }: Change,
): Promise<void> {
  const { id, tenant } = row;
  const current = currentOf(row);
  const rules = deps.scopes;
  const before = fieldsOf(sealer, row);
  const held = JSON.stringify(changes.jwks ?? null) === JSON.stringify(row.jwks) ? { jwks: undefined } : {};
  const fields = checkedFields(merged(before, { ...changes, ...held }, current !== null), {
    rules,
    tenant,
    held: row.jwks,
  });
  if (isSame(fields, before) && row.state !== 'refused') return;
  const [{ next } = { next: mostRevisions }] = await connection.query<{ next: number }>(nextNumber, [id]);
  if (next > mostRevisions) throw fault('conflict', `An application has at most ${mostRevisions} revisions.`);
  await revise(connection, sealer, { id, tenant, number: next, ...halves(fields), made_by: actorId(actor), at });
  const told = { id, at, actor, version: next };
  const inUse = current === null ? undefined : await fieldsAt(connection, sealer, id, current);
  if (inUse !== undefined && isNarrower(fields, inUse, rules, vouched)) {
    const scopes = rules.intersect(fields.scopes, row.granted);
    await tell(connection, { ...told, kind: 'narrow', scopes: inForce(scopes) });
    await settled(connection, deps, row, scopes, at);
    return;
  }
  await tell(connection, { ...told, kind: 'change' });
  const waits = asks || current !== null;
  await setState(connection, { id, proposed: next, at }, waits ? 'pending' : 'draft');
}
