import {
  type Answer,
  area,
  button,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  html,
  linkButton,
  type RequestContext,
  type Route,
  radios,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import { missing } from '../api/fields.ts';
import type { Control, DecisionKind } from '../content/types.ts';
import { failed } from './moment.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import { decisionWords, fact, facts, plain, sheet } from './words.ts';

const here = '/programme/controls';
const words = {
  kind: 'Choose one of the three.',
  why: 'Write why: 20 to 4,000 characters.',
  factors: 'Write what was weighed: 20 to 4,000 characters.',
} as const;

/** An addressable specification: nothing else is decided. */
function addressable({ content }: ProgrammePagesDeps, context: RequestContext): Control {
  const control = content.controls.get(paramOf(context, 'control'));
  if (control?.level !== 'addressable') throw missing();
  return control;
}

const weighed =
  'Size, complexity and capability; infrastructure; cost; how likely and how critical the risks are ' +
  '(45 CFR 164.306(b)(2)).';

const what = ({ render }: ProgrammePagesDeps, control: Control) =>
  facts([
    fact('Citation', control.citation),
    fact('What is required', control.requirement),
    fact('What we do', render(control.approach)),
  ]);

interface Given {
  readonly kind: string;
  readonly why: string;
  readonly factors: string;
}
interface Shown {
  readonly given?: Given;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const preset = ({ decision }: Control): Given => ({
  kind: decision?.default ?? '',
  why: decision?.why ?? '',
  factors: '',
});

const kinds: readonly (readonly [DecisionKind, string, string])[] = [
  ['implemented', decisionWords.implemented, 'It is reasonable and appropriate, and it is done.'],
  ['alternative', decisionWords.alternative, 'Say what stands in its place, and why it is as good.'],
  ['not-reasonable', decisionWords['not-reasonable'], 'Say why, and how the standard is met without it.'],
];

const page = (
  deps: ProgrammePagesDeps,
  context: RequestContext,
  control: Control,
  { given = preset(control), wrong = [], status = 200 }: Shown = {},
): Promise<Answer> =>
  deskPage(deps, context, {
    title: `Decide: ${control.title}`,
    here,
    ...failed(wrong, status),
    main: html`<h1>Propose a decision: ${control.title}</h1>
<p class="lead">It takes effect when another officer approves it. A decision makes nothing met.</p>
${errorSummary(wrong)}
${sheet('what', 'What it is about', what(deps, control))}
${sheet(
  'form',
  'The decision',
  form(`${here}/${control.id}/decision`, [
    radios({ label: 'What is decided', name: 'kind', value: given.kind, of: kinds, error: errorOf(wrong, 'kind') }),
    area({
      label: 'Why',
      name: 'why',
      value: given.why,
      rows: 6,
      required: true,
      hint: 'Auditors read it. No names of patients.',
      error: errorOf(wrong, 'why'),
    }),
    area({
      label: 'What was weighed',
      name: 'factors',
      value: given.factors,
      rows: 6,
      required: true,
      hint: weighed,
      error: errorOf(wrong, 'factors'),
    }),
    html`<div class="acts">${button('Propose')}${linkButton('Not now', `${here}/${control.id}`)}</div>`,
  ]),
)}`,
  });

async function propose(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const control = addressable(deps, context);
  const fields = fieldsOf(context);
  const given = { kind: fields('kind'), why: plain(fields('why')), factors: plain(fields('factors')) };
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${here}/${control.id}/decision`, words },
      again: (refused) => page(deps, context, control, { given, ...refused }),
    },
    async () => {
      const subject = { control: control.id, ...given, kind: given.kind as DecisionKind };
      const task = await deps.decisions.propose(deps.actorOf(context.principal), subject);
      return { ...seeOther(`/programme/tasks/${task.id}?done=opened`), targets: [{ type: 'Task', id: task.id }] };
    },
  );
}

export function decisionForms(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const door = { action: 'decision-propose', type: 'Decision', house: true } as const;
  const path = `${here}/:control/decision`;
  return [
    get(path, door, (context) => page(deps, context, addressable(deps, context))),
    post(path, door, (context) => propose(deps, context)),
  ];
}
