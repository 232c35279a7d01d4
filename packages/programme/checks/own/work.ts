import type { Check } from '@safeguard/kernel';
import type { Content } from '../../content/types.ts';
import type { Decision } from '../../decisions/types.ts';
import type { Task, Workflow } from '../../workflow/types.ts';
import { counted, found } from '../found.ts';

const day_ms = 86_400_000;
const month_ms = 30.44 * day_ms;
const page = 100;
const most_tasks = 2_000;

export interface WorkCheckDeps {
  readonly content: Content;
  readonly tenant: number;
  readonly decisionsAt: (tenant: number, at: number) => Promise<ReadonlyMap<string, Decision>>;
  readonly workflow: Pick<Workflow, 'list'>;
  /** When the last audit report over the programme was made; undefined: never. */
  readonly lastReport: () => Promise<number | undefined>;
}

/** 45 CFR 164.306(d)(3). */
const decisions = ({ content, tenant, decisionsAt }: WorkCheckDeps): Check => ({
  id: 'programme.decisions',
  title: 'What is addressable is decided, and decided anew in time',
  query: 'Reads of every addressable specification the decision in force, and how old it is.',
  every_s: 3_600,
  async run({ at, number }) {
    const made = await decisionsAt(tenant, at);
    const oldest_ms = number('decisions.review_months') * month_ms;
    const addressable = [...content.controls.values()].filter(({ level }) => level === 'addressable');
    const wrong = addressable.flatMap(({ id }) => {
      const one = made.get(id);
      if (one === undefined) return [`${id}: not decided`];
      return at - one.at > oldest_ms ? [`${id}: decided too long ago`] : [];
    });
    return found(addressable.length, wrong, {
      met: `${counted(addressable.length, 'addressable specification')}: each has a decision that is recent enough.`,
      unmet: 'addressable specifications have no recent decision.',
      todo: 'Propose the decision and have it approved: /programme/decisions has a reasoned default for each.',
    });
  },
});

async function overdueOf(workflow: WorkCheckDeps['workflow'], tenant: number): Promise<readonly Task[]> {
  const all: Task[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const some = await workflow.list(tenant, { overdue: true, count: page, ...(after && { after }) });
    all.push(...some);
    if (some.length < page || all.length >= most_tasks) return all;
  }
}

/** 45 CFR 164.308(a)(1)(ii)(B), (D): what is to be done is done. */
const tasks = ({ tenant, workflow }: WorkCheckDeps): Check => ({
  id: 'programme.tasks-on-time',
  title: 'No work of the programme is left lying',
  query: 'Reads the open tasks; wants none that is past its due day for longer than escalation takes.',
  every_s: 3_600,
  async run({ at, number }) {
    const late_ms = number('workflow.escalate_days') * day_ms;
    const overdue = await overdueOf(workflow, tenant);
    const late = overdue.filter(({ due_at }) => due_at + late_ms < at);
    return found(
      Math.max(1, overdue.length),
      late.map(({ id, kind }) => `${kind} ${id}`),
      {
        met: `${counted(overdue.length, 'task')} past the due day, none for longer than ${late_ms / day_ms} days.`,
        unmet: 'tasks are long overdue.',
        todo: 'Do, reassign or withdraw them: /programme/tasks.',
      },
    );
  },
});

/** 45 CFR 164.308(a)(8). */
const evaluation = ({ lastReport }: WorkCheckDeps): Check => ({
  id: 'programme.evaluation',
  title: 'The programme was evaluated',
  query: 'Asks when the last audit report over all controls was made.',
  every_s: 3_600,
  async run({ at, number }) {
    const last = await lastReport();
    const todo = 'Make one and go through it: `safeguard report audit`.';
    if (last === undefined) return { result: 'unmet', examined: 1, saw: 'No audit report was ever made.', todo };
    const [days, most] = [Math.floor((at - last) / day_ms), number('evaluation.interval_days')];
    const saw = `The last audit report was made ${counted(days, 'day')} ago; at most ${most} are allowed.`;
    return days <= most ? { result: 'met', examined: 1, saw } : { result: 'unmet', examined: 1, saw, todo };
  },
});

/** 45 CFR 164.308(b)(1)-(3), 164.314(a)(2)(iii), 164.502(e). */
const subcontractors = ({ content }: WorkCheckDeps): Check => ({
  id: 'programme.subcontractors',
  title: 'Nobody touches ePHI without an agreement',
  query: 'Reads program/subprocessors.yaml: whoever touches ePHI has a dated agreement.',
  every_s: 86_400,
  async run() {
    const all = content.subprocessors;
    const touching = all.filter(({ ephi }) => ephi);
    const wrong = touching.filter(({ agreement }) => agreement === undefined).map(({ name }) => name);
    return found(all.length + 1, wrong, {
      met: `${counted(all.length, 'subprocessor')}, ${touching.length} with ePHI, each of these under an agreement.`,
      unmet: 'subprocessors touch ePHI without an agreement.',
      todo: 'Sign a business associate agreement and enter it, or keep ePHI from them.',
    });
  },
});

export const workChecks = (deps: WorkCheckDeps): readonly Check[] => [
  decisions(deps),
  tasks(deps),
  evaluation(deps),
  subcontractors(deps),
];
