import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { holdAccount } from './hold.ts';
import { dropAll, dropCodes } from './remove.ts';
import type { Enrolment, PreparedCodes, PreparedFactor, PreparedPassword } from './types.ts';

const putPassword = {
  name: 'identity.password.put',
  text: `insert into identity.password (account, tenant, key_id, version, sealed, changed_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (account) do update set key_id = excluded.key_id, version = excluded.version,
      sealed = excluded.sealed, changed_at = excluded.changed_at`,
};
const insertFactor = {
  name: 'identity.factor.insert',
  text: `insert into identity.factor
      (id, account, tenant, kind, key_id, sealed, last_step, credential, counter, created_at, confirmed_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict do nothing returning id`,
};
const insertCodes = {
  name: 'identity.recovery_code.insert',
  text: `insert into identity.recovery_code (account, tenant, set_id, position, key_id, sealed, created_at)
    select $1, $2, $3, each.place - 1, $4, each.sealed, $6
    from unnest($5::bytea[]) with ordinality as each (sealed, place)`,
};
const count = {
  name: 'identity.factor.count',
  text: 'select count(*) as count from identity.factor where account = $1 and tenant = $2 and confirmed_at is not null',
};

/** Each TOTP of an account is a guess more that a code may be right: and nobody has so many. */
const mostFactors = 20;

/** Fault `conflict` when the account has as many as it may have. Who asks holds the account. */
export async function roomForFactor(connection: Connection, tenant: number, account: string): Promise<void> {
  const [row] = await connection.query<{ count: number }>(count, [account, tenant]);
  if ((row?.count ?? 0) >= mostFactors) throw fault('conflict', `An account has ${mostFactors} factors at most.`);
}

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

async function writePassword(connection: Connection, password: PreparedPassword, at: Date): Promise<void> {
  const { account, tenant, key_id, version, sealed } = password;
  await connection.query(putPassword, [account, tenant, key_id, version, bytes(sealed), at]);
}

async function writeFactor(connection: Connection, factor: PreparedFactor, at: Date): Promise<void> {
  const { id, account, tenant, kind, key_id, sealed, last_step, credential, counter } = factor;
  await roomForFactor(connection, tenant, account);
  const known = credential === null ? null : bytes(credential);
  const values = [id, account, tenant, kind, key_id, bytes(sealed), last_step, known, counter, at];
  const made = await connection.query(insertFactor, values);
  if (made.length === 0) throw fault('conflict', 'The factor is registered already.');
}

async function writeCodes(connection: Connection, codes: PreparedCodes, at: Date): Promise<void> {
  const { account, tenant, id, key_id, sealed } = codes;
  await connection.query(dropCodes, [account, tenant]);
  await connection.query(insertCodes, [account, tenant, id, key_id, sealed.map(bytes), at]);
}

/** Writes what a flow set up, as the platform, in the transaction of the caller. Fault `missing`, `conflict`. */
export async function enrol(
  connection: Connection,
  tenant: number,
  account: string,
  { anew = false, password, factors = [], codes }: Enrolment,
  at: Date,
): Promise<void> {
  for (const part of [password, codes, ...factors]) {
    if (part === undefined || (part.tenant === tenant && part.account === account)) continue;
    throw fault('internal', 'What was prepared is not for this account.');
  }
  await holdAccount(connection, tenant, account);
  if (anew) await dropAll(connection, tenant, account);
  if (password !== undefined) await writePassword(connection, password, at);
  for (const factor of factors) await writeFactor(connection, factor, at);
  if (codes !== undefined) await writeCodes(connection, codes, at);
}
