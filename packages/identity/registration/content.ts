import { isView, views } from '@safeguard/http';
import { fault, type Issue } from '@safeguard/kernel';
import { checkApp } from '../clients/check-app.ts';
import type { NewApp, ScopeRules } from '../types.ts';
import { isPicture } from './logo.ts';
import type { About, Content, Fields, GivenFields } from './types.ts';

/** OpenID's and SMART's words for who, where and how long: they open nothing, so nothing has to be granted. */
const plain = new Set([
  ...['openid', 'profile', 'email', 'fhirUser', 'offline_access', 'online_access'],
  ...['launch', 'launch/patient', 'launch/encounter'],
]);
const mostScopes = 200;
const line = /^[^\p{C}]+$/u;
/** Paragraphs may be told apart. */
const prose = /^(?:[^\p{C}]|[\n\r\t])+$/u;

const issue = (at: string, expected: string): Issue => ({
  severity: 'error',
  code: 'invalid',
  text: `${at}: expected ${expected}`,
  at,
});

const isText = (text: unknown, form: RegExp, most: number): boolean =>
  typeof text === 'string' && text.trim() === text && text.length >= 1 && text.length <= most && form.test(text);

/** Longest texts, in characters. */
const texts = [
  ['name', line, 100],
  ['publisher', line, 200],
  ['description', prose, 2_000],
  ['contact', line, 254],
  ['purpose', prose, 2_000],
] as const;

function textIssues(fields: Fields): Issue[] {
  const wrong = texts.filter(([name, form, most]) => !isText(fields[name], form, most));
  return wrong.map(([name, , most]) => issue(name, `1 to ${most} printable characters, no blank at an end`));
}

function scopeIssues({ scopes }: Fields, rules: ScopeRules): Issue[] {
  const sound = Array.isArray(scopes) && scopes.length <= mostScopes && scopes.every((one) => rules.isScope(one));
  return sound ? [] : [issue('scopes', `up to ${mostScopes} scopes that this server serves`)];
}

/** The rules of every client, as issues. */
function clientIssues(fields: Fields, tenant: number): Issue[] {
  const { publisher: _, description: __, contact: ___, purpose: ____, logo: _____, ...content } = fields;
  try {
    checkApp({ ...content, tenant } as NewApp);
    return [];
  } catch (error) {
    const { issues } = error as { issues?: readonly Issue[] };
    if (issues === undefined) throw error;
    return [...issues];
  }
}

const normal = (scopes: unknown, rules: ScopeRules): readonly string[] => {
  if (!Array.isArray(scopes)) return scopes as readonly string[];
  const rights = scopes.filter((scope) => !plain.has(scope));
  return [
    ...new Set(rights.map((one) => (typeof one === 'string' && rules.isScope(one) ? rules.normalScope(one) : one))),
  ];
};

const defaults = {
  scopes: [],
  view: 'full',
  auth_method: 'client_secret_basic',
  grant_types: ['authorization_code'],
  redirect_uris: [],
  post_logout_redirect_uris: [],
} as const;

/** Absent, undefined and null are one. */
const withoutNothing = (given: GivenFields): GivenFields =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));

/**
 * The fields in normal form, each checked as a client's are. `held`: keys by value that the client has already. Fault
 * `invalid`, one issue a field.
 */
export function checkedFields(
  given: GivenFields,
  { rules, tenant, held }: { readonly rules: ScopeRules; readonly tenant: number; readonly held?: unknown },
): Fields {
  const { logo, ...named } = withoutNothing(given) as Partial<Fields>;
  const merged = { ...defaults, ...named } as Fields;
  const fields: Fields = { ...merged, scopes: normal(merged.scopes, rules) };
  const keys = fields.jwks === undefined && fields.jwks_uri === undefined && held !== undefined && held !== null;
  const complete = keys ? ({ ...fields, jwks: held } as Fields) : fields;
  const issues = [
    ...textIssues(fields),
    ...scopeIssues(fields, rules),
    ...clientIssues(complete, tenant),
    ...(isView(fields.view) ? [] : [issue('view', views.join(', '))]),
    ...(fields.auth_method.endsWith('tls_client_auth') ? [issue('auth_method', 'no certificate of a client')] : []),
    ...(logo === undefined || isPicture(logo) ? [] : [issue('logo', 'PNG or WebP in base64, 64 KiB at most')]),
  ];
  const [first] = issues;
  if (first !== undefined) throw fault('invalid', first.text, { issues });
  return logo === undefined ? fields : { ...fields, logo };
}

/** The two halves: one becomes the client, one is for the reviewer and sealed. */
export function halves({ publisher, description, contact, purpose, logo, ...content }: Fields): {
  readonly content: Content;
  readonly about: About;
} {
  const about = { publisher, description, contact, purpose, ...(logo === undefined ? {} : { logo }) };
  return { content, about };
}

/** What a client is given in force: what reads nothing has one word that opens nothing. */
export const inForce = (scopes: readonly string[]): readonly string[] => (scopes.length === 0 ? ['openid'] : scopes);
export const rightsOf = (scopes: readonly string[]): readonly string[] => scopes.filter((scope) => !plain.has(scope));
/** What stands in the client before anything was approved: words that open nothing. */
export const beforeApproval: readonly string[] = ['openid', 'launch'];
