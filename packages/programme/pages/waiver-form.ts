import {
  type Answer,
  area,
  button,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  html,
  linkButton,
  type RequestContext,
  type Route,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import type { ControlState } from '../posture/types.ts';
import { stateOfControl } from './control.ts';
import { failed } from './moment.ts';
import { noPersonText, personNamed } from './people.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import { dayText, endOfDay, fact, facts, plain, sheet, stateTag } from './words.ts';

const here = '/programme/controls';
const day_ms = 86_400_000;
const preset_days = 30;
const words = {
  person: noPersonText,
  owner: noPersonText,
  why: 'Write why: 20 to 4,000 characters.',
  until: 'Choose a day to come, no later than a waiver may last.',
} as const;

interface Given {
  readonly person: string;
  readonly why: string;
  readonly until: string;
}
interface Shown {
  readonly given?: Given;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

/** A fault speaks of the owner of a waiver, the form of a person. */
const atPerson = (wrong: readonly Wrong[]): readonly Wrong[] =>
  wrong.map((one) => (one.field === 'owner' ? { ...one, field: 'person' } : one));

const what = ({ control, state, because }: ControlState) =>
  facts([fact('Citation', control.citation), fact('State', stateTag(state)), fact('Because', because)]);

async function page(
  deps: ProgrammePagesDeps,
  context: RequestContext,
  { given, wrong: refused = [], status = 200 }: Shown = {},
): Promise<Answer> {
  const now = deps.clock.now();
  const one = stateOfControl(await deps.postureAt(now), paramOf(context, 'control'));
  const { control } = one;
  const wrong = atPerson(refused);
  const shown = given ?? { person: '', why: '', until: dayText(now + preset_days * day_ms) };
  return deskPage(deps, context, {
    title: `Waive: ${control.title}`,
    here,
    ...failed(wrong, status),
    main: html`<h1>Propose a waiver: ${control.title}</h1>
<p class="lead">Somebody answers for it until a day. It stays what it is, and everybody who looks sees that.</p>
${errorSummary(wrong)}
${sheet('what', 'What it is about', what(one))}
${sheet(
  'form',
  'The waiver',
  form(`${here}/${control.id}/waiver`, [
    field({
      label: 'Who answers for it',
      name: 'person',
      value: shown.person,
      autocomplete: 'off',
      hint: 'E-mail address, or id of the account. Somebody else approves it.',
      error: errorOf(wrong, 'person'),
    }),
    area({
      label: 'Why',
      name: 'why',
      value: shown.why,
      rows: 6,
      required: true,
      hint: 'Why it cannot be met now, and what is done meanwhile. No names of patients.',
      error: errorOf(wrong, 'why'),
    }),
    field({
      label: 'Last day (UTC)',
      name: 'until',
      type: 'date',
      value: shown.until,
      min: dayText(now),
      error: errorOf(wrong, 'until'),
    }),
    html`<div class="acts">${button('Propose')}${linkButton('Not now', `${here}/${control.id}`)}</div>`,
  ]),
)}`,
  });
}

function propose(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const control = paramOf(context, 'control');
  const fields = fieldsOf(context);
  const given = { person: fields('person'), why: plain(fields('why')), until: fields('until') };
  const { principal } = context;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${here}/${control}/waiver`, words },
      again: (refused) => page(deps, context, { given, ...refused }),
    },
    async () => {
      stateOfControl(await deps.postureAt(deps.clock.now()), control);
      const owner = await personNamed(deps, principal.tenant, given.person);
      const end = endOfDay(given.until);
      const subject = { control, owner, why: given.why, until: Number.isNaN(end) ? 0 : end };
      const task = await deps.decisions.waivers.propose(deps.actorOf(principal), subject);
      return { ...seeOther(`/programme/tasks/${task.id}?done=opened`), targets: [{ type: 'Task', id: task.id }] };
    },
  );
}

export function waiverForms(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const door = { action: 'waiver-propose', type: 'Waiver', house: true } as const;
  const path = `${here}/:control/waiver`;
  return [get(path, door, (context) => page(deps, context)), post(path, door, (context) => propose(deps, context))];
}
