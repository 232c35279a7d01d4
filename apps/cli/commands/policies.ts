import { fault } from '@safeguard/kernel';
import { allPages, asJson, queryOf } from '../access/told.ts';
import { openAdmin } from '../admin/request.ts';
import { type Command, shared } from '../command.ts';
import { table } from '../table.ts';

interface Policy {
  readonly policy: string;
  readonly number: number;
  readonly title: string;
  readonly state: string;
  readonly published_at: string | null;
  readonly review_due_at: string | null;
}

interface Task {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly state: string;
  readonly due_at: string;
  readonly approvals: readonly string[];
  readonly quorum: number;
}

const common = { data: shared.data, json: shared.json } as const;
const day = (time: string | null): string => time?.slice(0, 10) ?? '';

export const policies: Command = {
  name: 'policies',
  summary: 'lists the policies of the organization with their versions',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { ...common },
  examples: ['safeguard policies'],
  async run(input, terminal) {
    const { items } = await (await openAdmin(input.text('data'))).ask<{ items: Policy[] }>('GET', '/policies');
    if (input.flag('json')) terminal.out(asJson({ items }));
    else
      terminal.out(
        table([
          ['policy', 'version', 'state', 'published', 'review due', 'title'],
          ...items.map(({ policy, number, state, published_at, review_due_at, title }) => [
            ...[policy, number, state, day(published_at), day(review_due_at), title],
          ]),
        ]),
      );
    return 0;
  },
};

export const policiesAdopt: Command = {
  name: 'policies adopt',
  summary: 'brings in what program/policies has and the organization does not: each new text becomes a draft',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { ...common },
  examples: ['safeguard policies adopt'],
  async run(input, terminal) {
    const { adopted } = await (await openAdmin(input.text('data'))).ask<{ adopted: number }>('POST', '/policies/adopt');
    terminal.out(input.flag('json') ? asJson({ adopted }) : `${adopted} texts are drafts now.\n`);
    return 0;
  },
};

export const policiesSubmit: Command = {
  name: 'policies submit',
  summary: 'hands drafts in for approval (default: every draft)',
  usage: '[POLICY…] [options]',
  positionals: { least: 0, most: 100 },
  options: { note: { type: 'string', value: 'TEXT', text: 'what the approvers are told' }, ...common },
  examples: ['safeguard policies submit', 'safeguard policies submit incident-response --note "New contact"'],
  async run(input, terminal) {
    const admin = await openAdmin(input.text('data'));
    const { items } = await admin.ask<{ items: Policy[] }>('GET', '/policies');
    const named = new Set(input.positionals);
    const drafts = items.filter(({ policy, state }) => state === 'draft' && (named.size === 0 || named.has(policy)));
    const waiting = new Set(drafts.map(({ policy }) => policy));
    const others = [...named].filter((one) => !waiting.has(one));
    if (others.length > 0)
      throw fault('invalid', 'Not every policy that was named has a draft: `safeguard policies` lists them');
    const note = input.text('note');
    const opened: Task[] = [];
    for (const { policy, number } of drafts) {
      const body = { number, ...(note === undefined ? {} : { note }) };
      opened.push(await admin.ask<Task>('POST', `/policies/${encodeURIComponent(policy)}/submit`, body));
    }
    terminal.out(input.flag('json') ? asJson({ items: opened }) : `${opened.length} drafts wait for approval.\n`);
    return 0;
  },
};

async function tasksOf(data: string | undefined): Promise<Task[]> {
  const admin = await openAdmin(data);
  return allPages(async (after) => (await admin.ask<{ items: Task[] }>('GET', `/tasks${queryOf({ after })}`)).items);
}

export const tasks: Command = {
  name: 'tasks',
  summary: 'lists the work of the programme: approvals, decisions, reviews',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { all: { type: 'boolean', text: 'what is done too' }, ...common },
  examples: ['safeguard tasks'],
  async run(input, terminal) {
    const all = await tasksOf(input.text('data'));
    const items = all.filter(({ state }) => input.flag('all') || !['done', 'rejected', 'withdrawn'].includes(state));
    if (input.flag('json')) terminal.out(asJson({ items }));
    else
      terminal.out(
        table([
          ['id', 'kind', 'state', 'approved', 'due', 'title'],
          ...items.map(({ id, kind, state, approvals, quorum, due_at, title }) => [
            ...[id, kind, state, `${approvals.length}/${quorum}`, day(due_at), title],
          ]),
        ]),
      );
    return 0;
  },
};

export const tasksDecide: Command = {
  name: 'tasks decide',
  summary: 'approves, returns or rejects a task, while the organization has nobody else who may',
  usage: 'TASK --verdict approve|return|reject [options]',
  positionals: { least: 1, most: 1 },
  options: {
    verdict: { type: 'string', choices: ['approve', 'return', 'reject'], text: 'what is decided' },
    note: { type: 'string', value: 'TEXT', text: 'why; needed to return and to reject' },
    ...common,
  },
  examples: ['safeguard tasks decide 019338f2-… --verdict approve'],
  async run(input, terminal) {
    const [id = ''] = input.positionals;
    const note = input.text('note');
    const body = { verdict: input.text('verdict') ?? 'approve', ...(note === undefined ? {} : { note }) };
    const admin = await openAdmin(input.text('data'));
    const task = await admin.ask<Task>('POST', `/tasks/${encodeURIComponent(id)}/decision`, body);
    terminal.out(
      input.flag('json') ? asJson(task) : `${task.title}: ${task.state}, ${task.approvals.length} of ${task.quorum}.\n`,
    );
    return 0;
  },
};

export const decisionsDefaults: Command = {
  name: 'decisions propose',
  summary: 'opens a task with the reasoned default for each addressable specification that is not decided',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { ...common },
  examples: ['safeguard decisions propose'],
  async run(input, terminal) {
    const admin = await openAdmin(input.text('data'));
    const { items } = await admin.ask<{ items: Task[] }>('POST', '/decisions/defaults');
    terminal.out(input.flag('json') ? asJson({ items }) : `${items.length} decisions wait for approval.\n`);
    return 0;
  },
};
