import type { Federation, NewProvider } from '../../federation/types.ts';
import type { Browser, Visited } from './browser.ts';
import type { House } from './house.ts';
import { goodResponse, packed, type Request, readRequest, type Said, said } from './saml-idp.ts';

/** An enabled provider. */
export async function enabled(house: House, provider: NewProvider, tenant = 1): Promise<string> {
  const { id } = await house.federation.providers.create(tenant, provider);
  await house.federation.providers.enable(tenant, id, true);
  return id;
}

/** From the sign-in page to the provider: what it was asked. */
export async function toProvider(browser: Browser, id: string, tenant = 1): Promise<Request> {
  await browser.begin(tenant);
  const { next = '' } = await browser.post(`/federation/${id}/start`);
  return readRequest(next);
}

type Process = { readonly federation?: Pick<Federation, 'routes'> };

/** The provider's form, posted from its own site. */
export const answer = (
  browser: Browser,
  id: string,
  xml: string,
  relay: string,
  more: Process = {},
): Promise<Visited> =>
  browser.post(`/federation/${id}/acs`, { SAMLResponse: packed(xml), RelayState: relay }, { crossSite: true, ...more });

/** A whole way there and back; the last answer. */
export async function walk(
  browser: Browser,
  id: string,
  bend: (request: Request) => Partial<Said> = () => ({}),
  more: Process & { readonly tenant?: number } = {},
): Promise<Visited> {
  const request = await toProvider(browser, id, more.tenant);
  const taken = await answer(browser, id, goodResponse(said(request, bend(request))), request.relay, more);
  if (taken.location === undefined) return taken;
  return browser.get(taken.location, more);
}
