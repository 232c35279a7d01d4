import type { GrantDeps } from '../grants/deps.ts';
import { asGrant, type GrantRow, grantColumns } from '../grants/rows.ts';
import type { BreakGlassUse } from '../grants/types.ts';
import { openReasons } from '../requests/reasons.ts';
import { requestPurpose } from '../requests/rows.ts';

export type UseRow = GrantRow & {
  review_by: Date;
  reviewed_by: string | null;
  reviewed_at: Date | null;
  verdict: 'justified' | 'unjustified' | null;
  key_id: number | null;
  sealed: Buffer | null;
  asked_key: number;
  asked_sealed: Buffer;
};

/** Of `access.break_glass b`, its grant and the request of that. */
export const useColumns = `${grantColumns}, b.review_by, b.reviewed_by, b.reviewed_at, b.verdict, b.key_id, b.sealed,
  r.key_id as asked_key, r.sealed as asked_sealed`;
export const useTables = `access.break_glass b join access.grant g on g.id = b.grant_id and g.tenant = b.tenant
  join access.request r on r.id = g.request and r.tenant = b.tenant`;
export const reviewPurpose = 'break-glass review';

function reviewOf({ reviewed_by, reviewed_at, verdict }: UseRow, reason: string): Pick<BreakGlassUse, 'reviewed'> {
  if (reviewed_by === null || reviewed_at === null || verdict === null) return {};
  return { reviewed: { by: reviewed_by, at: reviewed_at.getTime(), verdict, reason } };
}

export async function asUses(
  { vault }: Pick<GrantDeps, 'vault'>,
  tenant: number,
  rows: readonly UseRow[],
): Promise<BreakGlassUse[]> {
  if (rows.length === 0) return [];
  const open = await vault(tenant);
  const asked = rows.map(({ request: of, asked_key: key_id, asked_sealed: sealed }) => ({
    ...{ of, key_id, sealed, purpose: requestPurpose },
  }));
  const said = rows.flatMap(({ id: of, key_id, sealed }) =>
    key_id === null || sealed === null ? [] : [{ of, key_id, sealed, purpose: reviewPurpose }],
  );
  const opened = await openReasons(open, [...asked, ...said]);
  const reviews = new Map(said.map(({ of }, index) => [of, opened[asked.length + index] ?? '']));
  return rows.map((row, index) => ({
    grant: asGrant(row),
    reason: opened[index] ?? '',
    review_by: row.review_by.getTime(),
    ...reviewOf(row, reviews.get(row.id) ?? ''),
  }));
}
