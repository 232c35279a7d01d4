import { fault } from '@safeguard/kernel';
import { type ProgrammeApi, programmeViews, type Task } from '@safeguard/programme';
import { text } from '../act-input.ts';
import type { Act } from '../admin-acts.ts';

/** Who acts at the machine: may look, start checks, and approve where nobody else can. */
const operator = { tenant: 1, id: 'operator', roles: ['operator'] } as const;
const house = operator.tenant;
const page = 200;

const missing = () => fault('missing', 'There is nothing of this name');

function momentOf(given: string | null, now: number): number {
  if (given === null) return now;
  const at = Date.parse(given);
  if (Number.isNaN(at) || at > now) throw fault('invalid', 'at: expected a date that has come, such as 2026-11-22');
  return at;
}

const looking = ({ postureAt, clock, render, runner, evidence }: ProgrammeApi): readonly Act[] => [
  {
    method: 'GET',
    path: /^\/controls$/,
    action: 'control-list',
    type: 'Control',
    async run({ query }) {
      const posture = await postureAt(momentOf(query.get('at'), clock.now()));
      // Here the evidence itself, not its id alone.
      const controls = posture.controls.map((one) => ({
        ...programmeViews.control(one, render),
        checks: one.checks.map((check) => ({
          ...programmeViews.check(check),
          evidence: check.evidence === undefined ? null : programmeViews.evidence(check.evidence),
        })),
      }));
      return { result: { ...programmeViews.posture(posture), controls } };
    },
  },
  {
    method: 'GET',
    path: /^\/checks$/,
    action: 'control-list',
    type: 'Control',
    run: async () => ({
      result: {
        checks: [...runner.checks.values()].map(({ id, title, query, every_s, kind = 'performed' }) => ({
          ...{ id, title, query, every_s, kind },
        })),
      },
    }),
  },
  {
    method: 'POST',
    path: /^\/checks\/run$/,
    action: 'check-run',
    type: 'Control',
    async run({ body }) {
      const ids =
        body.checks === undefined ? undefined : (body.checks as readonly unknown[]).map((one) => text(one, 'checks'));
      if (ids?.some((id) => !runner.checks.has(id)))
        throw fault('missing', 'No such check; `safeguard controls checks` lists them');
      const done = await runner.run({ why: 'asked', ...(ids === undefined ? {} : { ids }) });
      const targets = done.map(({ evidence: { id } }) => ({ type: 'Evidence', id }));
      return { result: { items: done.map(programmeViews.evidence) }, targets };
    },
  },
  {
    method: 'GET',
    path: /^\/checks\/(?<id>[^/]+)\/evidence$/,
    action: 'evidence-list',
    type: 'Evidence',
    async run({ params: { id = '' } }) {
      if (!runner.checks.has(id)) throw missing();
      return { result: { items: (await evidence.list(id, { count: 50 })).map(programmeViews.evidence) } };
    },
  },
];

const ofPolicies = ({ policies, clock }: ProgrammeApi): readonly Act[] => [
  {
    method: 'GET',
    path: /^\/policies$/,
    action: 'document-list',
    type: 'Document',
    run: async () => ({
      result: { items: (await policies.list(house)).map((one) => programmeViews.policySummary(one, house)) },
    }),
  },
  {
    method: 'GET',
    path: /^\/policies\/(?<id>[^/]+)$/,
    action: 'document-read',
    type: 'Document',
    async run({ params: { id = '' }, query }) {
      const number = query.get('number');
      const found = await policies.read(house, id, ...(number === null ? [] : [Number(number)]));
      if (found === undefined) throw missing();
      return { result: programmeViews.policySummary(found, house), targets: [{ type: 'Document', id }] };
    },
  },
  {
    method: 'POST',
    path: /^\/policies\/adopt$/,
    action: 'document-adopt',
    type: 'Document',
    run: async () => ({ result: { adopted: await policies.adopt() } }),
  },
  {
    method: 'POST',
    path: /^\/policies\/(?<id>[^/]+)\/submit$/,
    action: 'document-submit',
    type: 'Document',
    async run({ params: { id = '' }, body }) {
      const task = await policies.submit(
        operator,
        id,
        Number(body.number),
        ...(body.note === undefined ? [] : [text(body.note, 'note')]),
      );
      return { result: programmeViews.task(task, clock.now()), targets: [{ type: 'Task', id: task.id }] };
    },
  },
];

const verdicts = ['approve', 'return', 'reject'] as const;

const ofTasks = ({ workflow, decisions, clock }: ProgrammeApi): readonly Act[] => {
  const shown = (task: Task) => programmeViews.task(task, clock.now());
  return [
    {
      method: 'GET',
      path: /^\/tasks$/,
      action: 'task-list',
      type: 'Task',
      async run({ query }) {
        const after = query.get('after');
        const found = await workflow.list(house, { count: page, ...(after === null ? {} : { after }) });
        return { result: { items: found.map(shown) } };
      },
    },
    {
      method: 'POST',
      path: /^\/tasks\/(?<id>[^/]+)\/decision$/,
      action: 'task-decide',
      type: 'Task',
      async run({ params: { id = '' }, body }) {
        const verdict = verdicts.find((one) => one === body.verdict);
        if (verdict === undefined) throw fault('invalid', `verdict: expected one of ${verdicts.join(', ')}`);
        const note = body.note === undefined ? undefined : text(body.note, 'note');
        const task =
          verdict === 'approve'
            ? await workflow.approve(operator, id, note)
            : await workflow[verdict](operator, id, text(note, 'note'));
        return { result: shown(task), targets: [{ type: 'Task', id }] };
      },
    },
    {
      method: 'GET',
      path: /^\/decisions$/,
      action: 'decision-list',
      type: 'Decision',
      run: async () => ({ result: { items: await decisions.list(house) } }),
    },
    {
      method: 'POST',
      path: /^\/decisions\/defaults$/,
      action: 'decision-propose',
      type: 'Decision',
      async run() {
        const made = await decisions.proposeDefaults(operator);
        return { result: { items: made.map(shown) }, targets: made.map(({ id }) => ({ type: 'Task', id })) };
      },
    },
    {
      method: 'GET',
      path: /^\/waivers$/,
      action: 'waiver-list',
      type: 'Waiver',
      run: async () => ({ result: { items: await decisions.waivers.list(house) } }),
    },
  ];
};

const ofParameters = ({ parameters }: ProgrammeApi): Act => ({
  method: 'GET',
  path: /^\/parameters$/,
  action: 'parameter-list',
  type: 'Parameter',
  run: async () => ({
    result: {
      items: (await parameters.list()).map(({ parameter, value, source, running }) => ({
        ...{ name: parameter.name, title: parameter.title, value, unit: parameter.unit ?? null, source },
        ...{ setting: parameter.setting?.name ?? null, running: running ?? null },
      })),
    },
  }),
});

/** What the operator at the machine does of the programme. */
export const programmeActs = (api: ProgrammeApi): readonly Act[] => [
  ...looking(api),
  ...ofPolicies(api),
  ...ofTasks(api),
  ofParameters(api),
];
