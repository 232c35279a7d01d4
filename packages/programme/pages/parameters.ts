import { may } from '@safeguard/access';
import {
  type Answer,
  area,
  button,
  choice,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  type Html,
  html,
  line,
  type RequestContext,
  type Route,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import { missing } from '../api/fields.ts';
import { words as shownWith } from '../content/render.ts';
import type { ListedParameter } from '../parameters/parameters.ts';
import { failed } from './moment.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import { capital, fact, facts, open, plain, row, rows, sheet } from './words.ts';

const here = '/programme/parameters';
const whyText = 'Write why: 20 to 4,000 characters.';

const valueText = ({ parameter: { unit } }: ListedParameter, value: number | string): string =>
  shownWith({ value, ...(unit === undefined ? {} : { unit }) });

/** What the running services should work by, in the setting's own unit. */
const wantedOf = ({ parameter: { setting }, value }: ListedParameter): number | string | undefined =>
  setting === undefined ? undefined : typeof value === 'number' ? value * setting.times : value;

const runsOther = (one: ListedParameter): boolean => one.running !== undefined && one.running !== wantedOf(one);

const sourceTag = (one: ListedParameter): Html =>
  html`<span class="tag">${one.source === 'file' ? 'From the file' : 'Approved'}</span>${
    runsOther(one) && html` <span class="late">Runs otherwise</span>`
  }`;

const parameterRow = (one: ListedParameter): Html =>
  row(
    html`${one.parameter.title} ${sourceTag(one)}`,
    html`<p><strong>${valueText(one, one.value)}</strong> <code>${one.parameter.name}</code></p>`,
    open(`${here}/${one.parameter.name}`, one.parameter.title),
  );

const groupOf = ({ parameter: { name } }: ListedParameter): string => name.split('.')[0] ?? '';

const groupSheet = ([name, all]: readonly [string, readonly ListedParameter[]]): Html =>
  sheet(`group-${name}`, capital(name.replaceAll('_', ' ')), rows(all.map(parameterRow), ''));

async function list(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const groups = Map.groupBy(await deps.parameters.list(), groupOf);
  return deskPage(deps, context, {
    title: 'Numbers',
    here,
    main: html`<h1>Numbers of the programme</h1>
<p class="lead">Each stands once: policies, checks and the running services take it from here. Another value takes
effect when another officer approves it.</p>
${[...groups].map(groupSheet)}`,
  });
}

async function parameterOf({ parameters }: ProgrammePagesDeps, context: RequestContext): Promise<ListedParameter> {
  const name = paramOf(context, 'parameter');
  const found = (await parameters.list()).find(({ parameter }) => parameter.name === name);
  if (found === undefined) throw missing();
  return found;
}

const bounds = ({ parameter: { least, most, unit = '' } }: ListedParameter): string | false => {
  if (least === undefined && most === undefined) return false;
  if (most === undefined) return `${least} ${unit} or more`;
  return least === undefined ? `${most} ${unit} or less` : `${least} to ${most} ${unit}`;
};

const what = (one: ListedParameter): Html => {
  const { parameter, value, running } = one;
  const { setting } = parameter;
  return facts([
    fact('Name', html`<code>${parameter.name}</code>`),
    fact('In force', html`<strong>${valueText(one, value)}</strong> ${sourceTag(one)}`),
    fact('In the file', html`${valueText(one, parameter.value)} <code>${parameter.place}</code>`),
    fact('Allowed', bounds(one)),
    fact('Choices', parameter.choices?.join(', ')),
    fact('Computed as', parameter.formula !== undefined && html`<code>${parameter.formula}</code>`),
    fact('Setting', setting !== undefined && html`<code>${setting.name}</code>, ${setting.times} times the value`),
    fact(
      'The services run with',
      running !== undefined &&
        html`${running}${runsOther(one) && html` <span class="late">another value than is in force</span>`}`,
    ),
    fact('Serves', parameter.serves.join(', ')),
    fact('Why', parameter.why),
  ]);
};

interface Shown {
  readonly given?: { readonly value: string; readonly why: string };
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const valueField = (
  { parameter: { choices, unit } }: ListedParameter,
  value: string,
  wrong: readonly Wrong[],
): Html => {
  const parts = { label: 'Another value', name: 'value', value, error: errorOf(wrong, 'value') };
  if (choices !== undefined) return choice({ ...parts, of: choices.map((one) => [one, one] as const) });
  return field({ ...parts, autocomplete: 'off', ...(unit === undefined ? {} : { hint: `In ${unit}.` }) });
};

async function show(
  deps: ProgrammePagesDeps,
  context: RequestContext,
  { given, wrong = [], status = 200 }: Shown = {},
): Promise<Answer> {
  const one = await parameterOf(deps, context);
  const { name, title, formula } = one.parameter;
  const shown = given ?? { value: String(one.value), why: '' };
  const proposes = formula === undefined && may(deps.guard, context.principal, 'parameter-propose');
  return deskPage(deps, context, {
    title,
    here,
    ...failed(wrong, status),
    main: html`<h1>${title}</h1>${errorSummary(wrong)}
${sheet('what', 'What it is', what(one))}
${
  proposes &&
  sheet(
    'propose',
    'Propose another value',
    form(`${here}/${name}/propose`, [
      valueField(one, shown.value, wrong),
      area({ label: 'Why', name: 'why', value: shown.why, required: true, error: errorOf(wrong, 'why') }),
      html`<div class="acts">${button('Propose')}
${one.source === 'approved' && button('Back to the file’s', 'quiet', { name: 'step', value: 'file' })}</div>`,
    ]),
  )
}`,
  });
}

/** A number where the parameter is one; what is none stays text, and is refused as another kind. */
const typed = ({ parameter: { value } }: ListedParameter, text: string): number | string =>
  typeof value === 'number' && /^-?\d{1,15}(\.\d{1,6})?$/.test(text) ? Number(text) : text;

/** Faults of a change name no field of the form: what is wrong with the value stands at the value. */
const atFields = (wrong: readonly Wrong[], why: string): readonly Wrong[] =>
  wrong.map(({ text }) => (why.length < 20 ? { field: 'why', text: whyText } : { field: 'value', text }));

async function propose(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const one = await parameterOf(deps, context);
  const fields = fieldsOf(context);
  const given = { value: line(fields('value')), why: plain(fields('why')) };
  const { name } = one.parameter;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${here}/${name}`, words: {} },
      again: ({ wrong, status }) =>
        show(deps, context, { given, status, wrong: status === 422 ? atFields(wrong, given.why) : wrong }),
    },
    async () => {
      const value = fields('step') === 'file' ? null : typed(one, given.value);
      const task = await deps.parameters.propose(deps.actorOf(context.principal), name, value, given.why);
      return { ...seeOther(`/programme/tasks/${task.id}?done=opened`), targets: [{ type: 'Task', id: task.id }] };
    },
  );
}

export function parameterRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const looking = { action: 'parameter-list', type: 'Parameter', house: true } as const;
  const proposing = { action: 'parameter-propose', type: 'Parameter', house: true } as const;
  return [
    get(here, looking, (context) => list(deps, context)),
    get(`${here}/:parameter`, looking, (context) => show(deps, context)),
    post(`${here}/:parameter/propose`, proposing, (context) => propose(deps, context)),
  ];
}
