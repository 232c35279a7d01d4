import type { Account } from '../../accounts/types.ts';
import type { ScopeRules } from '../../types.ts';
import type { SmartClient } from './types.ts';

/** Scopes that say who the person is (OpenID Connect Core 5.4; SMART App Launch 2.2, "Scopes for identity data"). */
const identityScopes = new Set(['openid', 'profile', 'email', 'fhirUser']);
const launchScopes = new Set(['launch', 'launch/patient', 'launch/encounter']);
const lifetimeScopes = new Set(['offline_access', 'online_access']);
/** The scope by which a client, or an app for its person, starts launches. */
export const launchScope = 'safeguard/launch';
/** Scopes of our product that an app of anybody of the workforce may be given: `access` says what each may by it. */
export const workforceScopes: ReadonlySet<string> = new Set([launchScope, 'safeguard/access', 'safeguard/programme']);
/** Scopes of our own product: an administrator's app may be given them. */
const productScopes = new Set(['safeguard/accounts', 'safeguard/clients', 'safeguard/scim', ...workforceScopes]);

/** What an app asks, sorted. What is no scope of ours is not in it: an app may ask for more than a server has. */
export interface Asked {
  readonly identity: readonly string[];
  readonly launch: readonly string[];
  readonly lifetime: readonly string[];
  readonly product: readonly string[];
  /** As they were spelled; `user/` and `patient/` alone: `system/` is for backend services. */
  readonly fhir: readonly string[];
}

/** Longer than any real request: 200 scopes. A longer one is cut, never granted. */
const mostScopes = 200;

export function readAsked(scope: unknown, rules: Pick<ScopeRules, 'isScope'>): Asked {
  const words = typeof scope === 'string' ? [...new Set(scope.split(' '))].slice(0, mostScopes) : [];
  const among = (set: ReadonlySet<string>): string[] => words.filter((word) => set.has(word));
  return {
    identity: among(identityScopes),
    launch: among(launchScopes),
    lifetime: among(lifetimeScopes),
    product: among(productScopes),
    fhir: words.filter((word) => /^(user|patient)\//.test(word) && rules.isScope(word)),
  };
}

const ofOnePatient = new Set(['launch/patient', 'launch/encounter']);

/** True when the request needs a patient in context to mean anything; a visit is some patient's. */
export const needsPatient = ({ launch, fhir }: Asked): boolean =>
  launch.some((scope) => ofOnePatient.has(scope)) || fhir.some((scope) => scope.startsWith('patient/'));

/** What may be given at most. */
export interface Offer {
  /** In normal form; none is contained in another. */
  readonly fhir: readonly string[];
  readonly identity: readonly string[];
  readonly launch: readonly string[];
  readonly lifetime: readonly string[];
  readonly product: readonly string[];
}

type Rules = Pick<ScopeRules, 'intersect'>;

/** Launches and access itself are for whoever works here; the rest of the product's scopes for administrators. */
const mayHold = (account: Account, scope: string): boolean =>
  workforceScopes.has(scope) ? account.kind === 'workforce' : account.roles.includes('administrator');

/** Never more than asked ∩ what the app may have ∩ what the person may do; an app that is not approved gets no data. */
export function offerOf(asked: Asked, client: SmartClient, account: Account, rules: Rules): Offer {
  const { identity, launch, lifetime } = asked;
  const others = { identity, launch, lifetime };
  if (client.state !== 'approved') return { ...others, fhir: [], product: [] };
  return {
    ...others,
    fhir: rules.intersect(rules.intersect(asked.fhir, client.scopes), account.scopes),
    product: asked.product.filter((scope) => client.scopes.includes(scope) && mayHold(account, scope)),
  };
}

/** Every scope of an offer. */
export const allOf = ({ identity, launch, lifetime, product, fhir }: Offer): string[] => [
  ...identity,
  ...launch,
  ...lifetime,
  ...product,
  ...fhir,
];

/** A FHIR scope in normal form, taken apart. */
export interface FhirScope {
  readonly context: 'patient' | 'user';
  readonly type: string;
  /** Of `cruds`, in this order. */
  readonly letters: string;
  /** With its question mark; empty: none. */
  readonly parameters: string;
}

const normalForm = /^(patient|user)\/([A-Za-z]+|\*)\.(c?r?u?d?s?)(\?.*)?$/;

/** `scope` must be in normal form. */
export function takeApart(scope: string): FhirScope {
  const [, context, type = '', letters = '', parameters = ''] = normalForm.exec(scope) ?? [];
  return { context: context === 'user' ? 'user' : 'patient', type, letters, parameters };
}

export const putTogether = ({ context, type, letters, parameters }: FhirScope): string =>
  `${context}/${type}.${[...'cruds'].filter((letter) => letters.includes(letter)).join('')}${parameters}`;

const versionOne: Readonly<Record<string, string>> = { rs: 'read', cud: 'write', cruds: '*' };
const speaksVersionOne = (asked: readonly string[]): boolean =>
  asked.some((scope) => /^(user|patient)\/[A-Za-z*]+\.(read|write|\*)$/.test(scope));

/** In version 1's words where they say exactly this (SMART App Launch 2.2, "Scopes: SMART's v1 equivalence"). */
const inVersionOne = (parts: FhirScope): string | undefined => {
  const word = parts.parameters === '' ? versionOne[parts.letters] : undefined;
  return word === undefined ? undefined : `${parts.context}/${parts.type}.${word}`;
};

type Spelling = Pick<ScopeRules, 'narrows'>;

/**
 * Granted scopes as the app itself would write them: letter for letter what it asked where it got all of that, and for
 * the rest the normal form, in version 1's words where the app speaks them.
 */
export function spelled(granted: readonly string[], asked: readonly string[], rules: Spelling): string[] {
  const whole = asked.filter((scope) => rules.narrows(scope, granted));
  const first = speaksVersionOne(asked);
  const rest = granted.map(takeApart).flatMap((parts) => {
    const over = [...parts.letters].filter(
      (letter) => !rules.narrows(putTogether({ ...parts, letters: letter }), whole),
    );
    const left = { ...parts, letters: over.join('') };
    return over.length === 0 ? [] : [(first ? inVersionOne(left) : undefined) ?? putTogether(left)];
  });
  return [...new Set([...whole, ...rest])];
}
