import type { Content, Control, Parameter } from '../../content/types.ts';
import type { PoliciesDeps } from '../../policies/deps.ts';
import { createPolicies } from '../../policies/policies.ts';
import { readDraft } from '../../policies/read-draft.ts';
import type { Actor } from '../../workflow/types.ts';
import { base, startWorld } from '../workflow/world.ts';

const parameter = (name: string, value: number, unit?: string): [string, Parameter] => [
  name,
  {
    name,
    title: name,
    value,
    ...(unit === undefined ? {} : { unit }),
    serves: [],
    why: 'For the tests.',
    place: 'x:1',
  },
];

const control = (id: string, more: Partial<Control> = {}): Control => ({
  ...{ id, citation: `45 CFR ${id}`, title: id, family: 'administrative', kind: 'specification', level: 'required' },
  ...{ requirement: 'r', approach: 'a', policies: [], mechanisms: [], checks: [], verified: 'yes', place: 'x:1' },
  carried: {
    api: { by: 'platform' },
    hosting: { by: 'platform' },
    interfaces: { by: 'platform' },
    messages: { by: 'platform' },
  },
  ...more,
});

/** A small programme of the tests' own; `files` are policies by id. */
export function contentOf(files: Readonly<Record<string, string>>, idle = 15): Content {
  const why = 'As the platform does it.';
  const parameters = new Map([
    parameter('sessions.idle_minutes', idle, 'minutes'),
    parameter('policies.quorum', 2),
    parameter('policies.acknowledge_days', 30, 'days'),
    parameter('policies.review_months', 12, 'months'),
    parameter('workflow.due_days', 14, 'days'),
    parameter('workflow.escalate_days', 7, 'days'),
    parameter('waivers.longest_days', 90, 'days'),
    parameter('decisions.review_months', 12, 'months'),
  ]);
  const bare: Content = {
    controls: new Map([
      ['164.310-b', control('164.310-b')],
      [
        '164.310-a-2-i',
        control('164.310-a-2-i', { level: 'addressable', decision: { default: 'implemented', why: why.repeat(2) } }),
      ],
      [
        '164.312-a-2-iv',
        control('164.312-a-2-iv', { level: 'addressable', decision: { default: 'alternative', why: why.repeat(2) } }),
      ],
    ]),
    parameters,
    policies: new Map(),
    profiles: new Map(),
    crosswalks: new Map(),
    needs: [],
    subprocessors: [],
    organization: { name: 'Example Clinic', conditions: [], contact: 'office@clinic.example', lines: ['api'] },
    digest: '0'.repeat(64),
  };
  const policies = Object.entries(files).map(([id, text]) => [id, readDraft(id, text, bare)] as const);
  return { ...bare, policies: new Map(policies) };
}

export const front = (title: string, more: Partial<Record<'acknowledge' | 'approver' | 'inherited', string>> = {}) =>
  `---
title: ${title}
satisfies: [164.310-b]
owner: security-officer
approver: ${more.approver ?? '[security-officer, privacy-officer, administrator]'}
review_months: 12
acknowledge: ${more.acknowledge ?? '[everyone]'}
inherited: ${more.inherited ?? '{default: locked, editable: [workstations]}'}
---
`;

export const access = (more = '', workstations = 'Screens lock themselves.') => `${front('Access')}
# Access

Who may do what.

## Sessions

Sessions end after {{sessions.idle_minutes}} minutes of rest.${more}

## Workstations

${workstations}
`;

export async function startPolicies() {
  const world = await startWorld();
  const at = { content: contentOf({ access: access() }) };
  const workflow = world.engine();
  const more: Partial<PoliciesDeps> = {};
  const make = (engine = world.engine(), with_: Partial<PoliciesDeps> = more) =>
    createPolicies({
      segment: world.segment,
      clock: world.deps.clock,
      people: world.people.port,
      workflow: engine,
      content: () => at.content,
      holders: world.people.holders,
      workforce: world.people.workforce,
      tell: world.deps.tell,
      ...with_,
    });
  const policies = make(workflow);
  const people = {
    sec: world.people.add(['security-officer']),
    priv: world.people.add(['privacy-officer']),
    admin: world.people.add(['administrator']),
    worker: world.people.add([]),
  };
  const publish = async (by: Actor, policy: string, number: number, approvers: readonly Actor[]) => {
    const task = await policies.submit(by, policy, number);
    for (const one of approvers) await workflow.approve(one, task.id);
    return task;
  };
  return { ...world, ...people, at, workflow, policies, make, publish, base };
}
export type PolicyWorld = Awaited<ReturnType<typeof startPolicies>>;
