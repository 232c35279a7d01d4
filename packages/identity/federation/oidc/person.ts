import { type Arrival, externalId } from '../arrival.ts';
import type { OidcSettings } from '../types.ts';

type Claims = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * The address when the provider vouches for it: `email_verified` is the boolean true, or the tenant says it need not.
 */
function vouched(settings: OidcSettings, claims: Claims): string | undefined {
  const assumed = settings.email_verified === 'assumed' && claims['email_verified'] === undefined;
  return claims['email_verified'] === true || assumed ? text(claims['email']) : undefined;
}

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

/** Of the ID token alone: it is signed. An address is nobody's id. */
export function externalIdOf({ directory }: OidcSettings, signed: Claims): string | undefined {
  return directory === 'none' ? undefined : externalId(text(signed[directory.claim]));
}

/** Who it is, by the provider's mapping. Only strings count, and never an address that nobody verified. */
export function personOf(settings: OidcSettings, claims: Claims, subject: string): Arrival {
  const { login = 'email', name = 'name', fhir_user } = settings.claims;
  const address = vouched(settings, claims);
  return {
    subject,
    login: login === 'email' ? address : text(claims[login]),
    name: text(claims[name]),
    fhir_user: fhir_user === undefined ? undefined : text(claims[fhir_user]),
    address,
    acr: text(claims['acr']),
    amr: list(claims['amr']),
  };
}
