import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { officers, serviceId } from '../../workflow/deps.ts';
import type { Task } from '../../workflow/types.ts';
import type { ReportsDeps } from '../types.ts';
import { requestKind, requestSubject } from './ask.ts';

const newest = {
  name: 'programme.report.newest-of-kind',
  text: `select r.id from programme.report r where r.tenant = $1 and r.kind = $2 and r.families = '{}'
    order by r.at desc, r.id desc limit 1`,
};
const insert = {
  name: 'programme.report-grant.insert',
  text: 'insert into programme.report_grant (request, tenant, task, report, at) values ($1, $2, $3, $4, $5)',
};

/** What approval comes to: the newest report of the kind, over everything, may go to who asked. */
async function grant(connection: Connection, { tenant, id, subject }: Task, at: number): Promise<void> {
  const { request, kind } = requestSubject.parse(subject);
  const [report] = await connection.query<{ id: string }>(newest, [tenant, kind]);
  if (report === undefined) {
    throw fault('conflict', 'There is no report of this kind over the whole programme yet: make one first.');
  }
  await connection.query(insert, [request, tenant, id, report.id, new Date(at)]);
}

/** Registers the kind of task: opened by Safeguard itself, approved by an officer. */
export function defineRequests({ workflow, content }: Pick<ReportsDeps, 'workflow' | 'content'>): void {
  const number = (name: string): number => {
    const value = content().parameters.get(name)?.value;
    if (typeof value !== 'number') throw fault('internal', 'The programme lacks a parameter that the code works by.');
    return value;
  };
  workflow.define(
    () => ({
      kind: requestKind,
      title: 'Request for a report',
      open: [serviceId],
      work: officers,
      approve: officers,
      quorum: 1,
      due_days: number('workflow.due_days'),
      remind_days: [7, 1],
      escalate_days: number('workflow.escalate_days'),
      escalate_to: officers,
      immediate: true,
      subject: (value) => {
        const read = requestSubject.safeParse(value);
        if (read.success) return read.data;
        throw fault('invalid', 'subject: expected a request for a report');
      },
      about: ({ request }) => String(request),
    }),
    grant,
  );
}
