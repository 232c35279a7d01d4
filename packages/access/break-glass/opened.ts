import type { Connection } from '@safeguard/store';
import type { GrantDeps } from '../grants/deps.ts';
import type { Grant } from '../grants/types.ts';
import { accountsWith } from '../requests/approvers.ts';
import { afterWorkingDays } from './working-days.ts';

/** Who looks at each use afterwards. */
export const officerRoles: readonly string[] = ['security-officer', 'privacy-officer'];
/** 45 CFR 164.308(a)(1)(ii)(D): within this time somebody looks at it. */
const usual_days = 2;

const insert = {
  name: 'access.break_glass.make',
  text: 'insert into access.break_glass (grant_id, tenant, account, review_by) values ($1, $2, $3, $4)',
};

/**
 * Notes the use and tells the officers (`otherwise`: whom a tenant without any has), in the transaction that makes the
 * grant: none is opened unseen.
 */
export async function openedWithin(
  { notices, limits }: Pick<GrantDeps, 'notices' | 'limits'>,
  connection: Connection,
  { id, tenant, account }: Grant,
  at: number,
  otherwise: readonly string[] = [],
): Promise<void> {
  await connection.query(insert, [
    id,
    tenant,
    account,
    new Date(afterWorkingDays(at, limits?.break_glass_review_days ?? usual_days)),
  ]);
  const told = (await accountsWith(connection, tenant, officerRoles, at)).filter((one) => one !== account);
  const to = told.length > 0 ? told : otherwise.filter((one) => one !== account);
  await notices.tell(connection, { tenant, kind: 'break-glass-opened', to, about: id, at });
}
