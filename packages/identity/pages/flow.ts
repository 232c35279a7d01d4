import {
  type Answer,
  type Brand,
  type Finding,
  html,
  linkButton,
  page,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
} from '@safeguard/http';
import { isFault } from '@safeguard/kernel';
import { cookies as sessionCookies } from '../sessions/cookies.ts';
import type { Completed, FlowView, Step } from '../sign-in/types.ts';
import { clearFlow, setTenant } from './cookies.ts';
import type { PageDeps } from './ports.ts';
import { flowSecretOf, fromOf, personOf, somebodyAt } from './request.ts';
import type { Trouble } from './trouble.ts';

/** The first step of a step-up has a page of its own: it is known who has to confirm. */
type Place = Step | 'confirm';

const placeOf = ({ purpose, step }: FlowView): Place =>
  step === 'identify' && purpose === 'step-up' ? 'confirm' : step;

/** One page per step: whoever asks for another one than is due is led to the one that is. */
export const stepPaths: Readonly<Record<Place, string>> = {
  identify: '/sign-in',
  confirm: '/sign-in/confirm',
  second: '/sign-in/second',
  account: '/sign-in/account',
  password: '/sign-in/password',
  enrol: '/sign-in/enrol',
  codes: '/sign-in/codes',
  done: '/sign-in/done',
};

/** These pages are ours to the end: an authorization goes on to the app's origin. */
const leadsAway = (path: string): boolean => !/^\/(?:account|access|rights)(?:\/|$)/.test(path);

/** Where the flow is now. */
export const pathOf = (view: FlowView): string => {
  const place = placeOf(view);
  const path = stepPaths[place];
  return place === 'identify' ? `${path}?return=${encodeURIComponent(view.return_to)}` : path;
};

/** A step under way: the request, its flow, and whose page it is. */
export interface At {
  readonly context: RequestContext;
  readonly secret: string;
  readonly view: FlowView;
  readonly brand: Brand;
}

/** What a flow is for, as the ledger says it when it is through. */
const endings = {
  'sign-in': 'sign-in',
  'step-up': 'step-up',
  administrator: 'link-use',
  invitation: 'link-use',
  recovery: 'link-use',
} as const;

/** Says in the ledger that a step was refused: nobody is that person yet, so the account is a target, not the actor. */
export function refused({ context, view }: Pick<At, 'context' | 'view'>, trouble: Trouble, action?: string): void {
  const account = trouble.account ?? view.account?.id;
  context.found?.({
    principal: somebodyAt(view.tenant),
    action: action ?? endings[view.purpose],
    outcome: 'deny',
    reason: trouble.reason,
    ...(account === undefined ? {} : { targets: [{ type: 'Account', id: account }] }),
  });
}

const targetOf = ({ account }: FlowView): Pick<Finding, 'targets'> =>
  account === undefined ? {} : { targets: [{ type: 'Account', id: account.id }] };

/**
 * An end that goes on to another page of ours. An authorization then leads to the app's origin: a redirect in the chain
 * of a posted form, which `form-action` forbids. A page that goes on by itself begins a new chain.
 */
const handOver = (path: string, brand: Brand, cookies: readonly string[]): Answer =>
  page({
    title: 'Signed in',
    brand,
    next: path,
    cookies,
    main: html`<h1>You are signed in</h1><p class="lead">You are being taken back to the app.</p>
${linkButton('Continue', path, 'main')}`,
  });

async function tenantCookies(deps: PageDeps, tenant: number): Promise<string[]> {
  const name = (await deps.tenants.list()).find(({ id }) => id === tenant)?.name;
  return name === undefined ? [] : [setTenant(name)];
}

/** What the last step did, as the ledger tells it: what was set up on the way became valid with it. */
function finding(done: Completed): Finding {
  const { purpose, recovery_code, link, enrolled } = done;
  return {
    principal: personOf(done),
    action: recovery_code ? 'recovery-code-use' : endings[purpose],
    outcome: 'permit',
    ...(enrolled.length === 0 ? {} : { reason: 'second factor enrolled' }),
    targets: [
      { type: 'Account', id: done.account },
      { type: 'Session', id: done.session },
      ...(link === undefined ? [] : [{ type: 'Link', id: link }]),
    ],
  };
}

/** The last step: a session, its cookies, and on to where the person wanted to go. */
export async function complete(deps: PageDeps, { context, secret, brand }: At): Promise<Answer> {
  const done = await deps.signIn.complete(secret, fromOf(context));
  context.found?.(finding(done));
  const cookies = [
    sessionCookies.set(done.session_secret),
    clearFlow,
    ...(done.device_secret === undefined ? [] : [sessionCookies.device(done.device_secret)]),
    ...(await tenantCookies(deps, done.tenant)),
  ];
  return leadsAway(done.return_to) ? handOver(done.return_to, brand, cookies) : seeOther(done.return_to, cookies);
}

/** On to the next step, in the same answer where there is none left. */
export async function onward(deps: PageDeps, at: At, view: FlowView, cookies: readonly string[] = []): Promise<Answer> {
  if (view.step === 'done') return complete(deps, { ...at, view });
  at.context.found?.({ principal: somebodyAt(view.tenant), ...targetOf(view) });
  return seeOther(pathOf(view), cookies);
}

/** No flow, or one that is over: told to nobody in particular. */
export const startAgain = (brand: Brand): Answer =>
  page({
    title: 'Please start again',
    brand,
    wrong: true,
    status: 409,
    cookies: [clearFlow],
    main: html`<h1>Please start again</h1>
<p class="lead">This page was open too long, or was finished elsewhere. Nothing was changed.</p>
<p>If you came by a link you were given, open the link again.</p>
${linkButton('Go to sign-in', stepPaths.identify, 'main')}`,
  });

type Handle = (at: At) => Promise<Answer> | Answer;

async function atStep(deps: PageDeps, context: RequestContext, place: Place, handle: Handle): Promise<Answer> {
  const secret = flowSecretOf(context);
  const view = await deps.signIn.view(secret);
  if (secret === undefined || view === undefined) return startAgain(await deps.brand(context.principal.tenant));
  if (placeOf(view) !== place) return seeOther(pathOf(view));
  const brand = await deps.brand(view.tenant);
  try {
    return await handle({ context, secret, view, brand });
  } catch (thrown) {
    // Somebody was faster, in another tab or by a second click: what is due now is asked again.
    if (!isFault(thrown) || !(thrown.kind === 'conflict' || thrown.kind === 'gone')) throw thrown;
    const now = await deps.signIn.view(secret);
    return now === undefined ? startAgain(brand) : seeOther(pathOf(now));
  }
}

/** The page of a step; looking at it changes nothing. */
export const stepShown = (deps: PageDeps, place: Place, path: string, handle: Handle): Route =>
  shown({ path, action: 'sign-in-page' }, (context) => atStep(deps, context, place, handle));

/** The form of a step. */
export const stepSent = (deps: PageDeps, place: Place, path: string, handle: Handle): Route =>
  sent({ path, action: 'sign-in-step' }, (context) => atStep(deps, context, place, handle));

/** Where a flow was finished elsewhere than on these pages (single sign-on): it becomes a session here. */
export const doneRoute = (deps: PageDeps): Route => stepShown(deps, 'done', stepPaths.done, (at) => complete(deps, at));
