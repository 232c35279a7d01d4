import type { Answer, RequestContext, Route } from '@safeguard/http';
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { acrOf } from '../../oauth/smart/person.ts';
import type { Interactions, Smart } from '../../oauth/smart/types.ts';
import type { Sessions } from '../../sessions/types.ts';
import type { ScopeRules } from '../../types.ts';

const { Check, Prompt } = interactionPolicy;

type Context = KoaContextWithOIDC;
type Client = { readonly safeguard: { readonly tenant: number; readonly scopes: readonly string[] } };

/** What a person agrees to here: all that is asked, within the client's scopes. */
const wordsOf = ({ oidc }: Context, rules: ScopeRules): string[] => {
  const asked = typeof oidc.params?.scope === 'string' ? oidc.params.scope.split(' ') : [];
  const { scopes } = (oidc.client as unknown as Client).safeguard;
  const plain = asked.filter((word) => !word.includes('/') || word.startsWith('launch/'));
  const within = asked.filter((word) => /^(user|patient)\//.test(word) && rules.isScope(word));
  return [...plain, ...within.filter((word) => rules.narrows(word, scopes))];
};

async function grantAll({ rules }: StandInDeps, ctx: Context): Promise<boolean> {
  const { oidc } = ctx;
  const grant = new oidc.provider.Grant({
    accountId: oidc.session?.accountId ?? '',
    clientId: oidc.client?.clientId ?? '',
  });
  const words = wordsOf(ctx, rules);
  if (words.length === 0) throw new errors.AccessDenied('nothing was granted');
  grant.addOIDCScope(words.join(' '));
  for (const resource of Object.keys(oidc.resourceServers ?? {})) grant.addResourceScope(resource, words.join(' '));
  const id = await grant.save();
  oidc.entity('Grant', grant);
  oidc.session?.ensureClientContainer(oidc.client?.clientId ?? '');
  oidc.session?.grantIdFor(oidc.client?.clientId ?? '', id);
  if (oidc.params !== undefined) oidc.params.scope = words.join(' ');
  return false;
}

export interface StandInDeps {
  readonly rules: ScopeRules;
  readonly sessions: Pick<Sessions, 'signedIn'>;
  readonly patient?: string;
}

/** Who is signed in at the tenant of the client; a session of another one is nobody's. */
async function isStranger({ sessions }: StandInDeps, ctx: Context): Promise<boolean> {
  const person = await sessions.signedIn(ctx.headers.cookie, ctx.headers['user-agent']);
  return person?.tenant !== (ctx.oidc.client as unknown as Client).safeguard.tenant;
}

const policyOf = (deps: StandInDeps) => [
  new Prompt(
    { name: 'login', requestable: true },
    new Check('no_session', 'sign in first', 'login_required', (ctx) => isStranger(deps, ctx)),
  ),
  new Prompt({ name: 'consent', requestable: true }),
  new Prompt({ name: 'grant' }, new Check('grant', 'never asks', 'access_denied', (ctx) => grantAll(deps, ctx))),
];

/** The page of an interaction: whoever is signed in goes on. */
const interactionRoute = ({ sessions }: StandInDeps, interactions: Interactions): Route => ({
  method: 'GET',
  path: '/interaction/:uid',
  action: 'authorize-page',
  auth: 'none',
  errors: 'page',
  crossSite: true,
  async handle(context: RequestContext): Promise<Answer> {
    const interaction = await interactions.find(context, context.params.uid ?? '');
    if (interaction === undefined) return { status: 404, type: 'text/plain', body: 'over' };
    const { cookie, 'user-agent': agent } = context.headers as Record<string, string | undefined>;
    const person = await sessions.signedIn(cookie, agent);
    if (person === undefined) return { status: 200, type: 'text/plain', body: interaction.prompt.name };
    if (interaction.prompt.name !== 'login') {
      return interactions.finish(context, interaction, { consent: { scopes: [] } });
    }
    return interactions.finish(context, interaction, {
      login: {
        accountId: person.account,
        ts: Math.floor(person.authenticated_at / 1000),
        acr: acrOf(person.level),
        amr: [...person.methods],
      },
    });
  },
});

/** `oauth/smart/` in small: everybody agrees to everything, so that a test is about the protocol alone. */
export const standIn =
  (deps: StandInDeps) =>
  (interactions: Interactions): Smart => ({
    policy: policyOf(deps),
    extraParams: { aud: async () => undefined, launch: async () => undefined },
    extras: async () => (deps.patient === undefined ? {} : { patient: deps.patient }),
    context: async () => ({ patient: deps.patient ?? null, encounter: null }),
    fhirUser: (base, who) => (who === null ? undefined : `${base}/fhir/R4/${who}`),
    apps: async () => [],
    endApp: async () => true,
    routes: () => [interactionRoute(deps, interactions)],
    sweep: async () => 0,
  });
