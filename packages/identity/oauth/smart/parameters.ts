import { decodeJwt } from 'jose';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { SignedIn } from '../../sessions/types.ts';
import { readAsked } from './asked.ts';
import type { Launches } from './launches.ts';
import { personFor } from './person.ts';
import { clientOf, follow } from './policy.ts';
import { wrongLaunch } from './request.ts';
import type { Smart, SmartDeps } from './types.ts';

type Context = KoaContextWithOIDC;
type Deps = Pick<SmartDeps, 'clients' | 'sessions' | 'scopes' | 'clock'> & { readonly launches: Launches };

const fhirPath = '/fhir/R4';

/** The FHIR server's address as apps name it: with or without a slash at its end. */
export const fhirBase = (issuer: string): string => `${issuer}${fhirPath}`;

/**
 * The app says for which FHIR server it wants a token: if it was led to believe in another one, it would send ours
 * there (SMART App Launch 2.2, "aud"). A request that touches no data, a plain sign-in, may leave it out.
 */
function checkAudience(ctx: Context, aud: string | undefined, touchesData: boolean): void {
  const own = fhirBase(ctx.oidc.issuer);
  if (aud === undefined && touchesData) throw new errors.InvalidRequest('aud is required: the FHIR server');
  if (aud !== undefined && aud !== own && aud !== `${own}/`) throw new errors.InvalidTarget('aud is not this server');
}

/** The scope as the app sent it: with the request, or pushed before. */
function sentScope({ oidc, query }: Context): string[] {
  const pushed = oidc.entities.PushedAuthorizationRequest?.request;
  const sent = pushed === undefined ? (oidc.body?.['scope'] ?? query['scope']) : decodeJwt(pushed)['scope'];
  return typeof sent === 'string' ? sent.split(' ') : [];
}

/**
 * The audience as the app sent it. A pushed request is kept as a JWT, whose own `aud` (this issuer) takes the
 * parameter's place: what it was is kept as the resource, which was judged when the request was pushed.
 */
function sentAudience({ oidc }: Context, aud: string | undefined): string | undefined {
  if (oidc.entities.PushedAuthorizationRequest === undefined) return aud;
  const resource = oidc.params?.['resource'];
  return typeof resource === 'string' ? resource : undefined;
}

/**
 * oidc-provider drops `offline_access` unless the app says `prompt=consent` (OpenID Connect Core 11). SMART apps do not
 * say it (SMART App Launch 2.2, "offline_access"), and here nobody's access outlives a session without their consent to
 * exactly that: it is asked like any other scope.
 */
function keepOffline(ctx: Context): void {
  const { params, client } = ctx.oidc;
  if (params === undefined || client?.grantTypeAllowed('refresh_token') !== true) return;
  const scopes = typeof params['scope'] === 'string' ? params['scope'].split(' ') : [];
  if (!sentScope(ctx).includes('offline_access') || scopes.includes('offline_access')) return;
  params['scope'] = [...scopes, 'offline_access'].join(' ');
}

/** Whoever is signed in may not answer this request: to the provider nobody is. */
function forgetWho({ oidc: { session } }: Context): void {
  if (session?.accountId === undefined) return;
  delete session.accountId;
  delete session.authorizations;
}

/** False where the request wants them to show a factor again: until they did, nobody is known. */
function isFresh({ clock }: Deps, { oidc }: Context, { authenticated_at }: SignedIn): boolean {
  const most_s = oidc.params?.['max_age'];
  if (oidc.prompts.has('login')) return false;
  return most_s === undefined || clock.now() - authenticated_at <= Number(most_s) * 1000;
}

/** Before anything is judged: the provider's session says what ours says. */
async function followSession(deps: Deps, ctx: Context): Promise<void> {
  const found = await personFor(deps, await clientOf(deps, ctx), ctx.req.headers);
  const person = found !== undefined && isFresh(deps, ctx, found) ? found : undefined;
  if (ctx.oidc.session?.accountId !== person?.account) forgetWho(ctx);
  if (person !== undefined) follow(ctx, person);
}

async function checkLaunch(deps: Deps, ctx: Context, launch: string | undefined): Promise<void> {
  if (launch === undefined) return;
  const { launch: asked } = readAsked(ctx.oidc.params?.['scope'], deps.scopes);
  if (!asked.includes('launch')) throw new errors.InvalidRequest('launch goes with the scope launch');
  const { tenant, client_id } = await clientOf(deps, ctx);
  const found = await deps.launches.find(tenant, client_id, launch);
  if (!found?.open || found.late) throw new errors.InvalidRequest(wrongLaunch);
}

async function checkApproved(deps: Deps, ctx: Context): Promise<void> {
  if ((await clientOf(deps, ctx)).state === 'approved') return;
  const refused = new errors.UnauthorizedClient('this app has not been approved here');
  refused.allow_redirect = false;
  throw refused;
}

/** The parameters of SMART beside OAuth's, checked where a request comes in and where it is pushed. */
export const createParameters = (deps: Deps): Smart['extraParams'] => ({
  async aud(ctx, aud) {
    await checkApproved(deps, ctx);
    keepOffline(ctx);
    // As it was sent: without a resource the provider has dropped what is for one.
    const asked = readAsked(sentScope(ctx).join(' '), deps.scopes);
    const { fhir, launch, product } = asked;
    checkAudience(ctx, sentAudience(ctx, aud), fhir.length + launch.length + product.length > 0);
    if (ctx.oidc.route === 'authorization') await followSession(deps, ctx);
  },
  launch: (ctx, launch) => checkLaunch(deps, ctx, launch),
});
