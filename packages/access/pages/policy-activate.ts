import {
  type Answer,
  button,
  checkFresh,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  html,
  linkButton,
  type RequestContext,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { act, lookOf, path } from './policy-look.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage } from './ways.ts';

const words = { at: 'Give a moment to come, or nothing.' } as const;

interface Asking {
  readonly given?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

export async function activatePage(
  deps: AccessPagesDeps,
  context: RequestContext,
  { given = '', wrong = [], status = 200 }: Asking = {},
): Promise<Answer> {
  const { of } = await lookOf(deps, context);
  return deskPage(deps, context, {
    title: 'Put a version in force',
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Put version ${of.version} in force?</h1>
${errorSummary(wrong)}
<div class="sheet slim"><p>From then on it decides everything, on every server within a second.</p>
${form(`${path}/${of.version}/activate`, [
  field({
    label: 'From when (optional)',
    name: 'at',
    type: 'datetime-local',
    value: given,
    required: false,
    hint: 'In UTC. Empty: at once.',
    error: errorOf(wrong, 'at'),
  }),
  html`<div class="acts">${button('Put it in force', 'danger')}${linkButton('Not now', `${path}/${of.version}`)}</div>`,
])}</div>`,
  });
}

function momentOf(text: string): number | undefined {
  if (text === '') return undefined;
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw fault('invalid', words.at, { issues: [{ severity: 'error', code: 'invalid', text: words.at, at: 'at' }] });
}

export async function activate(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { of } = await lookOf(deps, context);
  const given = fieldsOf(context)('at');
  const at = `${path}/${of.version}`;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${at}/activate`, words },
      again: (refused) => activatePage(deps, context, { given, ...refused }),
    },
    async () => {
      checkFresh(context.principal, deps.clock.now());
      await deps.policies.activate(context.principal, of.version, momentOf(given));
      return seeOther(`${at}?done=activated`);
    },
  );
}

export async function rollBackPage(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { of } = await lookOf(deps, context);
  return deskPage(deps, context, {
    title: 'Go back to an earlier version',
    here: path,
    main: html`<h1>Go back to version ${of.version}?</h1>
<div class="sheet slim"><p>Its text becomes the newest version. What was in force just before, within the last day, is
so again at once; anything else waits for somebody to approve it.</p>
<div class="acts">${act(of, 'roll-back', 'Go back', 'danger')}
${linkButton('Not now', `${path}/${of.version}`)}</div></div>`,
  });
}
