import { type Answer, html, linkButton, notice, pageOf, type RequestContext, type Route } from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { offeredOf, seesAll } from '../api/reach.ts';
import type { Task } from '../workflow/types.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { path, taskRoute } from './task.ts';
import { decideRoutes } from './task-decide.ts';
import { taskRow } from './task-rows.ts';
import { deskPage, ways } from './ways.ts';
import { done, further, rows, sheet } from './words.ts';

const count = 50;
const doneWords = { defaults: 'The defaults are proposed: each is a task for another officer.' } as const;

const shows = {
  mine: { title: 'Open, and of concern to you', none: 'No open task concerns you.' },
  approve: { title: 'Waiting for approval', none: 'Nothing waits for an approval.' },
  all: { title: 'All, newest first', none: 'There is none yet.' },
} as const;
type Show = keyof typeof shows;

function showOf({ query }: RequestContext, sees: boolean): Show {
  const asked = query.get('show') ?? '';
  const show = Object.hasOwn(shows, asked) ? (asked as Show) : 'mine';
  return show === 'all' && !sees ? 'mine' : show;
}

/** Everything is for who looks at everything; the others have what concerns them. */
const filterOf = (show: Show, account: string, sees: boolean) => ({
  ...(sees && show !== 'mine' ? {} : { concerning: account }),
  ...(show === 'approve' ? { state: 'submitted' as const } : {}),
  ...(show === 'mine' ? { open: true } : {}),
});

const titleOf = (show: Show): string =>
  show === 'mine' ? 'Mine' : show === 'approve' ? 'Waiting for approval' : 'All';

async function list(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const actor = deps.actorOf(context.principal);
  const sees = seesAll(actor);
  const show = showOf(context, sees);
  const after = context.query.get('after');
  const from = after !== null && isUuid(after) ? { after } : {};
  const filter = { ...filterOf(show, actor.id, sees), ...from, count: count + 1 };
  const { items, next } = pageOf(await deps.workflow.list(actor.tenant, filter), count);
  const now = deps.clock.now();
  const yours = items.filter((one) => offeredOf(deps.workflow, actor, one).decide);
  const rest = items.filter((one) => !yours.includes(one));
  const shown = (all: readonly Task[]) => all.map((one) => taskRow(one, now));
  const text = done(doneWords, context.query.get('done'));
  const others = (Object.keys(shows) as Show[]).filter((one) => one !== show && (one !== 'all' || sees));
  return deskPage(deps, context, {
    title: 'Tasks',
    here: path,
    main: html`<h1>Tasks</h1>
<p class="lead">What somebody does and others approve: nobody decides what they opened, worked on or handed in.</p>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
<div class="acts">${others.map((one) => linkButton(titleOf(one), `${path}?show=${one}`))}</div>
${yours.length > 0 && sheet('yours', 'For you to decide', rows(shown(yours), ''))}
${sheet('tasks', shows[show].title, rows(shown(rest), shows[show].none))}
${further(`${path}?show=${show}`, next)}
<p class="hint">As a calendar: <a href="/api/v1/programme/tasks.ics">what concerns you, with its dates</a>. It is a file
to load while you are signed in; a calendar elsewhere cannot fetch it by itself, because it has no session.</p>`,
  });
}

export const taskRoutes = (deps: ProgrammePagesDeps): Route[] => [
  ways(deps).get(path, { action: 'task-list', type: 'Task' }, (context) => list(deps, context)),
  ...taskRoute(deps),
  ...decideRoutes(deps),
];
