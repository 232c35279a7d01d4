import type { Answer, RequestContext, Route } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Provider } from '../providers/rows.ts';
import { Refusal } from '../refusal.ts';
import { ownAddresses } from '../saml/own.ts';
import { metadataXml } from '../saml/request.ts';
import { verifyResponse } from '../saml/verify.ts';
import { xmlLimits } from '../saml/xml.ts';
import type { SamlSettings } from '../types.ts';
import { arrive, browsersOf } from './arrive.ts';
import type { RouteDeps } from './deps.ts';
import { guarded } from './refused.ts';
import { formType, oneOf, providerOf, seeOther } from './request.ts';

type SamlProvider = Provider & { readonly settings: SamlSettings };

async function samlProviderOf(deps: RouteDeps, context: RequestContext): Promise<SamlProvider> {
  const provider = await providerOf(deps, context);
  if (provider.settings.kind !== 'saml') throw fault('missing', 'There is nothing at this address');
  return provider as SamlProvider;
}

/**
 * Takes the answer, and does not sign in: another site's form comes without our cookies (SameSite=Lax), so whose it is
 * cannot be known here. What the assertion said is kept under a handle, and the browser is led to fetch it by a request
 * that does carry its cookie.
 */
async function consume(deps: RouteDeps, context: RequestContext, provider: SamlProvider): Promise<Answer> {
  const form = new URLSearchParams(context.body.toString('utf8'));
  const relay = oneOf(form, 'RelayState');
  const field = oneOf(form, 'SAMLResponse');
  // A flow that we began comes first: nobody makes us read XML who was not sent away by us.
  const flow = relay === undefined ? undefined : await deps.flows.find(provider.id, relay);
  const request = flow?.secrets.request;
  if (flow === undefined || request === undefined) throw new Refusal('flow not known');
  if (field === undefined) throw new Refusal('answer malformed');
  const own = ownAddresses(context.base, provider.id);
  const statement = await verifyResponse(field, provider.settings, {
    own,
    request,
    now: deps.clock.now(),
    fresh_since: flow.secrets.fresh_since,
  });
  const once = { id: `assertion ${statement.id}`, until: statement.until };
  const handle = await deps.flows.keep(flow, statement.arrival, once);
  if (handle === undefined) throw new Refusal('assertion already used');
  return seeOther(`/federation/${provider.id}/finish?handle=${handle}`);
}

async function finish(deps: RouteDeps, context: RequestContext, provider: SamlProvider): Promise<Answer> {
  const handle = oneOf(context.query, 'handle') ?? '';
  const flow = await deps.flows.fetch(provider.id, handle, await browsersOf(deps, context));
  if (flow?.result === undefined) throw new Refusal('another browser');
  return arrive(deps, context, provider, flow, flow.result);
}

const metadata = (provider: SamlProvider, base: string): Answer => ({
  status: 200,
  type: 'application/samlmetadata+xml',
  headers: { 'Content-Disposition': 'attachment; filename="metadata.xml"' },
  body: metadataXml(provider.settings, ownAddresses(base, provider.id)),
});

/** The assertion consumer service, what follows it, and our metadata. */
export const samlRoutes = (deps: RouteDeps): Route[] => [
  {
    method: 'POST',
    path: '/federation/:provider/acs',
    action: 'federation-answer',
    auth: 'none',
    errors: 'page',
    crossSite: true,
    accepts: [formType],
    // Base64 adds a third, and its + and / are percent-encoded.
    limit_bytes: xmlLimits.length * 1.5 + 4096,
    async handle(context) {
      const provider = await samlProviderOf(deps, context);
      return guarded(deps, context, provider, () => consume(deps, context, provider));
    },
  },
  {
    method: 'GET',
    path: '/federation/:provider/finish',
    action: 'federation-return',
    auth: 'none',
    errors: 'page',
    async handle(context) {
      const provider = await samlProviderOf(deps, context);
      return guarded(deps, context, provider, () => finish(deps, context, provider));
    },
  },
  {
    method: 'GET',
    path: '/federation/:provider/metadata',
    action: 'federation-metadata',
    auth: 'none',
    errors: 'page',
    async handle(context) {
      // Also of one that is not enabled yet: the provider has to be told of us first.
      const provider = await deps.rows.one(context.params['provider'] ?? '');
      if (provider?.settings.kind !== 'saml') throw fault('missing', 'There is nothing at this address');
      return metadata(provider as SamlProvider, context.base);
    },
  },
];
