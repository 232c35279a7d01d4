import {
  type Answer,
  button,
  choice,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  html,
  linkButton,
  type RequestContext,
  type Route,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import { checkNotAsked } from '../api/request-operations.ts';
import { openStanding } from '../policy/sealed-standing.ts';
import type { Policy } from '../policy/types.ts';
import {
  asked,
  askForm,
  askWords,
  emptyAsk,
  type Given,
  givenOf,
  limitsOf,
  patientsField,
  reasonField,
  roleField,
  roleOf,
  wantedOf,
} from './ask-form.ts';
import { gated } from './gated.ts';
import { personNamed } from './people.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, ways } from './ways.ts';
import { sheet } from './words.ts';

const failed = (wrong: readonly Wrong[], status: number) => (wrong.length === 0 ? {} : { status, wrong: true });

interface Shown {
  readonly policy: Policy;
  readonly given: Given;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const askPage = (
  deps: AccessPagesDeps,
  context: RequestContext,
  { policy, given, wrong = [], status = 200 }: Shown,
): Promise<Answer> =>
  deskPage(deps, context, {
    title: 'Ask for access',
    ...failed(wrong, status),
    main: html`<h1>Ask for access</h1>
<p class="lead">Somebody else approves it, and it ends by itself.</p>
${askForm(policy, given, deps.clock.now(), wrong)}`,
  });

async function ask(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { principal } = context;
  const { policy } = await deps.policies.active(principal.tenant);
  const given = givenOf(fieldsOf(context), policy);
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: '/access/requests/new', words: askWords },
      again: (refused) => askPage(deps, context, { policy, given, ...refused }),
    },
    async () => {
      const other = given.whom === 'other';
      const account = other ? await personNamed(deps, principal.tenant, given.person) : principal.id;
      context.about?.([{ type: 'Account', id: account }]);
      const wanted = wantedOf(given, account, policy, deps.clock.now());
      await checkNotAsked(deps.requests, principal, wanted);
      const made = await deps.requests.ask(principal, wanted);
      const about = { type: 'AccessRequest', id: made.id };
      return {
        ...seeOther(`/access/requests/${made.id}?done=asked`),
        targets: [about, { type: 'Account', id: account }],
      };
    },
  );
}

const hours = [1, 2, 4, 8] as const;

function elevatePage(
  deps: AccessPagesDeps,
  context: RequestContext,
  { policy, given, wrong = [], status = 200 }: Shown,
): Promise<Answer> {
  const operates = (openStanding(context.principal)?.holdings ?? []).some(({ role }) => role === 'operator');
  const none = asked(policy, true).length === 0 && !operates;
  return deskPage(deps, context, {
    title: 'Ask for a while only',
    ...failed(wrong, status),
    main: html`<h1>Ask for a while only</h1>
<p class="lead">Some roles are held for hours, never for good. They begin with the approval and end by themselves.</p>
${errorSummary(wrong)}
${
  none
    ? html`<p>No role of the policy is held so.</p>`
    : form('/access/elevate', [
        sheet(
          'what',
          'What',
          html`${roleField(policy, given, wrong, !operates)}${operates && patientsField(given, wrong)}`,
        ),
        sheet(
          'why',
          'Why, and how long',
          html`${choice({
            label: 'Over at the latest',
            name: 'hours',
            value: given.until,
            of: hours.map((each) => [String(each), each === 1 ? 'In an hour' : `In ${each} hours`]),
            error: errorOf(wrong, 'until'),
          })}${reasonField(given, wrong, 'What you need it for now. Who decides reads it.')}`,
        ),
        html`<div class="acts">${button('Ask')}${linkButton('Not now', '/access')}</div>`,
      ])
}`,
  });
}

async function elevate(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { principal } = context;
  const { policy } = await deps.policies.active(principal.tenant);
  const fields = fieldsOf(context);
  const given = { ...givenOf(fields, policy), until: fields('hours') };
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: '/access/elevate', words: askWords },
      again: (refused) => elevatePage(deps, context, { policy, given, ...refused }),
    },
    async () => {
      roleOf(policy, given);
      const until = deps.clock.now() + Number(given.until) * 3_600_000 - 1_000;
      const wanted = { role: given.role, reason: given.reason.trim(), until, ...limitsOf(given) };
      await checkNotAsked(deps.requests, principal, { ...wanted, account: principal.id });
      const made = await deps.requests.elevate(principal, wanted);
      const targets = [{ type: 'AccessRequest', id: made.id }];
      return { ...seeOther(`/access/requests/${made.id}?done=asked`), targets };
    },
  );
}

export function askRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  const policyOf = async ({ principal }: RequestContext): Promise<Policy> =>
    (await deps.policies.active(principal.tenant)).policy;
  const empty = () => emptyAsk(deps.clock.now());
  return [
    get('/access/requests/new', 'access-request-make', async (context) =>
      askPage(deps, context, { policy: await policyOf(context), given: empty() }),
    ),
    post('/access/requests', 'access-request-make', (context) => ask(deps, context)),
    get('/access/elevate', 'access-elevate', (context) =>
      gated(deps, context, '/access/elevate', async () =>
        elevatePage(deps, context, { policy: await policyOf(context), given: { ...empty(), until: '1' } }),
      ),
    ),
    post('/access/elevate', 'access-elevate', (context) => elevate(deps, context)),
  ];
}
