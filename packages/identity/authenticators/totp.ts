import { isUuid, newId } from '@safeguard/kernel';
import { platform } from '../tenants.ts';
import type { AuthenticatorDeps } from './deps.ts';
import { roomForFactor } from './enrol.ts';
import { holdAccount } from './hold.ts';
import { labelOf } from './label.ts';
import { openFrom, type SealedPlace, type SealedRow, sealFor } from './sealed.ts';
import { newTotpSecret, stepOfCode, totpUri } from './totp-code.ts';
import type { Prepare, PreparedFactor, Totp } from './types.ts';

const pendingLife_ms = 15 * 60_000;

const dropPending = {
  name: 'identity.factor.drop-pending',
  text: 'delete from identity.factor where account = $1 and tenant = $2 and confirmed_at is null',
};
const insertPending = {
  name: 'identity.factor.insert-pending',
  text: `insert into identity.factor (id, account, tenant, kind, key_id, sealed, last_step, created_at)
    values ($1, $2, $3, 'totp', $4, $5, 0, $6)`,
};
const selectPending = {
  name: 'identity.factor.pending',
  text: `select id, key_id, sealed, last_step from identity.factor
    where id = $1 and account = $2 and tenant = $3 and confirmed_at is null and created_at > $4`,
};
const confirm = {
  name: 'identity.factor.confirm',
  text: `update identity.factor set confirmed_at = $4, last_step = $5, key_id = $6, sealed = $7
    where id = $1 and account = $2 and tenant = $3 and confirmed_at is null returning id`,
};
const selectConfirmed = {
  name: 'identity.factor.totp',
  text: `select f.id, f.key_id, f.sealed, f.last_step from identity.factor f join identity.account a on a.id = f.account
    where f.account = $1 and f.tenant = $2 and f.kind = 'totp' and f.confirmed_at is not null and f.ended_at is null
      and a.state = 'active'`,
};
/** One statement decides who was first, whichever process they came to. */
const take = {
  name: 'identity.factor.take-step',
  text: `update identity.factor set last_step = $3, last_used_at = $4
    where id = $1 and tenant = $2 and last_step < $3 and confirmed_at is not null returning id`,
};

type TotpRow = SealedRow & { id: string; last_step: number; [column: string]: unknown };

export const totpPlace = (id: string): SealedPlace => ({ resource: id, version: 1, purpose: 'totp' });

/** What of a TOTP is sealed. `secret` in base32. */
type TotpBody = { readonly secret: string; readonly label: string };

const usualLabel = 'Authenticator app';

export const beginTotp: Prepare['totp'] = (login) => {
  const secret = newTotpSecret();
  return { id: newId(), secret, uri: totpUri(secret, login) };
};

/** What `enrol` writes, once the person typed a code of the secret that they were shown. */
export async function prepareTotp(
  { vault, clock }: AuthenticatorDeps,
  ...[tenant, account, { id, secret }, code, label]: Parameters<Prepare['confirmTotp']>
): Promise<PreparedFactor | undefined> {
  const body: TotpBody = { secret, label: labelOf(label, usualLabel) };
  const last_step = stepOfCode(secret, code, clock.now());
  if (last_step === undefined) return undefined;
  const { key_id, sealed } = await sealFor(await vault(tenant), account, totpPlace(id), body);
  const nothing = { credential: null, counter: null };
  return { tenant, account, id, kind: 'totp', key_id, sealed: sealed.toString('base64'), last_step, ...nothing };
}

export function createTotp(deps: AuthenticatorDeps): Totp {
  const { segment, vault, clock } = deps;
  const now = (): Date => new Date(clock.now());
  return {
    async begin(tenant, account, login) {
      const begun = beginTotp(login);
      const body: TotpBody = { secret: begun.secret, label: usualLabel };
      const { key_id, sealed } = await sealFor(await vault(tenant), account, totpPlace(begun.id), body);
      await segment.transaction(platform, async (connection) => {
        await holdAccount(connection, tenant, account);
        await roomForFactor(connection, tenant, account);
        await connection.query(dropPending, [account, tenant]);
        await connection.query(insertPending, [begun.id, account, tenant, key_id, sealed, now()]);
      });
      return begun;
    },
    async confirm(tenant, account, id, code, label) {
      if (!isUuid(id)) return false;
      const since = new Date(clock.now() - pendingLife_ms);
      const [row] = await segment.query<TotpRow>(tenant, selectPending, [id, account, tenant, since]);
      if (row === undefined) return false;
      const { secret } = await openFrom<TotpBody>(await vault(tenant), totpPlace(id), row);
      const made = await prepareTotp(deps, tenant, account, { id, secret }, code, label);
      if (made === undefined) return false;
      const values = [id, account, tenant, now(), made.last_step, made.key_id, Buffer.from(made.sealed, 'base64')];
      return (await segment.query(tenant, confirm, values)).length > 0;
    },
    async verify(tenant, account, code) {
      const rows = await segment.query<TotpRow>(tenant, selectConfirmed, [account, tenant]);
      const keys = await vault(tenant);
      for (const row of rows) {
        const { secret } = await openFrom<TotpBody>(keys, totpPlace(row.id), row);
        const step = stepOfCode(secret, code, clock.now(), row.last_step);
        if (step === undefined) continue;
        if ((await segment.query(tenant, take, [row.id, tenant, step, now()])).length > 0) return true;
      }
      return false;
    },
  };
}
