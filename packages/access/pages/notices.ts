import {
  type Answer,
  button,
  form,
  type Html,
  html,
  pageOf,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
} from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { noSuch } from '../api/reach.ts';
import type { Notice } from '../notices/types.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, idOf, ways } from './ways.ts';
import { further, rows, sheet } from './words.ts';

const path = '/access/notices';
const count = 50;

const noticeRow = ({ id, text, at, read_at }: Notice): Html => html`<li class="row"><div>
<h3>${text}${read_at === undefined && html` <span class="tag">New</span>`}</h3><p class="hint">${timeOf(at)}</p></div>
${form(`${path}/${id}/read`, button(html`Show<span class="unseen">: ${text}</span>`, 'quiet'))}</li>`;

async function list(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant, id } = context.principal;
  const after = context.query.get('after');
  const wanted = { count: count + 1, ...(after !== null && isUuid(after) ? { after } : {}) };
  const { items, next } = pageOf(await deps.notices.list(tenant, id, wanted), count);
  return deskPage(deps, context, {
    title: 'Notices',
    here: path,
    main: html`<h1>Notices</h1>
${sheet('notices', 'What you were told', rows(items.map(noticeRow), 'You were told nothing yet.'))}
${further(path, next)}`,
  });
}

/** Read, and on to what it is about. A notice of somebody else is none. */
async function read(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant, id: account } = context.principal;
  const id = idOf(context);
  const found = await noticeOf(deps, tenant, account, id);
  await deps.notices.read(tenant, account, id);
  return seeOther(found.path);
}

async function noticeOf(deps: AccessPagesDeps, tenant: number, account: string, id: string): Promise<Notice> {
  for (let after: string | undefined; ; ) {
    const page = await deps.notices.list(tenant, account, { count: 100, ...(after === undefined ? {} : { after }) });
    const found = page.find((one) => one.id === id);
    if (found !== undefined) return found;
    after = page.at(-1)?.id;
    if (page.length < 100 || after === undefined) throw noSuch();
  }
}

export function noticeRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(path, 'notice-list', (context) => list(deps, context)),
    post(`${path}/:id/read`, 'notice-read', (context) => read(deps, context)),
  ];
}
