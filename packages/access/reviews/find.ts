import { isUuid } from '@safeguard/kernel';
import { openReasons } from '../requests/reasons.ts';
import { verdictPurpose } from './decide.ts';
import type { ReviewDeps } from './deps.ts';
import { asItem, asReview, type ItemRow, type ReviewRow, reviewColumns } from './rows.ts';
import type { Review, ReviewItem, ReviewItemFilter } from './types.ts';

const list = {
  name: 'access.review.list',
  text: `select ${reviewColumns} from access.review r where r.tenant = $1 order by r.started_at desc limit 100`,
};
const one = {
  name: 'access.review.read',
  text: `select ${reviewColumns} from access.review r where r.tenant = $1 and r.id = $2`,
};
/** `$4`: a state; null: any. What has lapsed is read off the clock. */
const items = {
  name: 'access.review_item.list',
  text: `select i.id, i.review, i.grant_id, i.account, i.role, g.from_at,
      coalesce(g.approved_until, g.until_at) as until_at, r.due_at, i.used_at,
      i.recommendation, i.because, i.verdict, i.decided_by, i.decided_at, i.key_id, i.sealed
    from access.review_item i join access.review r on r.id = i.review
      join access.grant g on g.id = i.grant_id and g.tenant = i.tenant
    where i.tenant = $1 and i.review = $2 and ($3::uuid is null or i.id > $3)
      and ($4::text is null or $4 = case i.verdict when 'keep' then 'kept' when 'revoke' then 'revoked'
        else case when r.due_at > $5 then 'undecided' else 'lapsed' end end)
    order by i.id limit $6`,
};

const page = 100;
const page_most = 1_000;

export function createFind({ segment, vault, clock }: ReviewDeps) {
  return {
    async list(tenant: number): Promise<Review[]> {
      const rows = await segment.query<ReviewRow>(tenant, list, [tenant]);
      return rows.map((row) => asReview(row, clock.now()));
    },
    async byId(tenant: number, id: string): Promise<Review | undefined> {
      const [row] = isUuid(id) ? await segment.query<ReviewRow>(tenant, one, [tenant, id]) : [];
      return row && asReview(row, clock.now());
    },
    async items(tenant: number, review: string, wanted: ReviewItemFilter = {}): Promise<ReviewItem[]> {
      const { state = null, after = null, count = page } = wanted;
      if (!isUuid(review) || (after !== null && !isUuid(after))) return [];
      const at = clock.now();
      const most = Math.max(1, Math.min(count, page_most));
      const values = [tenant, review, after, state, new Date(at), most];
      const rows = await segment.query<ItemRow>(tenant, items, values);
      const sealed = rows.flatMap(({ id, key_id, sealed: bytes }) =>
        key_id === null || bytes === null ? [] : [{ id, key_id, sealed: bytes, of: review, purpose: verdictPurpose }],
      );
      const texts = await openReasons(await vault(tenant), sealed);
      const reasons = new Map(sealed.map(({ id }, index) => [id, texts[index]]));
      return rows.map((row) => asItem(row, reasons.get(row.id), at));
    },
  };
}
