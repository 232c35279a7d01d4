import type { Answer } from '@safeguard/http';
import { type InteractionDeps, signedInFor, toSignIn, type Visit } from './interaction.ts';
import { acrOf } from './person.ts';

/** Seconds of iat are whole: what was shown in the second of the beginning counts as after it. */
const isFresh = (authenticated_at: number, started_at: number): boolean =>
  Math.floor(authenticated_at / 1000) >= Math.floor(started_at / 1000);

/** True when the prompt wants more than that somebody is signed in: `prompt=login`, `max_age`, another subject. */
const wantsFresh = (reasons: readonly string[]): boolean => reasons.some((reason) => reason !== 'no_session');

const hopeless = (reasons: readonly string[]): boolean => reasons.some((reason) => reason.startsWith('essential_acr'));

/**
 * The login prompt: whoever is signed in at our pages, by two factors, at the app's tenant; fresh where the request
 * wants it. Everybody else goes to sign in, and comes back here.
 */
export async function login(deps: InteractionDeps, visit: Visit): Promise<Answer> {
  const { interaction, context } = visit;
  const { reasons } = interaction.prompt;
  const person = await signedInFor(deps, visit);
  if (person === undefined) return toSignIn(deps, visit);
  if (wantsFresh(reasons) && !isFresh(person.authenticated_at, interaction.started_at)) return toSignIn(deps, visit);
  context.found?.({ principal: person.principal });
  if (hopeless(reasons) && interaction.earlier.login !== undefined) {
    const error_description = 'the assurance that was asked for cannot be reached';
    return deps.interactions.finish(context, interaction, { error: 'access_denied', error_description });
  }
  return deps.interactions.finish(context, interaction, {
    login: {
      accountId: person.account,
      ts: Math.floor(person.authenticated_at / 1000),
      acr: acrOf(person.level),
      amr: [...person.methods],
    },
  });
}
