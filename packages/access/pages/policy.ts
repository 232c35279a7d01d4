import {
  type Answer,
  errorSummary,
  type Html,
  html,
  linkButton,
  notice,
  type RequestContext,
  timeOf,
  type Wrong,
} from '@safeguard/http';
import type { Simulation } from '../policies/simulator/types.ts';
import type { PolicyVersion } from '../policies/types.ts';
import { act, type Look, lookOf, mayDecide, path, stand } from './policy-look.ts';
import type { AccessPagesDeps } from './ports.ts';
import { matrixTable, ruleWords } from './rule-words.ts';
import { simulationSheet } from './simulation.ts';
import { deskPage } from './ways.ts';
import { counted, done, rows, said, sheet } from './words.ts';

const doneWords = {
  approve: 'You approved it. It is not in force before it is activated.',
  reject: 'You rejected it.',
  submitted: 'It waits for a decision now.',
  activated: 'It is activated.',
  withdrawn: 'It is taken back.',
  'rolled-back': 'The earlier text is a new version now.',
} as const;

const decisions = ({ of, call }: Look): Html | false =>
  of.decisions.length > 0 &&
  sheet(
    'decisions',
    'Decisions',
    rows(
      of.decisions.map(
        ({
          by,
          verdict,
          reason,
          at,
        }) => html`<li class="row"><div><h3>${verdict === 'approve' ? 'Approved' : 'Rejected'}
by ${call(by)}</h3><p class="hint">${timeOf(at)}</p>${reason !== undefined && said(reason)}</div></li>`,
      ),
      '',
    ),
  );

const unfinished = new Set(['draft', 'submitted', 'approved', 'scheduled']);

const acts = (context: RequestContext, { of, active }: Look): Html => {
  const at = `${path}/${of.version}`;
  const isOld = of.state === 'superseded' || (of.version === 0 && active !== 0);
  return html`<div class="acts">
${of.state === 'draft' && act(of, 'submit', 'Ask for a decision', 'main')}
${mayDecide(context.principal, of) && linkButton('Decide', `${at}/decide`, 'main')}
${of.state === 'approved' && linkButton('Put it in force', `${at}/activate`, 'main')}
${of.version !== active && act(of, 'simulate', 'What would it change?')}
${isOld && linkButton('Go back to this version', `${at}/roll-back`)}
${unfinished.has(of.state) && act(of, 'withdraw', 'Take it back', 'danger')}</div>`;
};

const heldBy = (approvals: number, days: number): string =>
  approvals === 0
    ? 'Held by what an account is.'
    : `${counted(approvals, 'approval')}, ${counted(days, 'day')} at most.`;

const roleRows = ({ policy }: PolicyVersion): Html[] =>
  Object.values(policy.roles).map(
    ({
      title,
      description,
      approvals,
      longest_days,
    }) => html`<li class="row"><div><h3>${title}</h3><p>${description}</p>
<p class="hint">${heldBy(approvals, longest_days)}</p>
</div></li>`,
  );

interface Shown {
  readonly simulation?: Simulation;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

/** One version: where it stands, and what it says, in words. */
export async function show(
  deps: AccessPagesDeps,
  context: RequestContext,
  { simulation, wrong = [], status = 200 }: Shown = {},
): Promise<Answer> {
  const look = await lookOf(deps, context);
  const { of } = look;
  const document = JSON.stringify(of.policy, undefined, 2);
  const text = done(doneWords, context.query.get('done'));
  const title = of.version === 0 ? 'The policy of the house' : `Policy, version ${of.version}`;
  return deskPage(deps, context, {
    title,
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>${title}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${errorSummary(wrong)}
${acts(context, look)}
${simulation !== undefined && simulationSheet(simulation, of.policy)}
${sheet('stand', 'Where it stands', stand(look))}
${decisions(look)}
${sheet('matrix', 'Who reaches which data at most', matrixTable(of.policy))}
${sheet('roles', 'Roles', rows(roleRows(of), 'None.'))}
${sheet(
  'rules',
  'Rules',
  rows(
    of.policy.rules.map((rule) => ruleWords(of.policy, rule)),
    'None: nothing is permitted.',
  ),
)}
<details class="sheet"><summary>The document (JSON)</summary>
<div class="scroll" role="region" aria-label="The document" tabindex="0"><pre>${document}</pre></div></details>`,
  });
}
