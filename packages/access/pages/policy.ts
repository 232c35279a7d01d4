import {
  type Answer,
  area,
  button,
  checkFresh,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  type Html,
  html,
  linkButton,
  notice,
  type Principal,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { namesOf } from '../api/names.ts';
import { noSuch } from '../api/reach.ts';
import { policyApprovers } from '../policies/approvals.ts';
import type { Simulation } from '../policies/simulator/types.ts';
import type { PolicyVersion } from '../policies/types.ts';
import { roleHeld } from '../roles-held.ts';
import { gated } from './gated.ts';
import { policyStates } from './policy-states.ts';
import type { AccessPagesDeps } from './ports.ts';
import { matrixTable, ruleWords } from './rule-words.ts';
import { simulationSheet } from './simulation.ts';
import { deskPage, ways } from './ways.ts';
import { type Call, callerOf, capital, counted, done, fact, facts, rows, said, sheet } from './words.ts';

const path = '/access/policies';
const doneWords = {
  approve: 'You approved it. It is not in force before it is activated.',
  reject: 'You rejected it.',
  submitted: 'It waits for a decision now.',
  activated: 'It is activated.',
  withdrawn: 'It is taken back.',
  'rolled-back': 'The earlier text is a new version now.',
} as const;
const words = {
  reason: 'A rejection needs a reason: 10 to 2,000 characters.',
  at: 'Give a moment to come, or nothing.',
} as const;

interface Look {
  readonly of: PolicyVersion;
  readonly call: Call;
  readonly active: number;
}

async function lookOf(deps: AccessPagesDeps, { principal, params }: RequestContext): Promise<Look> {
  const { tenant } = principal;
  const of = await deps.policies.byVersion(tenant, Number(params['version']));
  if (of === undefined) throw noSuch();
  const people = [...of.authors, of.submitted_by, of.activated_by, ...of.decisions.map(({ by }) => by)];
  const call = callerOf(await namesOf(deps, tenant, people), principal);
  return { of, call, active: (await deps.policies.active(tenant)).version };
}

const mayDecide = (principal: Principal, { state, authors, submitted_by, decisions }: PolicyVersion): boolean =>
  state === 'submitted' &&
  ![...authors, submitted_by, ...decisions.map(({ by }) => by)].includes(principal.id) &&
  roleHeld(principal, policyApprovers) !== undefined;

const stand = ({ of, call }: Look): Html =>
  facts([
    fact('State', policyStates[of.state]),
    of.version > 0 && fact('Written by', of.authors.map((id) => capital(call(id))).join(', ')),
    of.version > 0 && fact('Changed', timeOf(of.changed_at)),
    of.version > 0 && fact('Based on', `Version ${of.based_on}`),
    of.submitted_by !== undefined && fact('Submitted by', capital(call(of.submitted_by))),
    fact('Approvals needed', of.needed),
    of.activates_at !== undefined && fact('Begins, or began', timeOf(of.activates_at)),
    of.note !== undefined && fact('What changed, and why', said(of.note)),
  ]);

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

const act = (of: PolicyVersion, step: string, text: string, kind: 'main' | 'quiet' | 'danger' = 'quiet'): Html =>
  form(`${path}/${of.version}/${step}`, button(text, kind));

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

const roleRows = ({ policy }: PolicyVersion): Html[] =>
  Object.values(policy.roles).map(
    ({
      title,
      description,
      approvals,
      longest_days,
    }) => html`<li class="row"><div><h3>${title}</h3><p>${description}</p>
<p class="hint">${approvals === 0 ? 'Held by what an account is.' : `${counted(approvals, 'approval')}, ${counted(longest_days, 'day')} at most.`}</p>
</div></li>`,
  );

interface Shown {
  readonly simulation?: Simulation;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

async function show(
  deps: AccessPagesDeps,
  context: RequestContext,
  { simulation, wrong = [], status = 200 }: Shown = {},
): Promise<Answer> {
  const look = await lookOf(deps, context);
  const { of } = look;
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
<details class="sheet"><summary>The document (JSON)</summary><div class="scroll" role="region" aria-label="The document" tabindex="0">
<pre>${JSON.stringify(of.policy, undefined, 2)}</pre></div></details>`,
  });
}

interface Asking {
  readonly given?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

async function decidePage(
  deps: AccessPagesDeps,
  context: RequestContext,
  { given = '', wrong = [], status = 200 }: Asking = {},
): Promise<Answer> {
  const look = await lookOf(deps, context);
  const at = `${path}/${look.of.version}`;
  return deskPage(deps, context, {
    title: `Decide on version ${look.of.version}`,
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Decide on version ${look.of.version}</h1>
${errorSummary(wrong)}
${sheet('stand', 'Where it stands', stand(look))}
<p>${linkButton('Read it, and what it would change', at)}</p>
${
  mayDecide(context.principal, look.of)
    ? sheet(
        'decision',
        'Your decision',
        form(`${at}/decide`, [
          area({
            label: 'Reason',
            name: 'reason',
            value: given,
            hint: 'Needed to reject.',
            error: errorOf(wrong, 'reason'),
          }),
          html`<div class="acts">${button('Approve', 'main', { name: 'verdict', value: 'approve' })}
${button('Reject', 'danger', { name: 'verdict', value: 'reject' })}${linkButton('Not now', at)}</div>`,
        ]),
      )
    : notice(html`<p>This is not yours to decide: it is decided already, or you wrote it, or it is for others.</p>`)
}`,
  });
}

