import type { Attempts } from '../attempts.ts';
import type { KnownTokens } from '../authenticate/known.ts';
import type { ClientCredentials, RegistryDeps, Tokens } from '../types.ts';
import { verifyClient } from '../verify-client.ts';
import { issueToken } from './issue.ts';
import { revokeToken } from './revoke.ts';
import { sweepTokens } from './sweep.ts';

type Deps = RegistryDeps & { readonly attempts: Attempts };

/** For who is in this process: the same tokens as the endpoints give, by the same rules. */
export function createTokens(deps: Deps, known: KnownTokens): Tokens {
  const { segment, clock, attempts } = deps;
  const verify = (credentials: ClientCredentials, remote: string) =>
    verifyClient({ segment, clock, attempts }, credentials, remote);
  return {
    issue: async (credentials, remote, scope) => issueToken(deps, await verify(credentials, remote), scope),
    revoke: async (credentials, remote, token) => revokeToken(deps, known, await verify(credentials, remote), token),
    sweep: () => sweepTokens(deps),
  };
}
