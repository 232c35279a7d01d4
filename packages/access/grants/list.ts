import { fault, isUuid } from '@safeguard/kernel';
import type { GrantDeps } from './deps.ts';
import { asGrant, type GrantRow, grantColumns, inForce } from './rows.ts';
import type { Grant, GrantFilter } from './types.ts';

const selectOne = {
  name: 'access.grant.by-id',
  text: `select ${grantColumns} from access.grant g where g.tenant = $1 and g.id = $2`,
};
const select = {
  name: 'access.grant.list',
  text: `select ${grantColumns} from access.grant g where g.tenant = $1 and ($3 or (${inForce}))
      and ($4::uuid is null or g.account = $4) and ($5::text is null or g.role = $5)
      and ($6::uuid is null or g.number > (select number from access.grant where tenant = $1 and id = $6))
    order by g.number limit $7`,
};
export const usual = 50;
export const most = 200;

/** How many a page has. Fault `invalid`. */
export function pageOf({ after, count = usual }: { readonly after?: string; readonly count?: number }) {
  if (after !== undefined && !isUuid(after)) throw fault('invalid', 'A page begins after an id.');
  if (!Number.isSafeInteger(count) || count < 1) throw fault('invalid', `A page has 1 to ${most} entries.`);
  return { after: after ?? null, count: Math.min(count, most) };
}

/** No account has this id: what is asked for nobody is found for nobody. */
const nobody = '00000000-0000-0000-0000-000000000000';
export const idOrNobody = (id: string | undefined): string | null =>
  id === undefined ? null : isUuid(id) ? id : nobody;

export async function grantById({ segment }: Pick<GrantDeps, 'segment'>, tenant: number, id: string) {
  if (!isUuid(id)) return undefined;
  const [row] = await segment.query<GrantRow>(tenant, selectOne, [tenant, id]);
  return row === undefined ? undefined : asGrant(row);
}

/** In the order of making. */
export async function listGrants(
  { segment, clock }: Pick<GrantDeps, 'segment' | 'clock'>,
  tenant: number,
  wanted: GrantFilter = {},
): Promise<Grant[]> {
  const { after, count } = pageOf(wanted);
  const { account, role, all = false } = wanted;
  const values = [tenant, new Date(clock.now()), all, idOrNobody(account), role ?? null, after, count];
  return (await segment.query<GrantRow>(tenant, select, values)).map(asGrant);
}
