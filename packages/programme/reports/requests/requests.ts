import type { Task } from '../../workflow/types.ts';
import { house } from '../period/period.ts';
import type { ReportsDeps } from '../types.ts';
import { ask, createGate, requestKind, requestSubject } from './ask.ts';
import { defineRequests } from './grant.ts';
import { deliver, download, link } from './links.ts';
import type { ReportRequest, ReportRequests } from './types.ts';

const list_most = 200;

const standing = {
  name: 'programme.report-request.standing',
  text: `select g.request, g.report, l.expires_at,
      (select count(*)::int from programme.report_download d join programme.report_link m on m.hash = d.hash
        where m.tenant = $1 and m.request = g.request) as downloads,
      exists (select from programme.report_sent s where s.hash = l.hash) as sent
    from programme.report_grant g left join lateral (select k.hash, k.expires_at from programme.report_link k
      where k.tenant = $1 and k.request = g.request order by k.number desc limit 1) l on true
    where g.tenant = $1 and g.request = any ($2::uuid[])`,
};

type Row = { request: string; report: string; expires_at: Date | null; downloads: number; sent: boolean };

function stateOf({ state }: Task, row: Row | undefined, now: number): ReportRequest['state'] {
  if (row === undefined) return state === 'submitted' || state === 'open' ? 'waiting' : 'closed';
  if (row.downloads > 0) return 'downloaded';
  if (row.expires_at === null) return 'approved';
  if (row.expires_at.getTime() <= now) return 'expired';
  return row.sent ? 'sent' : 'approved';
}

function requestOf(task: Task, rows: ReadonlyMap<string, Row>, now: number): ReportRequest[] {
  const read = requestSubject.safeParse(task.subject);
  if (!read.success) return [];
  const { request: id, kind, name, organization, email } = read.data;
  const row = rows.get(id);
  return [
    {
      ...{ id, task: task.id, at: task.opened_at, state: stateOf(task, row, now), kind, name, organization, email },
      ...(row === undefined ? {} : { report: row.report }),
      ...(row?.expires_at == null ? {} : { expires_at: row.expires_at.getTime() }),
      downloads: row?.downloads ?? 0,
    },
  ];
}

/** Requests for reports by people outside. Registers their kind of task with the workflow. */
export function createReportRequests(deps: ReportsDeps): ReportRequests {
  defineRequests(deps);
  const gate = createGate(() => deps.clock.now());
  return {
    ask: (asking) => ask(deps, gate, asking),
    async list() {
      const tasks = await deps.workflow.list(house, { kind: requestKind, count: list_most });
      const ids = tasks.flatMap(({ about }) => about ?? []);
      const rows = await deps.segment.query<Row>(house, standing, [house, ids]);
      const byRequest = new Map(rows.map((row) => [row.request, row]));
      return tasks.flatMap((task) => requestOf(task, byRequest, deps.clock.now()));
    },
    link: (actor, request) => link(deps, actor, request),
    deliver: () => deliver(deps),
    download: (secret) => download(deps, secret),
  };
}
