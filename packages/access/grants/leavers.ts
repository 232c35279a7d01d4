import type { GrantDeps } from './deps.ts';
import { endAllWithin } from './end.ts';

const holders = {
  name: 'access.grant.holders-of-anything',
  text: `select distinct h.account from access.holder h where h.tenant = $1 and h.left_at is null`,
};
const atOnce = 500;

/** Ends what those hold whose account was terminated while nobody could be told. */
export async function settleLeavers(
  { segment, clock, people }: Pick<GrantDeps, 'segment' | 'clock' | 'people'>,
  tenant: number,
): Promise<number> {
  const rows = await segment.query<{ account: string }>(tenant, holders, [tenant]);
  let count = 0;
  for (let from = 0; from < rows.length; from += atOnce) {
    const ids = rows.slice(from, from + atOnce).map(({ account }) => account);
    for (const { id, state } of await people.byIds(tenant, ids)) {
      if (state !== 'terminated') continue;
      const ending = { at: clock.now(), by: 'service', why: 'account terminated' } as const;
      count += await segment.transaction(tenant, (connection) => endAllWithin(connection, tenant, id, ending));
    }
  }
  return count;
}
