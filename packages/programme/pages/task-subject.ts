import { type Html, html, timeOf } from '@safeguard/http';
import { words } from '../content/render.ts';
import type { DecisionKind } from '../content/types.ts';
import type { Task } from '../workflow/types.ts';
import { redlineOf } from './policy-text.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { type Call, capital, decisionWords, fact, facts, said } from './words.ts';

type Subject = Task['subject'];
type Teller = (deps: ProgrammePagesDeps, task: Task, call: Call) => Promise<Html> | Html;

const textIn = (subject: Subject, name: string): string => {
  const value = subject[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};
const numberIn = (subject: Subject, name: string): number => {
  const value = subject[name];
  return typeof value === 'number' ? value : Number.NaN;
};

const controlLink = ({ content }: ProgrammePagesDeps, id: string): Html => {
  const control = content.controls.get(id);
  return html`<a href="/programme/controls/${encodeURIComponent(id)}">${control?.title ?? id}</a>
${control !== undefined && ` (${control.citation})`}`;
};

/** Against the text in force when it is looked at, or the one before. */
async function policyVersion(deps: ProgrammePagesDeps, { tenant, subject }: Task): Promise<Html> {
  const [policy, number] = [textIn(subject, 'policy'), numberIn(subject, 'number')];
  const [version, published] = await Promise.all([
    deps.policies.read(tenant, policy, number),
    deps.policies.read(tenant, policy),
  ]);
  if (version === undefined) return html`<p class="hint">There is no such version any more.</p>`;
  const isOther = published !== undefined && published.tenant === tenant && published.number !== number;
  const from = isOther ? published.number : number - 1;
  const changes = await deps.policies.redline(tenant, policy, Math.max(0, from), number);
  return html`${facts([
    fact('Policy', html`<a href="/programme/policies/${policy}">${version.title}</a>`),
    fact('Version', html`<a href="/programme/versions/${version.id}">${number}, to be read whole</a>`),
    fact('Compared with', from > 0 ? `Version ${from}` : 'Nothing: it is the first'),
    fact('Digest (SHA-256)', html`<code>${textIn(subject, 'digest')}</code>`),
  ])}${redlineOf(changes)}`;
}

async function policyReview({ policies }: ProgrammePagesDeps, { tenant, subject }: Task): Promise<Html> {
  const [policy, number] = [textIn(subject, 'policy'), numberIn(subject, 'number')];
  const version = await policies.read(tenant, policy, number);
  return facts([
    fact('Policy', html`<a href="/programme/policies/${policy}">${version?.title ?? policy}</a>`),
    fact('Reviewed', html`Version ${number}: nothing is to be changed`),
    fact('Read', version && html`<a href="/programme/versions/${version.id}">The text</a>`),
  ]);
}

async function parameterChange({ parameters }: ProgrammePagesDeps, { subject }: Task): Promise<Html> {
  const name = textIn(subject, 'name');
  const now = (await parameters.list()).find(({ parameter }) => parameter.name === name);
  const unit = now?.parameter.unit;
  const shown = (value: unknown): string =>
    typeof value === 'number' || typeof value === 'string'
      ? words({ value, ...(unit === undefined ? {} : { unit }) })
      : 'what the file says';
  return facts([
    fact(
      'Number',
      html`<a href="/programme/parameters/${encodeURIComponent(name)}">${now?.parameter.title ?? name}</a>`,
    ),
    fact('In force now', now && shown(now.value)),
    fact('To be', html`<strong>${shown(subject['value'])}</strong>`),
    fact('Why', said(textIn(subject, 'why'))),
  ]);
}

const decision: Teller = (deps, { subject }) =>
  facts([
    fact('Control', controlLink(deps, textIn(subject, 'control'))),
    fact('What is required', deps.content.controls.get(textIn(subject, 'control'))?.requirement),
    fact('To be decided', html`<strong>${decisionWords[textIn(subject, 'kind') as DecisionKind]}</strong>`),
    fact('Why', said(textIn(subject, 'why'))),
    fact('What was weighed', said(textIn(subject, 'factors'))),
  ]);

const waiver: Teller = (deps, { subject }, call) =>
  facts([
    fact('Control', controlLink(deps, textIn(subject, 'control'))),
    fact('Who answers for it', capital(call(textIn(subject, 'owner')))),
    fact('Until', timeOf(numberIn(subject, 'until'))),
    fact('Why', said(textIn(subject, 'why'))),
  ]);

/** A kind that has no words here yet: its fields as they are. */
const anything: Teller = (_deps, { subject }) => {
  const all = Object.entries(subject);
  if (all.length === 0) return html`<p class="hint">Nothing that could still be read.</p>`;
  return facts(
    all.map(([name, value]) =>
      fact(name, said(typeof value === 'string' ? value : JSON.stringify(value, undefined, 1))),
    ),
  );
};

const tellers: Readonly<Record<string, Teller>> = {
  'policy-approval': policyVersion,
  'policy-review': policyReview,
  'parameter-change': parameterChange,
  decision,
  waiver,
};

/** What a task is about, so that whoever decides it need not look elsewhere. */
export const subjectOf: Teller = (deps, task, call) => {
  const isReadable = Object.keys(task.subject).length > 0;
  const teller = isReadable && Object.hasOwn(tellers, task.kind) ? tellers[task.kind] : undefined;
  return (teller ?? anything)(deps, task, call);
};

/** Accounts that a subject names. */
export const peopleIn = ({ subject }: Task): readonly string[] => [textIn(subject, 'owner')];
