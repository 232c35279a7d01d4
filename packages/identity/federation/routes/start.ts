import { type Answer, html, linkButton, page, type RequestContext, type Route } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { setFlow } from '../../pages/cookies.ts';
import { pathOf } from '../../pages/flow.ts';
import type { FlowView } from '../../sign-in/types.ts';
import type { FlowSecrets, NewFlow } from '../flows.ts';
import { askUrl, oidcSecrets } from '../oidc/ask.ts';
import type { OidcProvider } from '../oidc/connect.ts';
import type { Provider } from '../providers/rows.ts';
import { ownAddresses } from '../saml/own.ts';
import { requestId, requestUrl } from '../saml/request.ts';
import type { RouteDeps } from './deps.ts';
import { guarded } from './refused.ts';
import { flowBrowser, flowSecretOf, formType, providerOf, seeOther, sessionBrowser } from './request.ts';

export const isOidc = (provider: Provider): provider is OidcProvider => provider.settings.kind === 'oidc';

type Begun = Omit<NewFlow, 'secrets' | 'provider' | 'tenant'> & { readonly fresh_since?: number };

/** The address to go to, with a row of ours that waits for the answer. */
async function addressOf(deps: RouteDeps, provider: Provider, base: string, { fresh_since, ...begun }: Begun) {
  const fresh = fresh_since === undefined ? {} : { fresh_since };
  const flow = { ...begun, provider: provider.id, tenant: provider.tenant };
  if (isOidc(provider)) {
    await deps.connections.to(provider);
    const secrets: FlowSecrets = { ...oidcSecrets(), ...fresh };
    const state = await deps.flows.begin({ ...flow, secrets });
    return askUrl(deps.connections, provider, base, { state, secrets });
  }
  if (provider.settings.kind !== 'saml') throw new Error('a provider of no kind');
  const id = requestId();
  const relay = await deps.flows.begin({ ...flow, secrets: { request: id, ...fresh } });
  const asked = { id, relay, fresh: fresh_since !== undefined };
  return requestUrl(provider.settings, ownAddresses(base, provider.id), asked);
}

/**
 * A page that goes on by itself, and not a redirect: the sign-in page's `form-action` would have to name every
 * provider's origin, for a posted form may not be redirected elsewhere. From a page of its own a new chain begins.
 */
async function handOver(deps: RouteDeps, provider: Provider, address: string): Promise<Answer> {
  return page({
    title: 'Single sign-on',
    brand: (await deps.brand?.(provider.tenant)) ?? { name: 'Safeguard' },
    next: address,
    headers: { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' },
    main: html`<h1>Single sign-on</h1><p class="lead">You are being taken to ${provider.settings.label}.</p>
${linkButton('Continue', address, 'main')}`,
  });
}

const away = (deps: RouteDeps, context: RequestContext, provider: Provider, begun: Begun): Promise<Answer> =>
  guarded(deps, context, provider, async () =>
    handOver(deps, provider, await addressOf(deps, provider, context.base, begun)),
  );

const may = (view: FlowView | undefined, { tenant }: Provider): view is FlowView =>
  view !== undefined &&
  view.tenant === tenant &&
  view.step === 'identify' &&
  (view.purpose === 'sign-in' || view.purpose === 'step-up');

async function start(deps: RouteDeps, context: RequestContext): Promise<Answer> {
  const provider = await providerOf(deps, context);
  const secret = flowSecretOf(context);
  const view = await deps.signIn.view(secret);
  if (secret === undefined || !may(view, provider)) {
    throw fault('conflict', 'This sign-in is over. Start again from the sign-in page.');
  }
  const begun = {
    browser: flowBrowser(secret),
    purpose: 'sign-in' as const,
    account: view.account?.id ?? null,
    ...(view.purpose === 'step-up' ? { fresh_since: deps.clock.now() } : {}),
  };
  return away(deps, context, provider, begun);
}

/** Linking gives somebody a way in: it wants both factors, shown just now. The session, when they were. */
function freshSession(deps: RouteDeps, { principal }: RequestContext): string | undefined {
  const { assurance, session } = principal;
  const fresh_ms = (deps.settings?.fresh_s ?? 300) * 1000;
  const fresh = assurance?.level === 2 && deps.clock.now() - assurance.at <= fresh_ms;
  return fresh ? session : undefined;
}

/** To the page that asks for a factor again; the link is begun anew after it. */
async function confirm({ signIn }: RouteDeps, { principal: { tenant, id } }: RequestContext): Promise<Answer> {
  const { secret, view } = await signIn.begin({ purpose: 'step-up', tenant, account: id, return_to: '/account' });
  return { ...seeOther(pathOf(view)), cookies: [setFlow(secret)] };
}

async function link(deps: RouteDeps, context: RequestContext): Promise<Answer> {
  const provider = await providerOf(deps, context);
  const { principal } = context;
  if (principal.tenant !== provider.tenant) throw fault('missing', 'There is nothing at this address');
  context.found?.({ principal });
  const session = freshSession(deps, context);
  if (session === undefined) return confirm(deps, context);
  const begun = {
    browser: sessionBrowser(session),
    purpose: 'link' as const,
    account: principal.id,
    fresh_since: deps.clock.now(),
  };
  return away(deps, context, provider, begun);
}

const posted = { method: 'POST', errors: 'page', accepts: [formType], limit_bytes: 16_384 } as const;

/** From our own pages alone: the lifecycle refuses another origin. */
export const startRoutes = (deps: RouteDeps): Route[] => [
  {
    ...posted,
    path: '/federation/:provider/start',
    action: 'federation-start',
    auth: 'none',
    handle: (context) => start(deps, context),
  },
  ...(deps.sessions === undefined
    ? []
    : [
        {
          ...posted,
          path: '/federation/:provider/link',
          action: 'federation-link',
          auth: 'session' as const,
          handle: (context: RequestContext) => link(deps, context),
        },
      ]),
];
