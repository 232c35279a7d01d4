import {
  type Answer,
  area,
  button,
  checkFresh,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  hidden,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { offeredOf } from '../api/reach.ts';
import { failed } from './moment.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { callOf, path, standOf, taskOf, versionIn } from './task.ts';
import { subjectOf } from './task-subject.ts';
import { deskPage, gated, paramOf, ways } from './ways.ts';
import { plain, sheet } from './words.ts';

const verdicts = ['approve', 'return', 'reject'] as const;
const noteText = 'To return or to reject it, write why: 3 to 4,000 characters.';

interface Shown {
  readonly note?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

async function page(
  deps: ProgrammePagesDeps,
  context: RequestContext,
  { note = '', wrong = [], status = 200 }: Shown = {},
): Promise<Answer> {
  const task = await taskOf(deps, context);
  const call = await callOf(deps, context, task);
  const { decide } = offeredOf(deps.workflow, deps.actorOf(context.principal), task);
  return deskPage(deps, context, {
    title: `Decide: ${task.title}`,
    here: path,
    ...failed(wrong, status),
    main: html`<h1>Decide: ${task.title}</h1>${errorSummary(wrong)}
${sheet('stand', 'Where it stands', standOf(deps, task, call))}
${sheet('subject', 'What it is about', await subjectOf(deps, task, call))}
${
  decide
    ? sheet(
        'decision',
        'Your decision',
        form(`${path}/${task.id}/decide`, [
          hidden('version', String(task.version)),
          area({
            label: 'Note',
            name: 'note',
            value: note,
            hint: 'Needed to return or to reject it. Whoever worked on it reads it.',
            error: errorOf(wrong, 'note'),
          }),
          html`<div class="acts">${button('Approve', 'main', { name: 'verdict', value: 'approve' })}
${button('Return it', 'quiet', { name: 'verdict', value: 'return' })}
${button('Reject', 'danger', { name: 'verdict', value: 'reject' })}
${linkButton('Not now', `${path}/${task.id}`)}</div>`,
        ]),
      )
    : notice(
        html`<p>This is not yours to decide: it is decided already, or you took part in it, or it is for others.</p>`,
      )
}`,
  });
}

const noNote = () =>
  fault('invalid', noteText, { issues: [{ severity: 'error', code: 'required', text: noteText, at: 'note' }] });

async function decide(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  await taskOf(deps, context);
  const fields = fieldsOf(context);
  const [id, note] = [paramOf(context, 'task'), plain(fields('note'))];
  const verdict = verdicts.find((one) => one === fields('verdict'));
  const at = `${path}/${id}`;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${at}/decide`, words: { note: noteText } },
      again: (refused) => page(deps, context, { note, ...refused }),
    },
    async () => {
      checkFresh(context.principal, deps.clock.now());
      const actor = deps.actorOf(context.principal);
      if (verdict === undefined) throw fault('invalid', 'Choose what you decide.');
      if (verdict !== 'approve' && note === '') throw noNote();
      const version = versionIn(fields);
      if (verdict === 'approve') await deps.workflow.approve(actor, id, note === '' ? undefined : note, version);
      else await deps.workflow[verdict](actor, id, note, version);
      return seeOther(`${at}?done=${verdict}`);
    },
  );
}

export function decideRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const door = { action: 'task-decide', type: 'Task' } as const;
  return [
    get(`${path}/:task/decide`, door, (context) =>
      gated(deps, context, `${path}/${paramOf(context, 'task')}/decide`, () => page(deps, context)),
    ),
    post(`${path}/:task/decide`, door, (context) => decide(deps, context)),
  ];
}
