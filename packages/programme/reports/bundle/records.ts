import { hash } from 'node:crypto';
import type { Control } from '../../content/types.ts';
import type { ControlState } from '../../posture/types.ts';
import type { Task } from '../../workflow/types.ts';
import { house, type Period } from '../period/period.ts';
import type { ReportsDeps } from '../types.ts';
import { canonical } from './canonical.ts';
import type { Files } from './lines.ts';

const iso = (at: number): string => new Date(at).toISOString();
const isoOr = (at: number | undefined): string | null => (at === undefined ? null : iso(at));

const put = (files: Files, name: string, value: unknown): void => {
  files.set(name, Buffer.from(`${canonical(value)}\n`));
};

/** The control without where it stands on our disk. */
const controlOf = ({ place: _, ...rest }: Control): object => rest;

const stateOf = ({ control, state, because, waiver }: ControlState): object => ({
  ...{ id: control.id, citation: control.citation, title: control.title, state, because },
  waived_until: isoOr(waiver?.until),
});

function addPolicies(files: Files, { policies }: Period): void {
  const listed = policies.map((one) => {
    const { policy, number, title, made_by, made_at, approved_by, published_at, review_due_at, parameters } = one;
    const file = `policies/${policy}-v${number}.md`;
    const text = Buffer.from(one.content.text);
    files.set(file, text);
    const when = { made_at: iso(made_at), published_at: isoOr(published_at), review_due_at: isoOr(review_due_at) };
    return {
      policy,
      number,
      title,
      file,
      digest: hash('sha256', text, 'hex'),
      made_by,
      approved_by,
      ...when,
      parameters,
    };
  });
  put(files, 'policies.json', listed);
}

/** What was done in the period: ids, acts and times. Titles, subjects and notes are people's words: only when asked. */
function taskOf(task: Task, { from, until }: Period, notes: boolean): object | undefined {
  const steps = task.steps.filter(({ at }) => at >= from && at < until);
  if (steps.length === 0) return undefined;
  const { id, kind, about, state, opened_by, opened_at, due_at, closed_at, approvals, quorum } = task;
  return {
    ...{ id, kind, about, state, opened_by, approvals, quorum },
    ...{ opened_at: iso(opened_at), due_at: iso(due_at), closed_at: isoOr(closed_at) },
    ...(notes ? { title: task.title } : {}),
    steps: steps.map(({ at, note, ...rest }) => ({ ...rest, at: iso(at), ...(notes ? { note } : {}) })),
  };
}

const page = 200;

async function addTasks({ workflow }: ReportsDeps, files: Files, period: Period, notes: boolean): Promise<void> {
  const lines: string[] = [];
  for (let after: string | undefined; ; ) {
    const some = await workflow.list(house, { count: page, ...(after === undefined ? {} : { after }) });
    for (const task of some) {
      const shown = taskOf(task, period, notes);
      if (shown !== undefined) lines.push(`${canonical(shown)}\n`);
    }
    after = some.at(-1)?.id;
    if (some.length < page) break;
  }
  files.set('tasks.jsonl', Buffer.from(lines.join('')));
}

/** Everything beside the evidence itself that the states follow from, and what was done in the period. */
export async function addRecords(deps: ReportsDeps, files: Files, period: Period, notes: boolean): Promise<void> {
  const { organization, controls, digest } = deps.content();
  const { at, counts, forged, controls: states } = period.end;
  put(files, 'posture.json', { at: iso(at), counts, forged, controls: states.map(stateOf) });
  put(files, 'controls.json', { digest, organization, controls: [...controls.values()].map(controlOf) });
  const checks = [...deps.checks.values()].map(({ id, title, query, every_s, kind = 'performed' }) => ({
    ...{ id, title, query, every_s, kind },
  }));
  put(files, 'checks.json', checks);
  const decisions = period.decisions.map((one) => ({ ...one, at: iso(one.at) }));
  put(files, 'decisions.json', decisions);
  const waivers = period.waivers.map(({ from, until, ended_at, ...rest }) => ({
    ...{ ...rest, from: iso(from), until: iso(until), ended_at: isoOr(ended_at) },
  }));
  put(files, 'waivers.json', waivers);
  addPolicies(files, period);
  await addTasks(deps, files, period, notes);
}
