import { hash, randomBytes } from 'node:crypto';
import { fault, isUuid, newId } from '@safeguard/kernel';
import type { Actor } from '../../workflow/types.ts';
import { missingReport, readWhole } from '../keep.ts';
import { house } from '../period/period.ts';
import type { ReportsDeps } from '../types.ts';
import { requestSubject } from './ask.ts';
import type { DownloadLink, ReportRequests } from './types.ts';

/** 256 random bits behind `sgq_`; kept as SHA-256 alone. */
const form = /^sgq_[A-Za-z0-9_-]{43}$/;
const lifetime_ms = 7 * 86_400_000;
const hashed = (secret: string): Buffer => hash('sha256', secret, 'buffer');

const insert = {
  name: 'programme.report-link.insert',
  text: `insert into programme.report_link (hash, tenant, request, made_by, made_at, expires_at)
    select $1, $2, g.request, $4, $5, $6 from programme.report_grant g where g.tenant = $2 and g.request = $3
    returning request`,
};
/** The newest link of its request, not expired: it is used up by being found. */
const use = {
  name: 'programme.report-link.use',
  text: `insert into programme.report_download (hash, tenant, at)
    select l.hash, l.tenant, $3 from programme.report_link l where l.tenant = $1 and l.hash = $2 and l.expires_at > $3
      and not exists (select from programme.report_link n where n.tenant = $1 and n.request = l.request
        and n.number > l.number)
    on conflict do nothing
    returning (select g.report from programme.report_grant g join programme.report_link m on m.request = g.request
      where m.tenant = $1 and m.hash = $2) as report`,
};
const sent = {
  name: 'programme.report-sent.insert',
  text: 'insert into programme.report_sent (hash, tenant, at) values ($1, $2, $3)',
};
/** Approved, and no mail server took a link of theirs, and no officer made one: at most three tries. */
const waiting = {
  name: 'programme.report-grant.waiting',
  text: `select g.request, g.task from programme.report_grant g where g.tenant = $1
    and not exists (select from programme.report_link l where l.tenant = $1 and l.request = g.request
      and (l.made_by <> 'service' or exists (select from programme.report_sent s where s.hash = l.hash)))
    and (select count(*) from programme.report_link l where l.tenant = $1 and l.request = g.request) < 3
    order by g.at limit 20`,
};

async function newLink(deps: ReportsDeps, by: string, request: string): Promise<DownloadLink & { hash: Buffer }> {
  const secret = `sgq_${randomBytes(32).toString('base64url')}`;
  const now = deps.clock.now();
  const expires_at = now + lifetime_ms;
  const values = [hashed(secret), house, request, by, new Date(now), new Date(expires_at)];
  const made = isUuid(request) ? await deps.segment.query(house, insert, values) : [];
  if (made.length === 0) throw fault('missing', 'There is no such request, or it is not approved.');
  return { url: `${deps.base}/trust/reports/${secret}`, expires_at, hash: hashed(secret) };
}

export async function link(deps: ReportsDeps, { id, tenant }: Actor, request: string): Promise<DownloadLink> {
  if (tenant !== house) throw fault('forbidden', 'Access denied: reports are of the organization that runs this.');
  const { url, expires_at } = await newLink(deps, id, request);
  return { url, expires_at };
}

const textOf = (organization: string, { url, expires_at }: DownloadLink): string =>
  `${organization} approved your request for a report. It can be downloaded here, once:\n\n${url}\n\n` +
  `The link ends on ${new Date(expires_at).toISOString().slice(0, 10)}. The report is confidential, as you agreed.\n`;

async function deliverOne(deps: ReportsDeps, request: string, task: string): Promise<boolean> {
  const { mail } = deps;
  const found = await deps.workflow.byId(house, task);
  const subject = requestSubject.safeParse(found?.subject);
  if (mail === undefined || !subject.success || !mail.isAddress(subject.data.email)) return false;
  const made = await newLink(deps, 'service', request);
  const text = textOf(deps.content().organization.name, made);
  try {
    await mail.send({ to: subject.data.email, subject: 'The report that you asked for', text, id: newId() });
  } catch (error) {
    deps.failed?.('a link to a report could not be mailed', error);
    return false;
  }
  await deps.segment.query(house, sent, [made.hash, house, new Date(deps.clock.now())]);
  return true;
}

export async function deliver(deps: ReportsDeps): Promise<number> {
  if (deps.mail === undefined) return 0;
  const rows = await deps.segment.query<{ request: string; task: string }>(house, waiting, [house]);
  let count = 0;
  for (const { request, task } of rows) count += (await deliverOne(deps, request, task)) ? 1 : 0;
  return count;
}

/** Uses a link up and answers the report. Whoever is cut off half-way asks an officer for another link. */
export async function download(deps: ReportsDeps, secret: string): ReturnType<ReportRequests['download']> {
  if (!form.test(secret)) throw missingReport();
  const values = [house, hashed(secret), new Date(deps.clock.now())];
  const [row] = await deps.segment.query<{ report: string }>(house, use, values);
  if (row === undefined) throw missingReport();
  const { report, bytes } = await readWhole(deps, row.report);
  const ending = { 'application/pdf': 'pdf', 'text/html': 'html', 'application/zip': 'zip' }[report.media];
  const day = new Date(report.at).toISOString().slice(0, 10);
  return { report, bytes, filename: `safeguard-${report.kind}-${day}.${ending}` };
}
