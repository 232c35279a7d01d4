import { newId } from '@safeguard/kernel';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Consents } from './consents.ts';
import type { GrantContexts } from './contexts.ts';
import { asSpelled, givenBy } from './decision.ts';
import type { SmartRequest } from './request.ts';
import { wrongLaunch } from './request.ts';
import type { InteractionResult, SmartDeps } from './types.ts';

export interface SettleDeps extends Pick<SmartDeps, 'scopes'> {
  readonly consents: Consents;
  readonly contexts: GrantContexts;
}

/** What the person decided: in this very interaction, else before. Always held against what may be given now. */
async function decided(deps: SettleDeps, request: SmartRequest, result: InteractionResult): Promise<string[]> {
  const { client, account, context, offer, asked } = request;
  const key = { tenant: client.tenant, account: account.id, client: client.client_id, patient: context.patient };
  const granted = result.consent?.scopes ?? (await deps.consents.find(key))?.granted ?? [];
  return asSpelled(givenBy(granted, offer, deps.scopes), asked.fhir, deps.scopes);
}

/**
 * Makes the Grant of one authorization: scopes as they were given, its context under its id, the launch used up. First
 * the context, then the Grant: a crash between leaves a context of no grant, which is nothing.
 */
export async function settle(
  deps: SettleDeps,
  ctx: KoaContextWithOIDC,
  request: SmartRequest,
  result: InteractionResult,
): Promise<void> {
  const { oidc } = ctx;
  const { client, account, context, launch } = request;
  const scopes = await decided(deps, request, result);
  if (scopes.length === 0) throw new errors.AccessDenied('nothing of what was asked was granted');
  const grant = new oidc.provider.Grant({ accountId: account.id, clientId: client.client_id });
  const grant_id = newId();
  grant.jti = grant_id;
  grant.addOIDCScope(scopes.join(' '));
  for (const resource of Object.keys(oidc.resourceServers ?? {})) grant.addResourceScope(resource, scopes.join(' '));
  const about = { tenant: client.tenant, account: account.id, client: client.client_id, grant_id, context };
  const kept = await deps.contexts.keep({ ...about, ...(launch === undefined ? {} : { launch: launch.id }) });
  if (!kept) throw new errors.InvalidRequest(wrongLaunch);
  await grant.save();
  oidc.entity('Grant', grant);
  oidc.session?.ensureClientContainer(client.client_id);
  oidc.session?.grantIdFor(client.client_id, grant_id);
  if (oidc.params !== undefined) oidc.params['scope'] = scopes.join(' ');
}
