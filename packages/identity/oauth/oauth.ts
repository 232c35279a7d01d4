import type { Brand } from '@safeguard/http';
import { createAttempts } from '../attempts.ts';
import { createAuthenticate } from '../authenticate/authenticate.ts';
import { createKnownTokens } from '../authenticate/known.ts';
import { startRechecking } from '../authenticate/recheck.ts';
import { createClients } from '../clients/clients.ts';
import { platform } from '../tenants.ts';
import { createTokens } from '../tokens/tokens.ts';
import { createEndGrant } from './adapter/grants.ts';
import { createApps } from './apps.ts';
import { tellApps } from './backchannel.ts';
import { createBridge } from './bridge.ts';
import { createSafeFetch } from './fetch.ts';
import { createInteractions } from './interactions.ts';
import { createSigningKeys } from './keys.ts';
import { logoutRoutes } from './logout.ts';
import { createProvider, type ProviderDeps } from './provider.ts';
import { createReplay } from './replay.ts';
import { oauthRoutes } from './routes.ts';
import { createSealing } from './sealed.ts';
import type { Smart } from './smart/types.ts';
import { sweepRecords } from './sweep.ts';
import type { OAuth, OAuthDeps } from './types.ts';
import { createNaming } from './unnamed.ts';

/** About 400 bytes each: 8 MB at most. */
const mostKnownTokens = 20_000;
/** Twice within the oldest age of a check, so that one slow answer does not send every token to the database. */
const recheckEvery_ms = 400;

/** The same in every process: a nonce of one is known by all. 32 bytes out of the platform's index key. */
async function nonceSecretOf({ vault }: OAuthDeps): Promise<Buffer> {
  const keys = await vault(platform);
  const bytes = Buffer.alloc(32);
  for (const place of [0, 1, 2, 3]) bytes.writeBigInt64BE(keys.token('dpop nonce', String(place)), place * 8);
  return bytes;
}

const fetchOf = ({ settings: { fetch_allow, fetch_ca }, resolve }: OAuthDeps) =>
  createSafeFetch({
    ...(fetch_allow === undefined ? {} : { allow: fetch_allow }),
    ...(fetch_ca === undefined ? {} : { ca: fetch_ca }),
    ...(resolve === undefined ? {} : { resolve }),
  });

const plainBrand = async (): Promise<Brand> => ({ name: 'Safeguard' });

function partsOf(deps: OAuthDeps) {
  const { segment, clock } = deps;
  const known = deps.known ?? createKnownTokens(mostKnownTokens);
  const sealing = createSealing(deps.vault);
  const signing = createSigningKeys({ segment, clock, sealing });
  const endGrant = createEndGrant(segment, clock, known);
  return {
    known,
    sealing,
    signing,
    endGrant,
    replay: createReplay(segment, clock),
    attempts: deps.attempts ?? createAttempts(clock),
  };
}

/** Endings elsewhere in this process: what is known of tokens goes at once, and apps are told of a log-out. */
function hear(deps: OAuthDeps, { known }: ReturnType<typeof partsOf>, provider: ReturnType<typeof createProvider>) {
  let base: string | undefined;
  deps.accounts.onChange?.((_tenant, account) => known.doubtAll(account));
  deps.sessions.onEnd?.((ended) => {
    known.forgetAll(ended.session);
    // Where all sessions end, what outlives one ends as well.
    known.doubtAll(ended.account);
    if (base === undefined) return;
    provider(base)
      .then((made) => tellApps(made, deps.log, ended))
      .catch((error: unknown) => deps.log.warn('the apps of a session could not be told of its end', { error }));
  });
  return (seen: string): void => {
    base = seen;
  };
}

/** The authorization server: OAuth 2, OpenID Connect and SMART on FHIR, on oidc-provider. See README.md. */
export function createOAuth(deps: OAuthDeps): OAuth {
  const { segment, clock, log } = deps;
  const parts = partsOf(deps);
  const { known, sealing, signing, endGrant, replay, attempts } = parts;
  let smart: Smart | undefined;
  const provider = createProvider({
    ...deps,
    ...parts,
    fetch: fetchOf(deps),
    nonceSecret: () => nonceSecretOf(deps),
    get smart() {
      if (smart === undefined) throw new Error('smart is made before anything is asked');
      return smart;
    },
  } as ProviderDeps);
  const hears = hear(deps, parts, provider);
  const at = (base: string) => {
    hears(base);
    return provider(base);
  };
  const interactions = createInteractions(at);
  const made = deps.smart(interactions);
  smart = made;
  const rechecking = startRechecking(segment, known, log, recheckEvery_ms);
  const tokens = createTokens({ ...deps, attempts }, known);
  const apps = createApps({ segment, clock, sealing, endGrant, smart: made });
  const bridge = createBridge(at, deps.used);
  const naming = createNaming(segment);
  const logout = { sessions: deps.sessions, provider: at, brand: deps.brand ?? plainBrand };
  return {
    routes: () => [...oauthRoutes(bridge, attempts, naming), ...logoutRoutes(logout), ...made.routes()],
    authenticate: createAuthenticate({ segment, clock, known, replay }),
    clients: createClients(deps, known),
    tokens,
    keys: { rotate: (options) => signing.rotate(options) },
    interactions,
    apps,
    endGrants: apps.endAll,
    sweep: async () => {
      const counts = [tokens.sweep(), replay.sweep(), sweepRecords(segment, clock), signing.sweep(), made.sweep()];
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    async close() {
      await rechecking.stop();
      known.clear();
    },
  };
}
