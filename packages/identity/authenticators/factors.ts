import type { AuthenticatorDeps } from './deps.ts';
import { passkeyPlace } from './passkey-verify.ts';
import { openFrom, type SealedRow } from './sealed.ts';
import { totpPlace } from './totp.ts';
import type { Factor } from './types.ts';

const select = {
  name: 'identity.factor.list',
  text: `select id, kind, key_id, sealed, created_at, last_used_at from identity.factor
    where account = $1 and tenant = $2 and confirmed_at is not null and ended_at is null order by created_at, id`,
};
const selectCodes = {
  name: 'identity.recovery_code.list',
  text: `select set_id, min(created_at) as created_at, max(used_at) as used_at,
      count(*) filter (where used_at is null) as unused
    from identity.recovery_code where account = $1 and tenant = $2 group by set_id`,
};
const second = {
  name: 'identity.factor.has-second',
  text: 'select 1 as one from identity.factor where account = $1 and tenant = $2 and confirmed_at is not null limit 1',
};

type FactorRow = SealedRow & {
  id: string;
  kind: 'totp' | 'passkey';
  created_at: Date;
  last_used_at: Date | null;
  [column: string]: unknown;
};
type CodesRow = { set_id: string; created_at: Date; used_at: Date | null; unused: number };

export async function listFactors(
  { segment, vault }: AuthenticatorDeps,
  tenant: number,
  account: string,
): Promise<Factor[]> {
  const [rows, sets, keys] = await Promise.all([
    segment.query<FactorRow>(tenant, select, [account, tenant]),
    segment.query<CodesRow>(tenant, selectCodes, [account, tenant]),
    vault(tenant),
  ]);
  const seconds = rows.map(async ({ id, kind, created_at, last_used_at, ...row }) => {
    const place = kind === 'totp' ? totpPlace(id) : passkeyPlace(id);
    const { label } = await openFrom<{ label: string }>(keys, place, row);
    return { id, kind, label, created_at: created_at.getTime(), last_used_at: last_used_at?.getTime() ?? null };
  });
  const codes = sets.map(({ set_id, created_at, used_at, unused }): Factor => {
    const times = { created_at: created_at.getTime(), last_used_at: used_at?.getTime() ?? null };
    return { id: set_id, kind: 'recovery-codes', label: String(unused), ...times };
  });
  return [...(await Promise.all(seconds)), ...codes];
}

/** Ended passkeys count: see `Authenticators.hasSecond`. */
export const hasSecond = async ({ segment }: AuthenticatorDeps, tenant: number, account: string): Promise<boolean> =>
  (await segment.query(tenant, second, [account, tenant])).length > 0;
