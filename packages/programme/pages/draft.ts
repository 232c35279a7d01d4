import {
  type Answer,
  area,
  button,
  errorSummary,
  form,
  formType,
  type Html,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import { missing } from '../api/fields.ts';
import { readDraft } from '../policies/read-draft.ts';
import { redlineOf as redlineBetween } from '../policies/redline.ts';
import type { PolicyVersion } from '../policies/types.ts';
import { sourceOf } from './draft-source.ts';
import { failed } from './moment.ts';
import { redlineOf, textOf } from './policy-text.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import { sheet } from './words.ts';

const here = '/programme/policies';
/** Percent-encoded, a text takes up to three times its bytes. */
const [form_bytes, text_most] = [262_144, 65_536];

/** The version that a draft begins from: the newest of the tenant's own, else what it inherits. */
async function basisOf({ policies }: ProgrammePagesDeps, context: RequestContext): Promise<PolicyVersion> {
  const { tenant } = context.principal;
  const policy = paramOf(context, 'policy');
  const own = await policies.versions(tenant, policy);
  const newest = own.toSorted((one, other) => other.number - one.number)[0];
  const found = newest ?? (await policies.read(tenant, policy));
  if (found === undefined) throw missing();
  return found;
}

/** What is wrong with a text, each with its file and line, as an editor says it. */
function placed(error: unknown): unknown {
  if (!isFault(error) || error.kind !== 'invalid') return error;
  const issues = error.issues.map(({ at, text, ...rest }) => ({
    ...rest,
    text: at === undefined || !at.includes(':') ? text : `${at.replace(/^program\//, '')}: ${text}`,
  }));
  return fault('invalid', 'The text has errors.', { issues });
}

interface Shown {
  readonly markdown?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
  readonly preview?: Html;
}

const help = html`Front matter between two lines of ---, one # title, ## sections. Numbers of the programme stand as
{{sessions.idle_minutes}}. No HTML, no images.`;

async function page(
  deps: ProgrammePagesDeps,
  context: RequestContext,
  { markdown, wrong = [], status = 200, preview }: Shown = {},
): Promise<Answer> {
  const basis = await basisOf(deps, context);
  const isOwn = basis.tenant === context.principal.tenant;
  return deskPage(deps, context, {
    title: `Draft: ${basis.title}`,
    here,
    ...failed(wrong, status),
    main: html`<h1>Draft: ${basis.title}</h1>
<p class="lead">It begins from ${isOwn ? `version ${basis.number}` : 'the text that you inherit'}.
A draft binds nobody: it is handed in, and others approve it.</p>
${
  context.principal.tenant !== 1 &&
  notice(html`<p>Sections that are inherited stay as they are. Whether they do is told when the draft is kept.</p>`)
}
${errorSummary(wrong)}${preview}
<div class="sheet code">${form(`${here}/${basis.policy}/draft`, [
      area({
        label: 'The text',
        name: 'markdown',
        value: markdown ?? sourceOf(basis.content),
        rows: 28,
        required: true,
        hint: help,
        error: wrong.length === 0 ? undefined : 'It has errors: see above, each with its line.',
      }),
      html`<div class="acts">${button('Look at it', 'quiet', { name: 'step', value: 'preview' })}
${button('Keep the draft', 'main', { name: 'step', value: 'keep' })}
${linkButton('Not now', `${here}/${basis.policy}`)}</div>`,
    ])}</div>`,
  });
}

/** A text is longer than any other field. What stands twice or is too long counts as not given. */
function givenOf({ body }: RequestContext): { markdown: string; step: string } {
  const given = new URLSearchParams(body.toString('utf8'));
  const [[markdown = '', ...more], step] = [given.getAll('markdown'), given.get('step') ?? ''];
  const sound = more.length === 0 && markdown.length <= text_most;
  return { markdown: sound ? markdown.replaceAll('\r\n', '\n') : '', step };
}

/** As it would be read, with the numbers of now, and what it changes. */
async function previewOf(deps: ProgrammePagesDeps, context: RequestContext, markdown: string): Promise<Html> {
  const basis = await basisOf(deps, context);
  const content = readDraft(basis.policy, markdown, deps.content);
  const listed = await deps.parameters.list();
  const parameters = Object.fromEntries(listed.map(({ parameter, value }) => [parameter.name, value]));
  const units = Object.fromEntries(
    listed.flatMap(({ parameter: { name, unit } }) => (unit === undefined ? [] : [[name, unit]])),
  );
  const version = { ...basis, content, parameters, units };
  const changes = redlineBetween(basis.content.text, content.text);
  return html`${notice(html`<p>It has no errors. Nothing is kept yet.</p>`, 'good')}
${sheet('changes', 'What it changes', redlineOf(changes))}
<article class="sheet" aria-label="As it would be read">${textOf(deps.policies, version)}</article>`;
}

async function take(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const { markdown, step } = givenOf(context);
  const policy = paramOf(context, 'policy');
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${here}/${policy}/draft`, words: {} },
      again: (refused) => page(deps, context, { markdown, ...refused }),
    },
    async () => {
      try {
        if (step !== 'keep')
          return await page(deps, context, { markdown, preview: await previewOf(deps, context, markdown) });
        await basisOf(deps, context);
        const made = await deps.policies.draft(deps.actorOf(context.principal), policy, markdown);
        const targets = [{ type: 'DocumentVersion', id: made.id }];
        return { ...seeOther(`/programme/versions/${made.id}?done=kept`), targets };
      } catch (error) {
        throw placed(error);
      }
    },
  );
}

export function draftRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const door = { action: 'document-draft', type: 'Document' } as const;
  const path = `${here}/:policy/draft`;
  return [
    get(path, door, (context) => page(deps, context)),
    { ...post(path, door, (context) => take(deps, context)), accepts: [formType], limit_bytes: form_bytes },
  ];
}
