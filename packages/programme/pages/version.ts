import { may } from '@safeguard/access';
import {
  type Answer,
  area,
  button,
  checkbox,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  type Html,
  hidden,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { missing } from '../api/fields.ts';
import type { PolicyVersion } from '../policies/types.ts';
import { failed } from './moment.ts';
import { textOf } from './policy-text.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import { type Call, callerOf, capital, done, fact, facts, plain, sheet, versionWords, whenLate } from './words.ts';

const here = '/programme/versions';
const readText = 'Say that you have read it.';
const doneWords = {
  kept: 'The draft is kept. Hand it in for approval when it is ready.',
  acknowledged: 'Thank you. That you have read exactly this text is written down.',
} as const;

async function versionOf({ policies }: ProgrammePagesDeps, context: RequestContext): Promise<PolicyVersion> {
  const found = await policies.byId(context.principal.tenant, paramOf(context, 'version'));
  if (found === undefined) throw missing();
  return found;
}

const sourceOf = ({ source }: PolicyVersion): Html =>
  source.kind === 'draft'
    ? html`A draft of ours`
    : html`<code>${source.path}</code>${
        source.commit !== undefined &&
        html`, commit <code>
${source.commit.slice(0, 12)}</code>`
      }`;

const what = (one: PolicyVersion, call: Call): Html =>
  facts([
    fact('Policy', html`<a href="/programme/policies/${one.policy}">${one.title}</a>`),
    fact('State', html`<span class="tag">${versionWords[one.state]}</span>`),
    fact('Written', html`${timeOf(one.made_at)}, by ${call(one.made_by)}`),
    fact('From', sourceOf(one)),
    fact('In force since', one.published_at !== undefined && timeOf(one.published_at)),
    fact('Approved by', capital(one.approved_by.map(call).join(', '))),
    fact('Task', one.task !== undefined && html`<a href="/programme/tasks/${one.task}">Its approval</a>`),
    fact('Digest (SHA-256)', html`<code>${one.digest}</code>`),
  ]);

interface Shown {
  readonly note?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const submitPart = (one: PolicyVersion, { note = '', wrong = [] }: Shown): Html =>
  sheet(
    'submit',
    'Hand it in for approval',
    form(`${here}/${one.id}/submit`, [
      area({ label: 'Note (optional)', name: 'note', value: note, error: errorOf(wrong, 'note') }),
      html`<div class="acts">${button('Hand it in')}</div>`,
    ]),
  );

const acknowledgePart = (one: PolicyVersion, by: number, now: number, wrong: readonly Wrong[]): Html =>
  sheet(
    'acknowledge',
    'Acknowledge it',
    html`<p>By ${whenLate(by, now)}. It is written down that you read exactly this text.</p>
${form(`${here}/${one.id}/acknowledge`, [
  hidden('digest', one.digest),
  checkbox({ name: 'read', label: 'I have read it and keep to it', error: errorOf(wrong, 'read') }),
  html`<div class="acts">${button('Acknowledge')}</div>`,
])}`,
  );

async function show(deps: ProgrammePagesDeps, context: RequestContext, given: Shown = {}): Promise<Answer> {
  const one = await versionOf(deps, context);
  const { principal, query } = context;
  const { wrong = [], status = 200 } = given;
  const [call, owed] = await Promise.all([
    callerOf(deps, principal, [one.made_by, ...one.approved_by]),
    deps.policies.owed(principal.tenant, principal.id),
  ]);
  const mine = owed.find(({ version }) => version.id === one.id);
  const text = done(doneWords, query.get('done'));
  const submits = one.state === 'draft' && may(deps.guard, principal, 'document-submit');
  const title = `${one.title}, version ${one.number}`;
  return deskPage(deps, context, {
    title,
    here: mine === undefined ? '/programme/policies' : '/programme/acknowledge',
    ...failed(wrong, status),
    main: html`<h1>${title}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}${errorSummary(wrong)}
${
  mine !== undefined &&
  notice(html`<p>For you to read: at the end of the text you acknowledge it. By
${whenLate(mine.by, deps.clock.now())}.</p>`)
}
${sheet('what', 'What it is', what(one, call))}
<article class="sheet" aria-label="The text">${textOf(deps.policies, one)}</article>
${mine !== undefined && acknowledgePart(one, mine.by, deps.clock.now(), wrong)}
${submits && submitPart(one, given)}
<div class="acts">${
      one.number > 1 &&
      linkButton('What changed', `/programme/policies/${one.policy}/redline?from=${one.number - 1}&to=${one.number}`)
    }
${linkButton('The policy', `/programme/policies/${one.policy}`)}</div>`,
  });
}

async function submit(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const one = await versionOf(deps, context);
  const note = plain(fieldsOf(context)('note'));
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${here}/${one.id}`, words: { note: 'Write 3 to 4,000 characters, or nothing.' } },
      again: (refused) => show(deps, context, { note, ...refused }),
    },
    async () => {
      const said = note === '' ? undefined : note;
      const task = await deps.policies.submit(deps.actorOf(context.principal), one.policy, one.number, said);
      return { ...seeOther(`/programme/tasks/${task.id}?done=opened`), targets: [{ type: 'Task', id: task.id }] };
    },
  );
}

async function acknowledge(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const one = await versionOf(deps, context);
  const fields = fieldsOf(context);
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${here}/${one.id}`, words: { read: readText } },
      again: (refused) => show(deps, context, refused),
    },
    async () => {
      if (fields('read') !== 'yes') {
        throw fault('invalid', readText, {
          issues: [{ severity: 'error', code: 'required', text: readText, at: 'read' }],
        });
      }
      await deps.policies.acknowledge(deps.actorOf(context.principal), one.policy, one.number, fields('digest'));
      return seeOther('/programme/acknowledge?done=acknowledged');
    },
  );
}

export function versionRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const door = (verb: string) => ({ action: `document-${verb}`, type: 'Document' });
  return [
    get(`${here}/:version`, door('read'), (context) => show(deps, context)),
    post(`${here}/:version/submit`, door('submit'), (context) => submit(deps, context)),
    post(`${here}/:version/acknowledge`, door('acknowledge'), (context) => acknowledge(deps, context)),
  ];
}
