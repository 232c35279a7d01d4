import { fault, isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Notice, NoticeFilter, NoticeKind } from './types.ts';
import { pathOf, sentenceOf } from './words.ts';

const list = {
  name: 'access.notice.list',
  text: `select n.id, n.tenant, n.kind, n.account, n.about, n.made_at, n.sent_at, n.read_at from access.notice n
    where n.tenant = $1 and n.account = $2 and (not $3 or n.read_at is null)
      and ($4::uuid is null
        or n.number < (select b.number from access.notice b where b.tenant = $1 and b.account = $2 and b.id = $4))
    order by n.number desc limit $5`,
};
const markRead = {
  name: 'access.notice.mark-read',
  text: `update access.notice set read_at = coalesce(read_at, $4) where tenant = $1 and account = $2 and id = $3
    returning id`,
};

type NoticeRow = {
  id: string;
  tenant: number;
  kind: NoticeKind;
  account: string;
  about: string;
  made_at: Date;
  sent_at: Date | null;
  read_at: Date | null;
};

function asNotice({ id, tenant, kind, account, about, made_at, sent_at, read_at }: NoticeRow): Notice {
  return {
    ...{ id, tenant, kind, account, about, at: made_at.getTime() },
    ...{ text: sentenceOf(kind), path: pathOf(kind, about) },
    ...(sent_at === null ? {} : { sent_at: sent_at.getTime() }),
    ...(read_at === null ? {} : { read_at: read_at.getTime() }),
  };
}

const page_most = 100;

/** What was told one account; nobody sees another's. */
export const createInbox = (segment: Segment, now: () => number) => ({
  async list(tenant: number, account: string, wanted: NoticeFilter = {}): Promise<Notice[]> {
    const { unread = false, after, count = page_most } = wanted;
    if (!isUuid(account) || (after !== undefined && !isUuid(after))) return [];
    const most = Math.max(1, Math.min(count, page_most));
    const rows = await segment.query<NoticeRow>(tenant, list, [tenant, account, unread, after ?? null, most]);
    return rows.map(asNotice);
  },
  async read(tenant: number, account: string, id: string): Promise<void> {
    const found = isUuid(id) && isUuid(account);
    const rows = found ? await segment.query(tenant, markRead, [tenant, account, id, new Date(now())]) : [];
    if (rows.length === 0) throw fault('missing', 'There is no such notice.');
  },
});
