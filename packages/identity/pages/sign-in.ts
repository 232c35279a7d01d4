import {
  type Answer,
  type Brand,
  button,
  errorSummary,
  field,
  fieldsOf,
  form,
  hidden,
  html,
  line,
  page,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { returnPath } from '../sign-in/return-path.ts';
import type { FlowView } from '../sign-in/types.ts';
import type { Tenant } from '../types.ts';
import { setFlow, tenantCookie } from './cookies.ts';
import { type At, onward, refused } from './flow.ts';
import { passkeyScript } from './passkey-asset.ts';
import { passkeyForm } from './passkey-form.ts';
import type { PageDeps, ProviderButton } from './ports.ts';
import { onceReady } from './ready.ts';
import { cookieIn, flowSecretOf, fromOf, json } from './request.ts';
import { assertionOf } from './responses.ts';
import { type Trouble, troubleOf } from './trouble.ts';

const path = '/sign-in';
const wrongText = 'The e-mail address or the password is not right.';

/** Whose sign-in it is and where it leads, as the address or the form says. */
interface Asked {
  readonly tenant: Tenant;
  readonly return_to: string;
}

const firstTenant = 'default';

async function askedOf(deps: PageDeps, context: RequestContext, get: (name: string) => string | null): Promise<Asked> {
  const remembered = cookieIn(context, tenantCookie);
  const named = get('tenant') || undefined;
  const tenant =
    (await deps.tenants.byName(named ?? remembered ?? firstTenant)) ??
    (named === undefined ? await deps.tenants.byName(firstTenant) : undefined);
  if (tenant === undefined) throw fault('missing', 'There is nothing at this address');
  return { tenant, return_to: returnPath(get('return')) };
}

const carried = ({ tenant, return_to }: Asked) => [hidden('tenant', tenant.name), hidden('return', return_to)];

const ways = (providers: readonly ProviderButton[], asked: Asked) =>
  providers.length > 0 &&
  html`<div class="stack">${providers.map(({ id, label }) =>
    form(`${path}/with/${encodeURIComponent(id)}`, [carried(asked), button(`Continue with ${label}`, 'quiet')]),
  )}</div><p class="or">or</p>`;

interface Shown {
  readonly asked: Asked;
  readonly brand: Brand;
  readonly providers: readonly ProviderButton[];
  readonly login?: string;
  readonly trouble?: Trouble;
  readonly cookies?: readonly string[];
}

function signInPage({ asked, brand, providers, login = '', trouble, cookies = [] }: Shown): Answer {
  const wrong = trouble?.wrong ?? [];
  return page({
    title: 'Sign in',
    brand,
    status: trouble?.status ?? 200,
    wrong: wrong.length > 0,
    script: passkeyScript,
    cookies,
    ...(trouble?.headers === undefined ? {} : { headers: trouble.headers }),
    main: html`<h1>Sign in</h1>
${errorSummary(wrong)}
${ways(providers, asked)}
${form(path, [
  carried(asked),
  field({
    label: 'E-mail address',
    name: 'login',
    inputmode: 'email',
    autocomplete: 'username webauthn',
    value: login,
  }),
  field({ label: 'Password', name: 'password', type: 'password', autocomplete: 'current-password' }),
  button('Sign in'),
])}
${passkeyForm({
  how: 'get',
  action: `${path}/passkey`,
  options: `${path}/passkey/options`,
  text: 'Sign in with a passkey',
  offer: true,
  fields: carried(asked),
})}
<p class="hint">Cannot sign in? Ask whoever manages accounts at ${brand.name} for a recovery link.</p>`,
  });
}

async function signInPageOf(deps: PageDeps, asked: Asked, more: Partial<Shown> = {}): Promise<Answer> {
  const { id } = asked.tenant;
  const [brand, providers] = await Promise.all([deps.brand(id), deps.providers?.(id) ?? []]);
  return signInPage({ asked, brand, providers, ...more });
}

const fits = (view: FlowView | undefined, { tenant, return_to }: Asked): view is FlowView =>
  view?.purpose === 'sign-in' && view.step === 'identify' && view.tenant === tenant.id && view.return_to === return_to;

/** The flow that this browser has for just this, or a new one: looking at the page alone begins none. */
async function flowFor(deps: PageDeps, context: RequestContext, asked: Asked): Promise<At & { cookies: string[] }> {
  const secret = flowSecretOf(context);
  const view = await deps.signIn.view(secret);
  const brand = await deps.brand(asked.tenant.id);
  if (secret !== undefined && fits(view, asked)) return { context, secret, view, brand, cookies: [] };
  const { tenant, return_to } = asked;
  const begun = await deps.signIn.begin({ purpose: 'sign-in', tenant: tenant.id, return_to });
  return { context, ...begun, brand, cookies: [setFlow(begun.secret)] };
}

type Try = (at: At, get: (name: string) => string) => Promise<FlowView>;

/** One way to say who one is: the next step, or this page again with one text whatever was wrong. */
async function tried(deps: PageDeps, context: RequestContext, text: string, reason: string, attempt: Try) {
  const get = fieldsOf(context);
  const asked = await askedOf(deps, context, get);
  const at = await flowFor(deps, context, asked);
  try {
    return await onward(deps, at, await attempt(at, get), at.cookies);
  } catch (thrown) {
    const trouble = troubleOf(thrown, text, ['login'], reason);
    refused(at, trouble);
    return signInPageOf(deps, asked, { login: line(get('login')), trouble, cookies: at.cookies });
  }
}

/** In a storm of guesses most are sent away: before anything is kept for them. */
async function withPassword(deps: PageDeps, context: RequestContext): Promise<Answer> {
  const get = fieldsOf(context);
  const asked = await askedOf(deps, context, get);
  try {
    deps.signIn.admit(asked.tenant.id, fromOf(context));
  } catch (thrown) {
    const trouble = troubleOf(thrown, wrongText);
    refused(
      { context, view: { purpose: 'sign-in', step: 'identify', tenant: asked.tenant.id, return_to: '' } },
      trouble,
    );
    return signInPageOf(deps, asked, { login: line(get('login')), trouble });
  }
  return withPasswordOf(deps, context);
}

const withPasswordOf = (deps: PageDeps, context: RequestContext): Promise<Answer> =>
  tried(deps, context, wrongText, 'wrong password or login', ({ secret }, get) =>
    deps.signIn.password(secret, { login: line(get('login')), password: get('password') }, fromOf(context)),
  );

const withPasskey = (deps: PageDeps, context: RequestContext): Promise<Answer> =>
  tried(deps, context, 'That passkey did not work here.', 'passkey refused', ({ secret }, get) =>
    deps.signIn.passkey(secret, assertionOf(get('response')), fromOf(context)),
  );

async function passkeyOptions(deps: PageDeps, context: RequestContext): Promise<Answer> {
  const at = await flowFor(deps, context, await askedOf(deps, context, fieldsOf(context)));
  return json(await deps.signIn.passkeyOptions(at.secret, fromOf(context)), at.cookies);
}

/** Begins the flow that the provider's answer will belong to. 307: the browser posts on, now with the flow's cookie. */
async function withProvider(deps: PageDeps, context: RequestContext): Promise<Answer> {
  const asked = await askedOf(deps, context, fieldsOf(context));
  const providers = (await deps.providers?.(asked.tenant.id)) ?? [];
  const provider = providers.find(({ id }) => id === context.params['provider']);
  if (provider === undefined) throw fault('missing', 'There is nothing at this address');
  const { cookies } = await flowFor(deps, context, asked);
  return { ...seeOther(`/federation/${encodeURIComponent(provider.id)}/start`, cookies), status: 307 };
}

/** Who is signed in already and asks for nothing else has no need to do it again. */
async function show(deps: PageDeps, context: RequestContext): Promise<Answer> {
  const asked = await askedOf(deps, context, (name) => context.query.get(name));
  if (!context.query.has('return')) {
    const { cookie, 'user-agent': agent } = context.headers as Record<string, string | undefined>;
    const here = await deps.sessions.signedIn(cookie, agent);
    if (here?.tenant === asked.tenant.id) return seeOther('/account');
  }
  return signInPageOf(deps, asked);
}

/** Who are you: password, passkey or single sign-on. */
export const signInRoutes = (deps: PageDeps): Route[] => [
  shown(
    { path, action: 'sign-in-page' },
    onceReady(deps, (context) => show(deps, context)),
  ),
  sent(
    { path, action: 'sign-in-step' },
    onceReady(deps, (context) => withPassword(deps, context)),
  ),
  sent(
    { path: `${path}/passkey`, action: 'sign-in-step' },
    onceReady(deps, (context) => withPasskey(deps, context)),
  ),
  sent(
    { path: `${path}/passkey/options`, action: 'sign-in-step' },
    onceReady(deps, (context) => passkeyOptions(deps, context)),
  ),
  sent(
    { path: `${path}/with/:provider`, action: 'sign-in-step' },
    onceReady(deps, (context) => withProvider(deps, context)),
  ),
];
