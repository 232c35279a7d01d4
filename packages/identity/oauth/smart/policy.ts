import { isFault } from '@safeguard/kernel';
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { SignedIn } from '../../sessions/types.ts';
import type { Consents } from './consents.ts';
import { covers } from './decision.ts';
import { acrOf, personFor } from './person.ts';
import type { ReadRequest, SmartRequest } from './request.ts';
import { type SettleDeps, settle } from './settle.ts';
import type { InteractionResult, SmartClient, SmartDeps } from './types.ts';

type Context = KoaContextWithOIDC;

export interface PolicyDeps
  extends Pick<SmartDeps, 'accounts' | 'clients' | 'sessions' | 'scopes' | 'clock'>,
    SettleDeps {
  readonly read: ReadRequest;
  readonly consents: Consents;
}

const { Check, Prompt, base } = interactionPolicy;

/** What earlier prompts of this request came to: kept by the provider, never sent by a browser. */
const resultOf = (ctx: Context): InteractionResult => (ctx.oidc.result ?? {}) as unknown as InteractionResult;

/** The client of the request, as we know it. It was found before: the provider has one of this id. */
export async function clientOf({ clients }: Pick<SmartDeps, 'clients'>, ctx: Context): Promise<SmartClient> {
  const client = await clients.byId(ctx.oidc.client?.clientId ?? '');
  if (client === undefined) throw new errors.InvalidClient('client is not known');
  return client;
}

/** A fault of ours in OAuth's words (RFC 6749 4.1.2.1). Our public texts quote nothing and may leave. */
const told = (thrown: unknown): unknown => {
  if (!isFault(thrown)) return thrown;
  if (thrown.kind === 'invalid') return new errors.InvalidRequest(thrown.message);
  return thrown.kind === 'forbidden' || thrown.kind === 'missing' ? new errors.AccessDenied(thrown.message) : thrown;
};

type RequestOf = (ctx: Context) => Promise<SmartRequest>;

async function readRequest({ read }: Pick<PolicyDeps, 'read'>, ctx: Context): Promise<SmartRequest> {
  const { client, session, params = {} } = ctx.oidc;
  const parts = { client_id: client?.clientId ?? '', account: session?.accountId ?? '', params };
  try {
    return await read({ ...parts, earlier: resultOf(ctx) });
  } catch (thrown) {
    throw told(thrown);
  }
}

/** The request as it stands, read once a pass. After the login prompt alone: from then on it is known whose it is. */
function createRequestOf(deps: Pick<PolicyDeps, 'read'>): RequestOf {
  const known = new WeakMap<object, Promise<SmartRequest>>();
  return (ctx) => {
    const found = known.get(ctx.oidc) ?? readRequest(deps, ctx);
    known.set(ctx.oidc, found);
    return found;
  };
}

/** Brings the provider's session in line with ours, which alone says who is signed in; an older one says nothing. */
export function follow(ctx: Context, person: SignedIn): void {
  const { session } = ctx.oidc;
  if (session === undefined) return;
  session.uid = person.session;
  session.loginAccount({
    accountId: person.account,
    loginTs: Math.floor(person.authenticated_at / 1000),
    acr: acrOf(person.level),
    amr: [...person.methods],
  });
}

/** True when whoever is signed in at our pages is not who the provider believes: nobody, somebody else, too weakly. */
async function isStranger(deps: PolicyDeps, ctx: Context): Promise<boolean> {
  const { session } = ctx.oidc;
  const person = await personFor(deps, await clientOf(deps, ctx), ctx.req.headers);
  if (person === undefined || session?.accountId !== person.account) return true;
  follow(ctx, person);
  return false;
}

function isTooOld({ clock }: PolicyDeps, ctx: Context): boolean {
  const { params, session } = ctx.oidc;
  const most_s = params?.['max_age'];
  if (most_s === undefined || resultOf(ctx).login !== undefined) return false;
  return clock.now() / 1000 - (session?.loginTs ?? 0) > Number(most_s);
}

/** oidc-provider's own, but for who is signed in and since when: that only our sessions know. */
function loginPrompt(deps: PolicyDeps): interactionPolicy.Prompt {
  const prompt = base().get('login') as interactionPolicy.Prompt;
  prompt.checks.remove('no_session');
  prompt.checks.remove('max_age');
  const text = 'End-User authentication is required';
  prompt.checks.add(new Check('max_age', text, 'login_required', (ctx) => isTooOld(deps, ctx)), 0);
  prompt.checks.add(new Check('no_session', text, 'login_required', (ctx) => isStranger(deps, ctx)), 0);
  return prompt;
}

const choice = (name: 'patient' | 'encounter', wanted: (ctx: Context) => Promise<boolean>): interactionPolicy.Prompt =>
  new Prompt({ name }, new Check(`no_${name}`, `a choice of ${name} is needed`, 'interaction_required', wanted));

/**
 * An app without a secret at an address that anybody on the device may claim (a scheme, the loopback) cannot prove that
 * it is itself: its person is asked every time (RFC 8252 8.6).
 */
function isUnprovable({ oidc: { client, params } }: Context): boolean {
  const redirect_uri = params?.['redirect_uri'];
  const claimed = typeof redirect_uri === 'string' && redirect_uri.startsWith('https://');
  return client?.applicationType === 'native' || (client?.clientAuthMethod === 'none' && !claimed);
}

async function isUndecided(deps: PolicyDeps, requestOf: RequestOf, ctx: Context): Promise<boolean> {
  if (resultOf(ctx).consent !== undefined) return false;
  if (isUnprovable(ctx)) return true;
  const { client, account, context, offer } = await requestOf(ctx);
  const key = { tenant: client.tenant, account: account.id, client: client.client_id, patient: context.patient };
  const decision = await deps.consents.find(key);
  return decision === undefined || !covers(decision, offer, deps.scopes);
}

/** In this order: who, whose record, which encounter, what of it. The last one never asks: it makes the grant. */
export function createPolicy(deps: PolicyDeps): interactionPolicy.Prompt[] {
  const requestOf = createRequestOf(deps);
  const undecided = (ctx: Context): Promise<boolean> => isUndecided(deps, requestOf, ctx);
  const granting = async (ctx: Context): Promise<boolean> => {
    await settle(deps, ctx, await requestOf(ctx), resultOf(ctx));
    return Check.NO_NEED_TO_PROMPT;
  };
  return [
    loginPrompt(deps),
    choice('patient', async (ctx) => (await requestOf(ctx)).wantsPatient),
    choice('encounter', async (ctx) => (await requestOf(ctx)).wantsEncounter),
    new Prompt(
      { name: 'consent', requestable: true },
      new Check('undecided', 'the person has to be asked', 'consent_required', undecided),
    ),
    new Prompt({ name: 'grant' }, new Check('grant', 'the grant is made', 'interaction_required', granting)),
  ];
}