async function decide(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { of } = await lookOf(deps, context);
  const fields = fieldsOf(context);
  const [verdict, reason] = [fields('verdict'), fields('reason').replaceAll('\r\n', '\n').trim()];
  const at = `${path}/${of.version}`;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${at}/decide`, words },
      again: (refused) => decidePage(deps, context, { given: reason, ...refused }),
    },
    async () => {
      if (verdict !== 'reject') checkFresh(context.principal, deps.clock.now());
      const said = reason === '' && verdict === 'approve' ? undefined : reason;
      await deps.policies.decide(context.principal, of.version, verdict as 'approve', said);
      return seeOther(`${at}?done=${verdict}`);
    },
  );
}

async function activatePage(
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

async function activate(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
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

async function rollBackPage(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { of } = await lookOf(deps, context);
  return deskPage(deps, context, {
    title: 'Go back to an earlier version',
    here: path,
    main: html`<h1>Go back to version ${of.version}?</h1>
<div class="sheet slim"><p>Its text becomes the newest version. What was in force just before, within the last day, is so
again at once; anything else waits for somebody to approve it.</p>
<div class="acts">${act(of, 'roll-back', 'Go back', 'danger')}${linkButton('Not now', `${path}/${of.version}`)}</div></div>`,
  });
}

/** A step without a form of its own: what is wrong is told at the page of the version. */
const stepped = (
  deps: AccessPagesDeps,
  context: RequestContext,
  work: (of: PolicyVersion) => Promise<Answer>,
  back = '',
): Promise<Answer> =>
  tried(
    context,
    {
      ...{ frame: deps.frame, back: `${path}/${context.params['version']}${back}`, words: {} },
      again: (refused) => show(deps, context, refused),
    },
    async () => work((await lookOf(deps, context)).of),
  );

function steps(deps: AccessPagesDeps): Route[] {
  const { post } = ways(deps);
  const { policies } = deps;
  const at = `${path}/:version`;
  return [
    post(`${at}/simulate`, 'policy-simulate', (context) =>
      stepped(deps, context, async ({ tenant, version }) =>
        show(deps, context, { simulation: await policies.simulate(tenant, version) }),
      ),
    ),
    post(`${at}/submit`, 'policy-submit', (context) =>
      stepped(deps, context, async ({ version }) => {
        await policies.submit(context.principal, version);
        return seeOther(`${path}/${version}?done=submitted`);
      }),
    ),
    post(`${at}/withdraw`, 'policy-withdraw', (context) =>
      stepped(deps, context, async ({ version }) => {
        await policies.withdraw(context.principal, version);
        return seeOther(`${path}/${version}?done=withdrawn`);
      }),
    ),
    post(`${at}/roll-back`, 'policy-activate', (context) =>
      stepped(
        deps,
        context,
        async ({ version }) => {
          checkFresh(context.principal, deps.clock.now());
          const made = await policies.rollBack(context.principal, version);
          const targets = [{ type: 'Policy', id: String(made.version) }];
          return { ...seeOther(`${path}/${made.version}?done=rolled-back`), targets };
        },
        '/roll-back',
      ),
    ),
  ];
}

export function policyRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  const at = `${path}/:version`;
  const fresh = (step: string, then: (context: RequestContext) => Promise<Answer>) => (context: RequestContext) =>
    gated(deps, context, `${path}/${context.params['version']}/${step}`, () => then(context));
  return [
    get(at, 'policy-read', (context) => show(deps, context)),
    get(
      `${at}/decide`,
      'policy-decide',
      fresh('decide', (context) => decidePage(deps, context)),
    ),
    post(`${at}/decide`, 'policy-decide', (context) => decide(deps, context)),
    get(
      `${at}/activate`,
      'policy-activate',
      fresh('activate', (context) => activatePage(deps, context)),
    ),
    post(`${at}/activate`, 'policy-activate', (context) => activate(deps, context)),
    get(
      `${at}/roll-back`,
      'policy-activate',
      fresh('roll-back', (context) => rollBackPage(deps, context)),
    ),
    ...steps(deps),
  ];
}
