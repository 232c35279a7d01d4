import {
  type Answer,
  type Brand,
  button,
  form,
  hidden,
  html,
  page,
  type RequestContext,
  type Route,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { decodeJwt } from 'jose';
import type { Client, Provider } from 'oidc-provider';
import { cookies } from '../sessions/cookies.ts';
import type { Sessions, SignedIn } from '../sessions/types.ts';
import { routes } from './configuration.ts';
import { ownOf } from './own.ts';

export interface LogoutDeps {
  readonly sessions: Pick<Sessions, 'signedIn' | 'end'>;
  readonly provider: (base: string) => Promise<Provider>;
  readonly brand: (tenant: number) => Promise<Brand>;
}

const confirmPath = `${routes.end_session}/confirm`;
const names = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state'] as const;
const longest = 6_000;

type Asked = ReadonlyMap<string, string>;

const bad = () => fault('invalid', 'The request of the app to sign you out is not valid.');

/** Each at most once; what is not asked by name is not looked at. */
function readAsked(given: URLSearchParams): Asked {
  const asked = new Map<string, string>();
  for (const name of names) {
    const values = given.getAll(name).filter((value) => value !== '');
    if (values.length > 1) throw bad();
    if (values[0] !== undefined) asked.set(name, values[0]);
  }
  return asked;
}

interface Understood {
  readonly client: Client | undefined;
  /** Of the hint: whom the app believes to be signed in. */
  readonly account: string | undefined;
  readonly target: string | undefined;
}

async function hintOf(provider: Provider, hint: string): Promise<{ client: Client; account: string }> {
  try {
    const { aud, sub } = decodeJwt(hint);
    const client = await provider.Client.find(String(aud));
    if (client === undefined || typeof sub !== 'string') throw bad();
    await provider.IdToken.validate(hint, client);
    return { client, account: sub };
  } catch (cause) {
    throw fault('invalid', bad().message, { cause });
  }
}

/** OpenID Connect RP-Initiated Logout 1.0, 2 and 3: the way back is one that is registered, letter by letter. */
async function understand(provider: Provider, asked: Asked): Promise<Understood> {
  const hint = asked.get('id_token_hint');
  const named = asked.get('client_id');
  const hinted = hint === undefined ? undefined : await hintOf(provider, hint);
  const client = hinted?.client ?? (named === undefined ? undefined : await provider.Client.find(named));
  if (named !== undefined && client?.clientId !== named) throw bad();
  const uri = asked.get('post_logout_redirect_uri');
  if (uri === undefined) return { client, account: hinted?.account, target: undefined };
  if (client?.postLogoutRedirectUris?.includes(uri) !== true) throw bad();
  const target = new URL(uri);
  const state = asked.get('state');
  if (state !== undefined) target.searchParams.set('state', state);
  return { client, account: hinted?.account, target: target.href };
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join('; ') : value;

const here = ({ sessions }: LogoutDeps, { headers }: RequestContext) =>
  sessions.signedIn(single(headers.cookie), single(headers['user-agent']));

const out: Answer = { status: 303, headers: { Location: '/sign-out' } };
const leave = (target: string | undefined): Answer =>
  target === undefined ? out : { status: 303, headers: { Location: target } };

async function end(deps: LogoutDeps, context: RequestContext, who: SignedIn, target: string | undefined) {
  context.found?.({ principal: who.principal, targets: [{ type: 'Session', id: who.session }] });
  await deps.sessions.end(who.tenant, who.account, who.session, 'sign-out');
  return { ...leave(target), cookies: [cookies.clear] };
}

async function question(deps: LogoutDeps, who: SignedIn, asked: Asked, client: Client | undefined): Promise<Answer> {
  const name = client?.clientName;
  const fields = [...asked].map(([key, value]) => hidden(key, value));
  return page({
    title: 'Sign out',
    brand: await deps.brand(who.tenant),
    main: html`<h1>Sign out?</h1>
<p class="lead">${name ?? 'An app'} asks to sign you out here, too.
All apps that you use in this browser end with it.</p>
${form(confirmPath, [...fields, button('Sign out')])}`,
    formTargets: [...new Set((client?.postLogoutRedirectUris ?? []).map((uri) => new URL(uri).origin))],
  });
}

/**
 * Without a question only where the app shows an ID token that we gave it for this very person: a stranger's link signs
 * nobody out.
 */
async function initiated(deps: LogoutDeps, context: RequestContext): Promise<Answer> {
  const asked = readAsked(context.query);
  const { client, account, target } = await understand(await deps.provider(context.base), asked);
  const who = await here(deps, context);
  if (who === undefined) return leave(target);
  const theirs = account === who.account && ownOf(client)?.tenant === who.tenant;
  return theirs ? end(deps, context, who, target) : question(deps, who, asked, client);
}

async function confirmed(deps: LogoutDeps, context: RequestContext): Promise<Answer> {
  const asked = readAsked(new URLSearchParams(context.body.toString('utf8')));
  const { target } = await understand(await deps.provider(context.base), asked);
  const who = await here(deps, context);
  return who === undefined ? leave(target) : end(deps, context, who, target);
}

/** A form of the app's: our cookie does not come with it (SameSite=Lax), so the browser is sent to ask by itself. */
function posted({ body }: RequestContext): Answer {
  if (body.length > longest) throw bad();
  const asked = new URLSearchParams([...readAsked(new URLSearchParams(body.toString('utf8')))]);
  return { status: 303, headers: { Location: `${routes.end_session}?${asked}` } };
}

const formType = 'application/x-www-form-urlencoded';
const common = { action: 'sign-out', auth: 'none', errors: 'page' } as const;

export const logoutRoutes = (deps: LogoutDeps): Route[] => [
  {
    ...common,
    method: 'GET',
    path: routes.end_session,
    crossSite: true,
    handle: (context) => initiated(deps, context),
  },
  {
    ...common,
    method: 'POST',
    path: routes.end_session,
    crossSite: true,
    accepts: [formType],
    handle: posted,
  },
  {
    ...common,
    method: 'POST',
    path: confirmPath,
    accepts: [formType],
    handle: (context) => confirmed(deps, context),
  },
];
