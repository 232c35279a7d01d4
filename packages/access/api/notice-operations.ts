import { component, linkOf, type Operation, operation, pageOf, pageSchema, present, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { type Notice, type NoticeFilter, noticeKinds } from '../notices/types.ts';
import { accessPage, iso, isoOr } from './fields.ts';
import type { AccessApiDeps } from './ports.ts';

const notice = component(
  'Notice',
  z.strictObject({
    id: uuid,
    kind: z.enum(noticeKinds),
    text: z.string().describe('One fixed sentence: nothing of a patient, no name, no reason.'),
    path: z.string().describe('The page about it.'),
    about: z.string().describe('The id or number of what it is about.'),
    at: time,
    sent_at: time.nullable().describe('When a mail server took it.'),
    read_at: time.nullable(),
  }),
);
const noticePage = pageSchema('NoticePage', notice);
const query = accessPage.extend({
  count: z.coerce.number().int().min(1).max(99).default(50).describe('How many at most.'),
  unread: z.stringbool().default(false).describe('True: only what was not read yet.'),
});

const view = ({ id, kind, text, path, about, at, sent_at, read_at }: Notice): z.output<typeof notice> => ({
  ...{ id, kind, text, path, about },
  at: iso(at),
  sent_at: isoOr(sent_at),
  read_at: isoOr(read_at),
});

const common = { type: 'Notice', scope: 'safeguard/access' } as const;

/** What one was told oneself: nobody looks at another's. */
export const noticeOperations = ({ notices }: Pick<AccessApiDeps, 'notices'>): Operation[] => [
  operation({
    ...common,
    method: 'GET',
    path: '/access/notices',
    action: 'notice-list',
    summary: 'Lists what you were told, newest first',
    query,
    status: 200,
    answer: noticePage,
    async handle({ principal: { tenant, id }, query: { count, ...rest }, context }) {
      const wanted = { ...present(rest), count: count + 1 } as NoticeFilter;
      const page = pageOf(await notices.list(tenant, id, wanted), count);
      return { status: 200, body: { items: page.items.map(view), next: page.next }, headers: linkOf(context, page) };
    },
  }),
  operation({
    ...common,
    method: 'POST',
    path: '/access/notices/:id/read',
    params: { id: 'Notice' },
    action: 'notice-read',
    summary: 'Marks a notice as read',
    status: 204,
    async handle({ principal, params: { id = '' } }) {
      await notices.read(principal.tenant, principal.id, id);
      return { status: 204 };
    },
  }),
];
