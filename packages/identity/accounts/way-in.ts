import type { Connection } from '@safeguard/store';
import type { AccountKind } from './types.ts';

/** Who does something: what of a principal says so. `client`: the app that acts for a person. */
export interface Actor {
  readonly kind: 'user' | 'client' | 'operator' | 'anonymous';
  readonly id: string;
  readonly client?: string;
}

/**
 * By what somebody else than the person could sign in from now on. `directory`: by which name of its own a directory
 * knows the person. `provider`: by what a provider of single sign-on is believed.
 */
export type WayInCause =
  | 'recovery-link'
  | 'recovery-used'
  | 'invitation'
  | 'invitation-used'
  | 'login'
  | 'identity'
  | 'directory'
  | 'provider';

/** A way into accounts, told in the transaction (as the platform) that opens it. */
export interface WayIn {
  readonly tenant: number;
  readonly cause: WayInCause;
  /** UUID of the link, the provider or the account that it was done with. */
  readonly about: string;
  /** Undefined: nobody said. */
  readonly by: Actor | undefined;
  readonly accounts: readonly { readonly id: string; readonly kind: AccountKind; readonly administrator: boolean }[];
  /** Ids of the tenant's active administrators. */
  readonly administrators: readonly string[];
  readonly at: Date;
}

/**
 * What others do about it, in the same transaction: it takes no other connection. Answers the ids of what is on hold.
 */
export type OnWayIn = (connection: Connection, way: WayIn) => Promise<readonly string[]>;

const columns = `id, kind, roles <> '{}' as administrator from identity.account
  where tenant = $1 and id = any ($2::uuid[]) order by id`;
/** Locked: what the account is stays so until the way stands. */
const select = { name: 'identity.account.way-in', text: `select ${columns} for update` };
/** Who holds a provider waits for no account: a sign-in that is being finished holds them the other way round. */
const selectMany = { name: 'identity.account.ways-in', text: `select ${columns}` };
const selectAdministrators = {
  name: 'identity.account.administrators',
  text: `select id from identity.account where tenant = $1 and state = 'active' and roles <> '{}' order by id`,
};

type Row = { id: string; kind: AccountKind; administrator: boolean };

export interface Opened extends Pick<WayIn, 'tenant' | 'cause' | 'about' | 'by' | 'at'> {
  /** Ids of the accounts. */
  readonly into: readonly string[];
}

/** Tells whoever holds rights back. Answers whether anything is on hold by it. */
export async function tellWayIn(
  connection: Connection,
  onWayIn: OnWayIn | undefined,
  { into, ...way }: Opened,
): Promise<boolean> {
  if (onWayIn === undefined || into.length === 0) return false;
  const statement = way.cause === 'provider' ? selectMany : select;
  const accounts = await connection.query<Row>(statement, [way.tenant, into]);
  const rows = await connection.query<{ id: string }>(selectAdministrators, [way.tenant]);
  return (await onWayIn(connection, { ...way, accounts, administrators: rows.map(({ id }) => id) })).length > 0;
}
