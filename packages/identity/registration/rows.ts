import { fault } from '@safeguard/kernel';
import { type Binding, noOwner, type Vault } from '@safeguard/seal';
import type { Connection } from '@safeguard/store';
import type { ClientState, PublicKeys } from '../types.ts';
import { rightsOf } from './content.ts';
import type { About, Application, ApplicationState, Content, Fields, Source } from './types.ts';

export type ApplicationRow = {
  id: string;
  tenant: number;
  source: Source;
  requester: string | null;
  state: ApplicationState;
  proposed: number;
  current: number | null;
  created_at: Date;
  changed_at: Date;
  client_state: ClientState;
  /** In force. */
  granted: string[];
  jwks: PublicKeys | null;
  content: Content;
  key_id: number;
  sealed: Buffer;
};

/** Of `identity.application a`, its client `c` and its proposed revision `r`. */
const columns = `a.id, a.tenant, a.source, a.requester, a.state, a.proposed, a.current, a.created_at, a.changed_at,
  c.state as client_state, c.scopes as granted, c.jwks, r.content, r.key_id, r.sealed`;
const tables = `identity.application a join identity.client c on c.id = a.id
  join identity.application_revision r on r.application = a.id and r.number = a.proposed`;

export const selectOne = {
  name: 'identity.application.by-id',
  text: `select ${columns} from ${tables} where a.tenant = $1 and a.id = $2`,
};
/** Whoever changes an application waits here for whoever else does. */
export const lockOne = {
  name: 'identity.application.lock',
  text: `select ${columns} from ${tables} where a.tenant = $1 and a.id = $2 for update of a`,
};
export const selectAll = {
  name: 'identity.application.list',
  text: `select ${columns} from ${tables} where a.tenant = $1 and ($2::uuid is null or a.requester = $2)
    order by a.created_at, a.id limit 5000`,
};
const selectRevision = {
  name: 'identity.application.revision',
  text: `select content, key_id, sealed from identity.application_revision where application = $1 and number = $2`,
};
const insertRevision = {
  name: 'identity.application.revise',
  text: `insert into identity.application_revision (application, tenant, number, content, key_id, sealed, made_by,
      created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
};

export const missing = () => fault('missing', 'There is no such application.');

const binding = (resource: string, version: number) => ({ resource, version, purpose: 'application' });
/** A reason hangs on its application and on nothing else of it: its number is known only when it is written. */
const reasonBinding = (resource: string) => ({ resource, version: 0, purpose: 'application reason' });

export interface Sealed {
  readonly key_id: number;
  readonly sealed: Buffer;
}

/** Opens and seals without asking anything: the one way inside a transaction. */
export interface Sealer {
  seal(id: string, version: number, about: About): Sealed;
  open(id: string, version: number, from: Sealed): About;
  sealReason(id: string, reason: string): Sealed;
  openReason(id: string, from: Sealed): string;
}

/**
 * Under the tenant's own key, of which there is one: what is said here is of a publisher, not of a person of ours.
 * Fault `gone` for what stands under a key that was destroyed.
 */
export async function openSealer(vault: Vault): Promise<Sealer> {
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  if (key === undefined) throw fault('internal', 'The key of a tenant is missing.');
  const seal = (at: Binding, text: string): Sealed => ({
    key_id: key.id,
    sealed: vault.seal(key, at, Buffer.from(text)),
  });
  const open = (at: Binding, { key_id, sealed }: Sealed): string => {
    if (key_id !== key.id) throw fault('gone', 'What was said of the application is gone with its key.');
    return vault.open(key, at, sealed).toString('utf8');
  };
  return {
    seal: (id, version, about) => seal(binding(id, version), JSON.stringify(about)),
    open: (id, version, from) => JSON.parse(open(binding(id, version), from)) as About,
    sealReason: (id, reason) => seal(reasonBinding(id), reason),
    openReason: (id, from) => open(reasonBinding(id), from),
  };
}

export const fieldsOf = (sealer: Sealer, row: ApplicationRow): Fields => ({
  ...row.content,
  ...sealer.open(row.id, row.proposed, row),
});

/** The fields of an older revision: of the one in force. */
export async function fieldsAt(connection: Connection, sealer: Sealer, id: string, version: number): Promise<Fields> {
  const [row] = await connection.query<{ content: Content; key_id: number; sealed: Buffer }>(selectRevision, [
    id,
    version,
  ]);
  if (row === undefined) throw missing();
  return { ...row.content, ...sealer.open(id, version, row) };
}

/** Works, or worked: nothing was approved before. */
export const currentOf = (row: ApplicationRow): number | null => (row.client_state === 'approved' ? row.current : null);

export function asApplication(sealer: Sealer, row: ApplicationRow): Application {
  const { id, tenant, source, requester, state, proposed, created_at, changed_at, client_state, granted } = row;
  const current = currentOf(row);
  return {
    ...fieldsOf(sealer, row),
    ...{ id, tenant, source, requester },
    state: client_state === 'revoked' ? 'revoked' : state,
    version: proposed,
    in_force: current === null ? null : { version: current, scopes: rightsOf(granted) },
    created_at: created_at.getTime(),
    changed_at: changed_at.getTime(),
  };
}

export interface Revision {
  readonly id: string;
  readonly tenant: number;
  readonly number: number;
  readonly content: Content;
  readonly about: About;
  readonly made_by: string | null;
  readonly at: Date;
}

export async function revise(connection: Connection, sealer: Sealer, revision: Revision): Promise<void> {
  const { id, tenant, number, content, about, made_by, at } = revision;
  const { key_id, sealed } = sealer.seal(id, number, about);
  await connection.query(insertRevision, [id, tenant, number, JSON.stringify(content), key_id, sealed, made_by, at]);
}
