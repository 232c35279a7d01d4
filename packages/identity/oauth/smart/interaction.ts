import { type Answer, type Brand, type RequestContext, seeOther } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Account } from '../../accounts/types.ts';
import type { SignedIn } from '../../sessions/types.ts';
import type { Consents } from './consents.ts';
import { personFor } from './person.ts';
import { placesOf } from './places.ts';
import type { ReadRequest, SmartRequest } from './request.ts';
import type { Interaction, SmartClient, SmartDeps } from './types.ts';

export interface InteractionDeps extends SmartDeps {
  readonly read: ReadRequest;
  readonly consents: Consents;
}

/** One look of a person at their interaction. */
export interface Visit {
  readonly context: RequestContext;
  readonly interaction: Interaction;
  readonly client: SmartClient;
  readonly brand: Brand;
}

/** A visit of the person whose interaction it is. */
export interface PersonsVisit extends Visit {
  readonly person: SignedIn;
  readonly account: Account;
  readonly request: SmartRequest;
}

const over = 'This request is over, or was begun in another browser. Go back to the app and start again.';

/**
 * The interaction of the path: the browser must hold its own cookie. Fault `missing` with one text for a foreign, an
 * old, a finished and an unknown one.
 */
export async function visit(deps: InteractionDeps, context: RequestContext): Promise<Visit> {
  const interaction = await deps.interactions.find(context, context.params['uid'] ?? '');
  if (interaction === undefined) throw fault('missing', over);
  const client = await deps.clients.byId(String(interaction.params['client_id'] ?? ''));
  if (client === undefined) throw fault('missing', over);
  context.about?.([{ type: 'Client', id: client.client_id }]);
  return { context, interaction, client, brand: await deps.brand(client.tenant) };
}

/** To sign in at the client's tenant, and back here. Nothing but our own two names goes into the address. */
export async function toSignIn(deps: InteractionDeps, { client, interaction }: Visit): Promise<Answer> {
  const asked = new URLSearchParams({
    tenant: await deps.tenantName(client.tenant),
    return: placesOf(interaction).self,
  });
  return seeOther(`/sign-in?${asked}`);
}

export const signedInFor = (deps: InteractionDeps, { client, context }: Visit): Promise<SignedIn | undefined> =>
  personFor(deps, client, context.headers);

/**
 * The person whose interaction it is, or undefined: they have to sign in (again). Fault `forbidden` when somebody else
 * signed in meanwhile: what one person began, another one never finishes.
 */
export async function personsVisit(deps: InteractionDeps, visit: Visit): Promise<PersonsVisit | undefined> {
  const { interaction, context } = visit;
  const person = await signedInFor(deps, visit);
  if (person === undefined) return undefined;
  context.found?.({ principal: person.principal });
  if (person.account !== (interaction.earlier.login?.accountId ?? interaction.account)) {
    throw fault('forbidden', 'Somebody else is signed in now. Go back to the app and start again.');
  }
  const { client_id } = visit.client;
  const { params, earlier } = interaction;
  const request = await deps.read({ client_id, account: person.account, params, earlier });
  return { ...visit, person, account: request.account, request };
}
