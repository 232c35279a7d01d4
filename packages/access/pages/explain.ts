import {
  type Answer,
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
  type Principal,
  type RequestContext,
  type Route,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { Explained, ExplainPort, Question } from '../api/answers.ts';
import { namesOf } from '../api/names.ts';
import { checkSeesAll, noSuch, seesAll } from '../api/reach.ts';
import type { Policy } from '../policy/types.ts';
import { typeWords } from '../type-words.ts';
import { personNamed } from './people.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, ways } from './ways.ts';
import { type Call, callerOf, fact, facts, roleTitle, rows, sheet } from './words.ts';

const path = '/access/explain';
const words = {
  person: 'There is nobody of this organization under this address or id.',
  action: 'Choose what it is about to do.',
  type: 'Give a type of FHIR, such as Observation.',
  id: 'Give the id of a resource, or nothing.',
} as const;

export const actions: readonly (readonly [string, string])[] = [
  ['read', 'Read'],
  ['search-type', 'Search'],
  ['create', 'Add'],
  ['update', 'Change'],
  ['delete', 'Delete'],
];

interface Given {
  readonly person: string;
  readonly action: string;
  readonly type: string;
  readonly id: string;
}
const empty: Given = { person: '', action: 'read', type: 'Patient', id: '' };

interface Shown {
  readonly given?: Given;
  readonly answer?: Html;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const asking = (principal: Principal, given: Given, wrong: readonly Wrong[]): Html =>
  form(path, [
    seesAll(principal) &&
      field({
        label: 'Who (optional)',
        name: 'person',
        value: given.person,
        required: false,
        autocomplete: 'off',
        hint: 'E-mail address, or id of the account. Empty: you.',
        error: errorOf(wrong, 'person'),
      }),
    html`<div class="fields">${choice({ label: 'Wants to', name: 'action', value: given.action, of: actions })}
${field({ label: 'What', name: 'type', value: given.type, maxlength: 60, error: errorOf(wrong, 'type') })}</div>`,
    field({
      label: 'Which one (optional)',
      name: 'id',
      value: given.id,
      required: false,
      autocomplete: 'off',
      hint: 'The id of one resource. Empty: any of the kind.',
      error: errorOf(wrong, 'id'),
    }),
    html`<div class="acts">${button('Explain')}</div>`,
  ]);

const show = (
  deps: AccessPagesDeps,
  context: RequestContext,
  { given = empty, answer, wrong = [], status = 200 }: Shown = {},
): Promise<Answer> =>
  deskPage(deps, context, {
    title: 'Explain',
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Who may do what, and why</h1>
${errorSummary(wrong)}${answer}
${sheet('question', 'A question', asking(context.principal, given, wrong))}`,
  });

const issue = (at: keyof typeof words) =>
  fault('invalid', words[at], { issues: [{ severity: 'error', code: 'invalid', text: words[at], at }] });

async function questionOf(deps: AccessPagesDeps, by: Principal, given: Given): Promise<Question> {
  if (!actions.some(([action]) => action === given.action)) throw issue('action');
  if (!/^[A-Z][A-Za-z]{1,59}$/.test(given.type)) throw issue('type');
  if (given.id !== '' && !isUuid(given.id)) throw issue('id');
  const account = given.person === '' ? by.id : await personNamed(deps, by.tenant, given.person);
  if (account !== by.id) checkSeesAll(by);
  const { action, type, id } = given;
  return { tenant: by.tenant, by, account, action, type, ...(id === '' ? {} : { id }) };
}

/** Rules that did not hold, in words: the first condition that failed. */
const failures: Readonly<Record<string, string>> = {
  subject: 'names others',
  matrix: 'the role is not to reach this kind of data',
  ended: 'the role is over',
  view: 'shows less than is asked for',
  compartment: 'not a patient of theirs',
  query: 'the resource is not of this kind',
  labels: 'of its security labels',
  sensitive: 'sensitive data that was not opened by name',
  consent: 'the patient’s consent withholds it',
  scope: 'the app’s scopes do not reach it',
  purpose: 'asked for another purpose',
  network: 'from another network',
  hours: 'outside its hours',
  fresh: 'a factor has to be shown anew',
  test: 'only in tenants without real patients',
};

/** What was taken as usual of somebody who is not asking. */
const assumptions: Readonly<Record<NonNullable<Explained['assumed']>[number], string>> = {
  factor: 'a second factor that was just shown',
  network: 'no network that rules name',
  purpose: 'the usual purpose of the role',
  app: 'an app that may all that the account may',
  patient: 'the patient of the resource chosen in the app',
};

const views: Readonly<Record<string, string>> = {
  full: 'As it is',
  'without-identity': 'Without what identifies a person',
  limited: 'A limited data set',
  deidentified: 'De-identified',
};

type Rule = Explained['rules'][number];

const ruleRow = (policy: Policy, { rule, effect, why, through, failed }: Rule): Html => {
  const holds = failed === undefined && through !== undefined;
  const role = through?.kind === 'role' && through.name !== undefined ? roleTitle(policy, through.name) : undefined;
  const stands =
    through === undefined
      ? 'Does not name them'
      : holds
        ? 'Holds'
        : `Does not hold: ${failures[failed ?? ''] ?? failed}`;
  return html`<li class="row"><div><h3>${effect === 'permit' ? 'Permits' : 'Forbids'}: <code>${rule}</code>
<span class="tag">${holds ? 'holds' : 'does not hold'}</span></h3>
<p>${why}</p><p class="hint">${stands}${role !== undefined && ` (as ${role.toLowerCase()})`}.</p></div></li>`;
};

function answerOf(found: Explained, question: Question, policy: Policy, call: Call): Html {
  const who = call(question.account ?? '');
  const verb = (actions.find(([action]) => action === question.action)?.[1] ?? question.action).toLowerCase();
  const of = `${verb} ${question.id === undefined ? typeWords(question.type) : `this ${question.type}`}`;
  const title = `${found.permit ? 'Yes' : 'No'}: ${who} may ${found.permit ? '' : 'not '}${of}`;
  const naming = found.rules.filter(({ through }) => through !== undefined);
  const shown = naming.length > 0 ? naming : found.rules.slice(0, 10);
  return html`${sheet(
    'answer',
    title,
    facts([
      fact('Because', found.why ?? found.reason),
      fact('Rule', found.rule !== undefined && html`<code>${found.rule}</code>`),
      fact('As', found.role !== undefined && roleTitle(policy, found.role)),
      fact('Right', found.grant !== undefined && html`<a href="/access/grants/${found.grant}">See the right</a>`),
      fact('Approved by', (found.granted_by ?? []).map(call).join(', ')),
      fact('Until', found.until !== undefined && timeOf(found.until)),
      fact('Shown', found.permit && found.view !== undefined && views[found.view]),
      fact('Consent', found.consent !== undefined && html`<code>${found.consent}</code>`),
      fact('Taken as given', (found.assumed ?? []).map((one) => assumptions[one]).join('; ')),
      fact('Asked for', html`${question.action} ${question.type}`),
    ]),
  )}
${sheet(
  'rules',
  'Rule by rule',
  rows(
    shown.map((one) => ruleRow(policy, one)),
    'No rule of the policy was looked at.',
  ),
)}`;
}

async function ask(deps: AccessPagesDeps, context: RequestContext, explain: ExplainPort): Promise<Answer> {
  const { principal } = context;
  const fields = fieldsOf(context);
  const text = (name: string): string => line(fields(name));
  const given = { person: text('person'), action: text('action'), type: text('type'), id: text('id').toLowerCase() };
  return tried(
    context,
    { frame: deps.frame, back: path, words, again: (refused) => show(deps, context, { given, ...refused }) },
    async () => {
      const question = await questionOf(deps, principal, given);
      const { account, type, id } = question;
      const targets = [
        ...(account === undefined ? [] : [{ type: 'Account', id: account }]),
        ...(id === undefined ? [] : [{ type, id }]),
      ];
      context.about?.(targets);
      const found = await explain(question);
      if (found === undefined) throw noSuch();
      const { policy } = await deps.policies.active(principal.tenant);
      const call = callerOf(await namesOf(deps, principal.tenant, [account, ...(found.granted_by ?? [])]), principal);
      const answer = answerOf(found, question, policy, call);
      return { ...(await show(deps, context, { given, answer })), targets, patients: found.patients ?? [] };
    },
  );
}

export function explainRoutes(deps: AccessPagesDeps, explain: ExplainPort): Route[] {
  const { get, post } = ways(deps);
  return [
    get(path, 'access-explain', (context) => show(deps, context)),
    post(path, 'access-explain', (context) => ask(deps, context, explain)),
  ];
}
