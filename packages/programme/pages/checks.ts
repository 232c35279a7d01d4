import { setTimeout as wait } from 'node:timers/promises';
import { may } from '@safeguard/access';
import {
  type Answer,
  button,
  fieldsOf,
  form,
  type Html,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
} from '@safeguard/http';
import { type Check, fault } from '@safeguard/kernel';
import { missing } from '../api/fields.ts';
import type { PlacedEvidence } from '../checks/types.ts';
import { checkStateOf } from '../posture/check-state.ts';
import type { CheckState } from '../posture/types.ts';
import { checkRow, evidenceFacts } from './evidence-parts.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import { done, fact, facts, further, rows, sheet, stateTag } from './words.ts';

const here = '/programme/checks';
const count = 20;
/** A person waits so long for what they started; it goes on, and its evidence stands here when it is done. */
const patience_ms = 12_000;

/** Said by the form alone: what asks for nothing runs nothing. */
const notMet = 'not-met';

const doneWords = {
  ran: 'It ran: its evidence is the newest below.',
  running: 'It is running. Its evidence stands here when it is done: look again in a minute.',
  all: 'They ran: this is what they found.',
} as const;

/** Every check as it stands, and those of no control too. */
async function statesOf({ postureAt, runner, evidence, clock }: ProgrammePagesDeps): Promise<readonly CheckState[]> {
  const now = clock.now();
  const known = new Map(
    (await postureAt(now)).controls.flatMap(({ checks }) => checks).map((one) => [one.check, one] as const),
  );
  const rest = [...runner.checks.keys()].filter((id) => !known.has(id));
  const more = await Promise.all(
    rest.map(async (id) => {
      const [newest] = await evidence.list(id, { before: now + 1, count: 1 });
      const found = new Map(newest === undefined ? [] : [[id, newest] as const]);
      return checkStateOf({ at: now, checks: runner.checks, newest: found }, id);
    }),
  );
  return [...known.values(), ...more].sort((one, other) => (one.check < other.check ? -1 : 1));
}

const order = ['unmet', 'unknown', 'met'] as const;
const titles = { unmet: 'Not met', unknown: 'Not known', met: 'Met' } as const;

async function list(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const states = await statesOf(deps);
  const text = done(doneWords, context.query.get('done'));
  const runs = may(deps.guard, context.principal, 'check-run');
  return deskPage(deps, context, {
    title: 'Checks',
    here,
    main: html`<h1>Checks</h1>
<p class="lead">What is tried on the running platform, again and again. Each run leaves one entry in the log, whatever
it found.</p>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${runs && form(`${here}/run`, button('Run all that are not met', 'main', { name: 'of', value: notMet }))}
${order.map((state) => {
  const these = states.filter((one) => one.state === state);
  return sheet(state, `${titles[state]} (${these.length})`, rows(these.map(checkRow), 'None.'));
})}`,
  });
}

/** Starts them; answers after a while what became of it. What fails later leaves no evidence, and so is unknown. */
async function started({ runner }: ProgrammePagesDeps, ids: readonly string[]): Promise<'ran' | 'running'> {
  const timer = new AbortController();
  const ran = runner.run({ ids, why: 'asked' }).then(() => 'ran' as const);
  try {
    return await Promise.race([ran, wait(patience_ms, 'running' as const, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

async function runUnmet(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  if (fieldsOf(context)('of') !== notMet) throw fault('invalid', 'Say which checks are to run.');
  const ids = (await statesOf(deps)).filter(({ state }) => state !== 'met').map(({ check }) => check);
  const came = await started(
    deps,
    ids.filter((id) => deps.runner.checks.has(id)),
  );
  return seeOther(`${here}?done=${came === 'ran' ? 'all' : 'running'}`);
}

const checkOf = ({ runner }: ProgrammePagesDeps, context: RequestContext): Check => {
  const found = runner.checks.get(paramOf(context, 'check'));
  if (found === undefined) throw missing();
  return found;
};

const often = (every_s: number): string => {
  const [number, unit] =
    every_s % 86_400 === 0
      ? [every_s / 86_400, 'day']
      : every_s % 3_600 === 0
        ? [every_s / 3_600, 'hour']
        : [Math.round(every_s / 60), 'minute'];
  return number === 1 ? `Every ${unit}` : `Every ${number} ${unit}s`;
};

const servedBy = ({ content }: ProgrammePagesDeps, id: string): Html => {
  const these = [...content.controls.values()].filter(({ checks }) => checks.includes(id));
  if (these.length === 0) return html`No control`;
  return html`<ul class="plain">${these.map(
    (one) => html`<li><a href="/programme/controls/${one.id}">
${one.title}</a> (${one.citation})</li>`,
  )}</ul>`;
};

const evidenceItem = (placed: PlacedEvidence): Html =>
  html`<li class="row"><div><h3>${stateTag(placed.evidence.result)} ${timeOf(placed.evidence.at)}</h3>
<p>${placed.evidence.saw}</p>
<details><summary>All of it<span class="unseen">, ${placed.evidence.id}</span></summary>
${evidenceFacts(placed)}</details></div></li>`;

/** Received before: `next` of the page before. */
const beforeOf = ({ query }: RequestContext, now: number): number => {
  const text = query.get('before') ?? '';
  const at = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isNaN(at) ? now + 1 : at;
};

async function history(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const check = checkOf(deps, context);
  const now = deps.clock.now();
  const found = await deps.evidence.list(check.id, { before: beforeOf(context, now), count: count + 1 });
  const items = found.slice(0, count);
  const last = items.at(-1);
  const next = found.length > count && last !== undefined ? String(last.evidence.at) : null;
  const text = done(doneWords, context.query.get('done'));
  const answer = await deskPage(deps, context, {
    title: check.title,
    here,
    main: html`<h1>${check.title}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${sheet(
  'what',
  'What is tried',
  facts([
    fact('Id', html`<code>${check.id}</code>`),
    fact('Asked', check.query),
    fact('How often', often(check.every_s)),
    fact('How', check.kind === 'reported' ? 'By what a tool beside Safeguard left' : 'Safeguard tries it itself'),
    fact('Controls', servedBy(deps, check.id)),
  ]),
)}
<div class="acts">${
      may(deps.guard, context.principal, 'check-run') && form(`${here}/${check.id}/run`, button('Run it now', 'main'))
    }
${linkButton('All checks', here)}</div>
${sheet('evidence', 'Evidence, newest first', rows(items.map(evidenceItem), 'There is none yet.'))}
${further(`${here}/${check.id}`, next, 'before')}`,
  });
  return answer;
}

export function checkRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const looking = { action: 'evidence-list', type: 'Evidence', house: true } as const;
  const running = { action: 'check-run', type: 'Control', house: true } as const;
  return [
    get(here, looking, (context) => list(deps, context)),
    get(`${here}/:check`, looking, (context) => history(deps, context)),
    post(`${here}/run`, running, (context) => runUnmet(deps, context)),
    post(`${here}/:check/run`, running, async (context) => {
      const { id } = checkOf(deps, context);
      return seeOther(`${here}/${id}?done=${await started(deps, [id])}`);
    }),
  ];
}
