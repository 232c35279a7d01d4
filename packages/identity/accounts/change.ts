import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { platform } from '../tenants.ts';
import { lockAccount } from './administrators.ts';
import { loginToken, openAccounts, sealPersonal } from './body.ts';
import { type CheckedAccount, checkAccount } from './check.ts';
import { claimLogin, writePatients } from './create.ts';
import type { AccountDeps } from './deps.ts';
import { endAccess } from './end-access.ts';
import { accountRow, noAccount } from './find.ts';
import type { Account, AccountChanges, NewAccount } from './types.ts';
import { type Actor, type OnWayIn, tellWayIn } from './way-in.ts';

const update = {
  name: 'identity.account.change',
  text: `update identity.account set login_token = $3, key_id = $4, version = $5, sealed = $6, scopes = $7, roles = $8,
      fhir_user = $9, external = $10 where id = $1 and tenant = $2`,
};
const dropPatients = {
  name: 'identity.account_patient.drop',
  text: 'delete from identity.account_patient where account = $1 and tenant = $2',
};

/** Lost only to another change of the same account in the same milliseconds. */
const attempts = 5;

interface Change {
  readonly before: Account;
  readonly after: CheckedAccount;
  /** The version that was read; what is written is the next one. */
  readonly version: number;
  readonly login_token: string;
  readonly key_id: number;
  readonly sealed: Buffer;
  readonly at: Date;
  readonly by: Actor | undefined;
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text) => other.includes(text));

/** What a session or a token was made within has changed: what was made before must not stay. */
const rightsChanged = ({ before, after }: Change): boolean =>
  before.external !== after.external ||
  !(['scopes', 'roles', 'patients'] as const).every((field) => same(before[field], after[field]));

const stepsDown = ({ before, after }: Change): boolean =>
  before.roles.length > after.roles.length || (after.external && !before.external);

async function write(
  onWayIn: OnWayIn | undefined,
  connection: Connection,
  change: Change,
): Promise<'changed' | 'held' | 'stale'> {
  const { before, after, version, login_token, key_id, sealed, at, by } = change;
  const { id, tenant } = before;
  const { account, mustNotBeLast } = await lockAccount(connection, tenant, id);
  if (account.version !== version) return 'stale';
  if (account.state === 'terminated') throw ended();
  if (stepsDown(change)) mustNotBeLast();
  await claimLogin(connection, tenant, login_token, id);
  const { scopes, roles, fhir_user, external } = after;
  const rights = [scopes, roles, fhir_user, external];
  await connection.query(update, [id, tenant, login_token, key_id, version + 1, sealed, ...rights]);
  const way = { tenant, cause: 'login', about: id, by, at, into: before.login === after.login ? [] : [id] } as const;
  const done = (await tellWayIn(connection, onWayIn, way)) ? 'held' : 'changed';
  if (!rightsChanged(change)) return done;
  await connection.query(dropPatients, [id, tenant]);
  await writePatients(connection, { id, tenant, patients: after.patients });
  await endAccess(connection, tenant, id, at);
  return done;
}

export const ended = () => fault('conflict', 'The account was terminated.');

const has = (value: unknown): boolean => value !== undefined;

function merged(before: Account, changes: AccountChanges): NewAccount {
  const fields = ['name', 'login', 'scopes', 'roles', 'patients', 'external'] as const;
  const given = Object.fromEntries(fields.flatMap((field) => (has(changes[field]) ? [[field, changes[field]]] : [])));
  const { fhir_user: was, ...rest } = before;
  const fhir_user = has(changes.fhir_user) ? changes.fhir_user : was;
  return { ...rest, ...given, ...(typeof fhir_user === 'string' ? { fhir_user } : {}) };
}

type Asked = readonly [tenant: number, id: string, changes: AccountChanges, by?: Actor];

async function prepareChange(deps: AccountDeps, ...[tenant, id, changes, by]: Asked): Promise<Change> {
  const row = await accountRow(deps, tenant, id);
  const vault = await deps.vault(tenant);
  const [before] = await openAccounts(vault, [row]);
  if (before === undefined) throw noAccount();
  if (before.state === 'terminated') throw ended();
  const after = checkAccount(merged(before, changes), deps.scopes);
  const { key_id, sealed } = await sealPersonal(vault, id, row.version + 1, after);
  const login_token = loginToken(vault, after.login);
  return { before, after, version: row.version, login_token, key_id, sealed, at: new Date(deps.clock.now()), by };
}

/** Changes what is named and keeps the rest. Answers whether sessions and tokens ended. */
export async function changeAccount(
  deps: AccountDeps,
  held: (() => void) | undefined,
  ...asked: Asked
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const change = await prepareChange(deps, ...asked);
    const done = await deps.segment.transaction(platform, (connection) => write(deps.onWayIn, connection, change));
    if (done === 'held') held?.();
    if (done !== 'stale') return rightsChanged(change);
  }
  throw fault('unavailable', 'The account is being changed by others; try again.', { retry_after_s: 1 });
}
