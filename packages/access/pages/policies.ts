import {
  type Answer,
  area,
  button,
  errorOf,
  errorSummary,
  form,
  type Html,
  html,
  linkButton,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { namesOf } from '../api/names.ts';
import type { PolicySummary } from '../policies/types.ts';
import { policyStates } from './policy-states.ts';
import { policyRoutes as ofOne } from './policy-steps.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, may, ways } from './ways.ts';
import { type Call, callerOf, further, open, row, rows, sheet } from './words.ts';

const path = '/access/policies';
const words = { policy: '', note: 'Write what you changed and why: up to 2,000 characters.', tests: '' } as const;

const policyRow = (of: PolicySummary, call: Call): Html =>
  row(
    html`Version ${of.version} <span class="tag">${policyStates[of.state]}</span>`,
    html`<p>By ${of.authors.map(call).join(', ')}, ${timeOf(of.changed_at)}. Based on version ${of.based_on}.</p>`,
    open(`${path}/${of.version}`, `version ${of.version}`),
  );

const house = (): Html =>
  row(
    html`Version 0`,
    'The policy of the house: what holds until a version of your own does.',
    open(`${path}/0`, 'version 0'),
  );

const count = 50;

async function list(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant } = context.principal;
  const before = /^[1-9]\d{0,8}$/.exec(context.query.get('before') ?? '')?.[0];
  const wanted = { count: count + 1, ...(before === undefined ? {} : { before: Number(before) }) };
  const [found, active] = await Promise.all([deps.policies.list(tenant, wanted), deps.policies.active(tenant)]);
  const items = found.slice(0, count);
  const next = found.length > count ? (items.at(-1)?.version ?? null) : null;
  const call = callerOf(
    await namesOf(
      deps,
      tenant,
      items.flatMap(({ authors }) => authors),
    ),
    context.principal,
  );
  const versions = items.map((one) => policyRow(one, call));
  return deskPage(deps, context, {
    title: 'Policy',
    here: path,
    main: html`<h1>Access policy</h1>
<p class="lead">Version ${active.version} is in force. Nothing is permitted that no rule of it permits.</p>
<div class="acts">${linkButton('Read what is in force', `${path}/${active.version}`, 'main')}
${may(deps.guard, context.principal, 'policy-draft') && linkButton('Upload a draft', `${path}/new`)}</div>
${sheet('versions', 'Versions', rows([...versions, ...(next === null ? [house()] : [])], ''))}
${further(path, next, 'before')}`,
  });
}

interface Draft {
  readonly given?: Readonly<Record<'policy' | 'note' | 'tests', string>>;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}
const empty = { policy: '', note: '', tests: '' };

const draftPage = (
  deps: AccessPagesDeps,
  context: RequestContext,
  { given = empty, wrong = [], status = 200 }: Draft = {},
): Promise<Answer> =>
  deskPage(deps, context, {
    title: 'Upload a draft',
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Upload a draft</h1>
<p class="lead">A policy is one JSON document. A draft changes nothing: others look at it and approve it first.</p>
${errorSummary(wrong)}
${form(path, [
  html`<section class="sheet code" aria-label="The draft">${area({
    label: 'Policy',
    name: 'policy',
    value: given.policy,
    rows: 14,
    required: true,
    hint: 'JSON, as the policy in force is shown at its page.',
    error: errorOf(wrong, 'policy'),
  })}
${area({
  label: 'Tests (optional)',
  name: 'tests',
  value: given.tests,
  hint: 'JSON: what it is to answer.',
  error: errorOf(wrong, 'tests'),
})}
${area({ label: 'What changed, and why', name: 'note', value: given.note, error: errorOf(wrong, 'note') })}</section>`,
  html`<div class="acts">${button('Keep the draft')}${linkButton('Not now', path)}</div>`,
])}`,
  });

/** A policy is longer than what stands in other forms. */
const limit_bytes = 3_000_000;

function jsonOf(name: 'policy' | 'tests', text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const told = 'This is not JSON.';
    throw fault('invalid', told, { issues: [{ severity: 'error', code: 'structure', text: told, at: name }], cause });
  }
}

/** What is found in a document is told with its place in it, in the summary: the field is one. */
async function inDocument<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw placed(thrown);
  }
}

function placed(thrown: unknown): unknown {
  const {
    kind,
    message,
    issues = [],
  } = thrown as { kind?: string; message: string; issues?: { text: string; at?: string }[] };
  if (kind !== 'invalid' || issues.length === 0) return thrown;
  const found = issues.slice(0, 20).map(({ text, at = '' }) => ({
    ...{ severity: 'error' as const, code: 'invalid', text: at === '' ? text : `At ${at}: ${text}` },
    at: '',
  }));
  return fault('invalid', message, { issues: found });
}

async function draft(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const body = new URLSearchParams(context.body.toString('utf8'));
  const text = (name: string): string => (body.get(name) ?? '').replaceAll('\r\n', '\n').trim();
  const given = { policy: text('policy'), note: text('note'), tests: text('tests') };
  return tried(
    context,
    {
      frame: deps.frame,
      back: `${path}/new`,
      words,
      again: (refused) => draftPage(deps, context, { given, ...refused }),
    },
    async () => {
      const wanted = {
        policy: jsonOf('policy', given.policy),
        ...(given.tests === '' ? {} : { tests: jsonOf('tests', given.tests) }),
        ...(given.note === '' ? {} : { note: given.note }),
      };
      const { version } = await inDocument(deps.policies.draft(context.principal, wanted));
      return { ...seeOther(`${path}/${version}`), targets: [{ type: 'Policy', id: String(version) }] };
    },
  );
}

export function policyRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(path, 'policy-list', (context) => list(deps, context)),
    get(`${path}/new`, 'policy-draft', (context) => draftPage(deps, context)),
    { ...post(path, 'policy-draft', (context) => draft(deps, context)), limit_bytes },
    ...ofOne(deps),
  ];
}
