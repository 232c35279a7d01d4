import { hash, randomBytes } from 'node:crypto';
import { type Clock, newId } from '@safeguard/kernel';
import { noOwner, type Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { Arrival } from './arrival.ts';

/** How long a person may take at the provider, and how long a taken answer waits for its browser. */
export const flow_ms = 10 * 60_000;

const columns = 'id, provider, tenant, browser, purpose, account, key_id, sealed, result';
const statements = {
  // One at a time per browser: who begins anew gives up what was before.
  clear: {
    name: 'identity.federation_flow.clear',
    text: 'delete from identity.federation_flow where browser = $1',
  },
  insert: {
    name: 'identity.federation_flow.insert',
    text: `insert into identity.federation_flow
        (id, state, provider, tenant, browser, purpose, account, key_id, sealed, created_at, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
  },
  find: {
    name: 'identity.federation_flow.find',
    text: `select ${columns} from identity.federation_flow
      where state = $1 and provider = $2 and used_at is null and expires_at > $3`,
  },
  use: {
    name: 'identity.federation_flow.use',
    text: `update identity.federation_flow set used_at = $2, handle = $3, result = $4
      where id = $1 and used_at is null returning id`,
  },
  fetch: {
    name: 'identity.federation_flow.fetch',
    text: `update identity.federation_flow set fetched_at = $4
      where handle = $1 and provider = $2 and browser = any($3) and fetched_at is null and expires_at > $4
      returning ${columns}`,
  },
  wasSeen: {
    name: 'identity.federation_seen.find',
    text: 'select hash from identity.federation_seen where provider = $1 and hash = $2 and expires_at > $3',
  },
  seen: {
    name: 'identity.federation_seen.insert',
    text: `insert into identity.federation_seen (provider, tenant, hash, expires_at) values ($1, $2, $3, $4)
      on conflict do nothing returning hash`,
  },
};

interface Row extends Record<string, unknown> {
  id: string;
  provider: string;
  tenant: number;
  browser: Buffer;
  purpose: 'sign-in' | 'link';
  account: string | null;
  key_id: number;
  sealed: Buffer;
  result: Buffer | null;
}

/** What must come back unchanged, or never leaves us. */
export interface FlowSecrets {
  /** OIDC: the PKCE verifier and the nonce. SAML: the ID of the request. */
  readonly verifier?: string;
  readonly nonce?: string;
  readonly request?: string;
  /** The person must have shown a factor after this time (a step-up), milliseconds since the Unix epoch. */
  readonly fresh_since?: number;
}

/** A sign-in on its way to a provider and back. */
export interface Flow {
  readonly id: string;
  readonly provider: string;
  readonly tenant: number;
  /** SHA-256 of what binds it to one browser. */
  readonly browser: Buffer;
  readonly purpose: 'sign-in' | 'link';
  readonly account: string | null;
  readonly secrets: FlowSecrets;
  readonly result: Arrival | undefined;
}

export type NewFlow = Pick<Flow, 'provider' | 'tenant' | 'browser' | 'purpose' | 'account' | 'secrets'>;

/** Something that is taken once: an assertion or a logout token, by its id. */
export interface Once {
  readonly id: string;
  /** When it could no longer be valid. */
  readonly until: number;
}

export interface Flows {
  /** The value for `state` or RelayState: 32 random bytes. */
  begin(flow: NewFlow): Promise<string>;
  /** The open flow of this provider; undefined for any other text. */
  find(provider: string, state: string): Promise<Flow | undefined>;
  /** Uses it up; false when somebody else did. */
  use(flow: Flow): Promise<boolean>;
  /**
   * Uses it up, remembers the assertion, and keeps what it said, all or nothing. Answers the handle by which the
   * browser fetches it; undefined: the flow was used, or the assertion was seen.
   */
  keep(flow: Flow, result: Arrival, once: Once): Promise<string | undefined>;
  /** What was kept, once, for one of these browsers. */
  fetch(provider: string, handle: string, browsers: readonly Buffer[]): Promise<Flow | undefined>;
  seen(provider: string, id: string): Promise<boolean>;
  /** From now on it is seen. */
  remember(provider: string, tenant: number, once: Once): Promise<void>;
}

export const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
export const random = (): string => randomBytes(32).toString('base64url');
const secretForm = /^[A-Za-z0-9_-]{43}$/;

const binding = (id: string, purpose: string) => ({ resource: id, version: 0, purpose: `federation-${purpose}` });

async function platformKey(vault: Vault) {
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  if (key === undefined) throw new Error('the key of what has no owner is gone');
  return key;
}

async function opened(vault: Vault, row: Row): Promise<Flow> {
  const key = (await vault.keysById([row.key_id])).get(row.key_id);
  if (key === undefined) throw new Error('the key of a federation flow is gone');
  const { id, provider, tenant, browser, purpose, account, result } = row;
  const read = (what: string, bytes: Buffer) => JSON.parse(vault.open(key, binding(id, what), bytes).toString('utf8'));
  return {
    ...{ id, provider, tenant, browser, purpose, account },
    secrets: read('flow', row.sealed) as FlowSecrets,
    result: result === null ? undefined : (read('result', result) as Arrival),
  };
}

interface FlowDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
}

async function begin({ segment, vault, clock }: FlowDeps, flow: NewFlow): Promise<string> {
  const id = newId();
  const state = random();
  const keys = await vault(flow.tenant);
  const key = await platformKey(keys);
  const sealed = keys.seal(key, binding(id, 'flow'), Buffer.from(JSON.stringify(flow.secrets)));
  const now = clock.now();
  const { provider, tenant, browser, purpose, account } = flow;
  const values = [id, digest(state), provider, tenant, browser, purpose, account, key.id, sealed];
  await segment.transaction(platform, async (connection) => {
    await connection.query(statements.clear, [browser]);
    await connection.query(statements.insert, [...values, new Date(now), new Date(now + flow_ms)]);
  });
  return state;
}

async function keep({ segment, vault, clock }: FlowDeps, flow: Flow, result: Arrival, once: Once) {
  const handle = random();
  const keys = await vault(flow.tenant);
  const sealed = keys.seal(await platformKey(keys), binding(flow.id, 'result'), Buffer.from(JSON.stringify(result)));
  const now = new Date(clock.now());
  const kept = await segment.transaction(platform, async (connection) => {
    const seen = [flow.provider, flow.tenant, digest(once.id), new Date(once.until)];
    if ((await connection.query(statements.seen, seen)).length === 0) return false;
    return (await connection.query(statements.use, [flow.id, now, digest(handle), sealed])).length > 0;
  });
  return kept ? handle : undefined;
}

export function createFlows(deps: FlowDeps): Flows {
  const { segment, vault, clock } = deps;
  const now = (): Date => new Date(clock.now());
  return {
    begin: (flow) => begin(deps, flow),
    async find(provider, state) {
      if (!secretForm.test(state)) return undefined;
      const [row] = await segment.query<Row>(platform, statements.find, [digest(state), provider, now()]);
      return row === undefined ? undefined : opened(await vault(row.tenant), row);
    },
    use: async ({ id }) => (await segment.query(platform, statements.use, [id, now(), null, null])).length > 0,
    keep: (flow, result, once) => keep(deps, flow, result, once),
    async fetch(provider, handle, browsers) {
      if (!secretForm.test(handle)) return undefined;
      const values = [digest(handle), provider, browsers, now()];
      const [row] = await segment.query<Row>(platform, statements.fetch, values);
      return row === undefined ? undefined : opened(await vault(row.tenant), row);
    },
    seen: async (provider, id) =>
      (await segment.query(platform, statements.wasSeen, [provider, digest(id), now()])).length > 0,
    async remember(provider, tenant, { id, until }) {
      await segment.query(platform, statements.seen, [provider, tenant, digest(id), new Date(until)]);
    },
  };
}
