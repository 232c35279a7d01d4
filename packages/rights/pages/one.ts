import {
  type Answer,
  area,
  button,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  type Html,
  html,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { RightRequest } from '../types.ts';
import { doneNotice, places, record, recordPage, type Visit, ways } from './own.ts';
import type { RightsPagesDeps } from './ports.ts';
import { answerFacts, fact, kinds, leftOf, said, sheet, stateOf } from './words.ts';

/** One's own request; what is not theirs is not there. */
async function requestOf({ rights }: RightsPagesDeps, { principal, within, context }: Visit): Promise<RightRequest> {
  const found = await rights.byId(principal.tenant, context.params['id'] ?? '');
  const isTheirs = found?.asked_by === principal.id && within.includes(found.patient);
  if (found === undefined || !isTheirs) throw fault('missing', 'There is no such request.');
  return found;
}

const aboutFact = ({ kind, about }: RightRequest): Html | false =>
  about !== undefined && fact(kind === 'objection' ? 'Number in the log' : 'Entry', html`<code>${about}</code>`);

const facts = (of: RightRequest, visit: Visit, now: number): Html => html`<dl class="facts">
${fact('State', stateOf(of))}
${visit.within.length > 1 && fact('Whose record', visit.nameOf(of.patient))}
${fact('Asked', timeOf(of.asked_at))}
${of.state === 'open' && fact('Answered by', leftOf(of, now))}
${aboutFact(of)}
${of.text !== undefined && fact('What you wrote', said(of.text))}
${answerFacts(of)}</dl>`;

interface Shown {
  readonly given?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const disagreeForm = (of: RightRequest, given: string, wrong: readonly Wrong[]): Html | false =>
  of.kind === 'amendment' &&
  of.state === 'denied' &&
  of.disagreement === undefined &&
  sheet(
    'disagree',
    'If you disagree',
    form(`${places.amendment}/${of.id}/disagree`, [
      area({
        label: 'Your statement',
        name: 'text',
        value: given,
        rows: 6,
        required: true,
        hint: 'It stands beside the record from then on, as you write it.',
        error: errorOf(wrong, 'text'),
      }),
      html`<div class="acts">${button('Keep my statement')}</div>`,
    ]),
  );

async function show(
  deps: RightsPagesDeps,
  visit: Visit,
  { given = '', wrong = [], status = 200 }: Shown = {},
): Promise<Answer> {
  const of = await requestOf(deps, visit);
  const title = kinds[of.kind];
  return recordPage(deps, visit, {
    ...{ title, here: places[of.kind], wrong, status, patients: [of.patient] },
    main: html`<h1>${title}</h1>
${errorSummary(wrong)}${doneNotice(visit, { withdrawn: 'It is taken back.', disagreed: 'Your statement is kept.' })}
${sheet('what', 'What you asked', facts(of, visit, deps.clock.now()))}
${disagreeForm(of, given, wrong)}
${of.state === 'open' && form(`${record}/requests/${of.id}/withdraw`, button('Take it back', 'quiet'))}`,
  });
}

const withdraw = (deps: RightsPagesDeps, visit: Visit): Promise<Answer> => {
  const { id = '' } = visit.context.params;
  const back = `${record}/requests/${id}`;
  return tried(
    visit.context,
    { frame: deps.frame, back, words: {}, again: (refused) => show(deps, visit, refused) },
    async () => {
      const { patient } = await deps.rights.withdraw(visit.principal, id);
      return { ...seeOther(`${back}?done=withdrawn`), patients: [patient] };
    },
  );
};

const disagree = (deps: RightsPagesDeps, visit: Visit): Promise<Answer> => {
  const { id = '' } = visit.context.params;
  const given = fieldsOf(visit.context)('text').replaceAll('\r\n', '\n').trim();
  const back = `${record}/requests/${id}`;
  const words = { text: 'Write 10 to 4,000 characters.' };
  return tried(
    visit.context,
    { frame: deps.frame, back, words, again: (refused) => show(deps, visit, { given, ...refused }) },
    async () => {
      const { patient } = await deps.rights.disagree(visit.principal, id, given);
      return { ...seeOther(`${back}?done=disagreed`), patients: [patient] };
    },
  );
};

export function oneRoutes(deps: RightsPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(`${record}/requests/:id`, 'self-right-read', (visit) => show(deps, visit)),
    post(`${record}/requests/:id/withdraw`, 'self-right-withdraw', (visit) => withdraw(deps, visit)),
    post(`${places.amendment}/:id/disagree`, 'self-amendment-make', (visit) => disagree(deps, visit)),
  ];
}
