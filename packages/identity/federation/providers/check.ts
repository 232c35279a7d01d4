import { fault, type Issue, isFault } from '@safeguard/kernel';
import { z } from 'zod';
import type { ScopeRules } from '../../types.ts';
import type { ProviderSettings } from '../types.ts';
import { belongs, certificatePem } from './certificates.ts';

function httpsUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  const plain = url !== null && url.protocol === 'https:' && url.username === '' && url.password === '' && !url.hash;
  return plain ? url : undefined;
}

const line = (most: number) =>
  z
    .string()
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u)
    .min(1)
    .max(most);
const list = <T extends z.ZodType>(item: T, most: number) => z.array(item).max(most).readonly();

/** Values that say of one factor that it was shown (RFC 8176, SAML authentication contexts), or of none. */
const singleFactors = new Set([
  ...['pwd', 'pin', 'otp', 'sms', 'tel', 'kba', 'geo', 'fpt', 'face', 'iris', 'vbm', 'retina', 'user', 'rba', 'wia'],
  ...['hwk', 'swk', 'pop', 'sc', '0', '1', 'any', 'none'],
  ...['unspecified', 'Password', 'PasswordProtectedTransport', 'PreviousSession', 'InternetProtocol', 'Kerberos'].map(
    (name) => `urn:oasis:names:tc:SAML:2.0:ac:classes:${name}`,
  ),
  'urn:federation:authentication:windows',
]);
const trusted = list(
  line(200).refine((value) => !singleFactors.has(value)),
  20,
);
const claim = line(200).optional();

/**
 * What people choose for themselves, or what is an address, joins nobody to an account (OpenID Connect Core 1.0 5.7:
 * `sub` alone identifies).
 */
const chosen = new Set([
  ...['email', 'emailaddress', 'mail', 'upn', 'userprincipalname', 'uniquename', 'preferredusername', 'username'],
  ...['name', 'displayname', 'nickname', 'givenname', 'familyname', 'surname', 'phone', 'phonenumber', 'website'],
  ...['profile', '0.9.2342.19200300.100.1.3', '2.16.840.1.113730.3.1.241', '1.3.6.1.4.1.5923.1.1.1.6'],
]);
/** Claims have namespaces (`http://…/emailaddress`, `urn:oid:…`) and many spellings. */
const plainName = (claim: string): string => (/[^/:]*$/.exec(claim)?.[0] ?? '').toLowerCase().replaceAll(/[_-]/g, '');
const directory = z.union([
  z.literal('none'),
  z.strictObject({ claim: line(200).refine((name) => !chosen.has(plainName(name))) }),
]);

const common = {
  label: line(60).refine((text) => text.trim() === text),
  accounts: z.enum(['linked', 'provisioned']),
  scopes: list(line(200), 100),
  domains: list(z.string().regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/), 100),
  claims: z.strictObject({ login: claim, name: claim, fhir_user: claim, subject: claim }),
  directory,
  trusted_acr: trusted,
  trusted_amr: trusted,
  password: z.enum(['kept', 'off']),
};

const oidc = z.strictObject({
  ...common,
  kind: z.literal('oidc'),
  issuer: z
    .string()
    .max(500)
    .refine((text) => httpsUrl(text)?.search === ''),
  client_id: line(300),
  client_secret: line(1000),
  client_auth: z.enum(['client_secret_basic', 'client_secret_post']),
  request_scopes: list(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/), 20),
  userinfo: z.boolean(),
  email_verified: z.enum(['required', 'assumed']),
});

const certificate = z
  .string()
  .max(10_000)
  .refine((text) => certificatePem(text) !== undefined);

const saml = z.strictObject({
  ...common,
  kind: z.literal('saml'),
  entity_id: line(1024),
  sso_url: z
    .string()
    .max(1000)
    .refine((text) => httpsUrl(text) !== undefined),
  certificates: list(certificate, 5).refine((found) => found.length > 0),
  decryption: z
    .strictObject({ key: z.string().max(10_000), certificate })
    .refine((ours) => belongs(ours.key, ours.certificate))
    .optional(),
});

const settings = z.discriminatedUnion('kind', [oidc, saml]);

/** What is expected, by field: the texts that leave. None quotes what was given. */
const expected: Readonly<Record<string, string>> = {
  kind: 'A provider is of kind "oidc" or "saml".',
  label: 'A label has 1 to 60 characters, no control characters, no space around it.',
  accounts: '"accounts" is "linked" or "provisioned".',
  scopes: 'Scopes are a list of SMART scopes.',
  domains: 'Domains are a list of domain names in lower case.',
  claims: 'Claims name the claim for "login", "name", "fhir_user" or "subject".',
  directory: '"directory" is "none", or names the claim that is the externalId: never an address or a chosen name.',
  trusted_acr: 'Trusted acr values are a list, 20 at most; none that stands for a single factor.',
  trusted_amr: 'Trusted amr values are a list, 20 at most; none that stands for a single factor ("mfa" does not).',
  password: '"password" is "kept" or "off".',
  issuer: 'An issuer is an https address without query and fragment.',
  client_id: 'A client id has 1 to 300 characters.',
  client_secret: 'A client secret has 1 to 1,000 characters.',
  client_auth: 'Client authentication is "client_secret_basic" or "client_secret_post".',
  request_scopes: 'Requested scopes are a list of OAuth scopes, 20 at most.',
  userinfo: '"userinfo" is true or false.',
  email_verified: '"email_verified" is "required" or "assumed".',
  entity_id: 'An entityID has 1 to 1,024 characters.',
  sso_url: 'The sign-on address is an https address without fragment.',
  certificates: 'Certificates are 1 to 5 in PEM, with RSA keys of 2,048 bits at least.',
  decryption: 'A decryption key is an RSA private key in PEM without passphrase, with its own certificate.',
};

const issue = (at: string, text: string): Issue => ({ severity: 'error', code: 'invalid', text, at });

const invalid = (issues: readonly Issue[]) =>
  fault('invalid', issues.map(({ text }) => text).join(' '), { issues: [...issues] });

function normalScopes(scopes: readonly string[], rules: Pick<ScopeRules, 'normalScope'>): string[] {
  try {
    return scopes.map((scope) => rules.normalScope(scope));
  } catch (error) {
    if (isFault(error) && error.kind !== 'invalid') throw error;
    throw invalid([issue('scopes', 'Scopes of new accounts are SMART scopes.')]);
  }
}

const normalPem = (text: string): string => certificatePem(text) ?? text;

/** Settings in normal form. Fault `invalid` with one issue per bad field. */
export function checkSettings(given: unknown, rules: Pick<ScopeRules, 'normalScope'>): ProviderSettings {
  const read = settings.safeParse(given);
  if (!read.success) {
    const fields = new Set(read.error.issues.map(({ path }) => String(path[0] ?? 'provider')));
    throw invalid([...fields].map((at) => issue(at, expected[at] ?? 'A field that a provider of this kind has not.')));
  }
  const checked = read.data as ProviderSettings;
  const scopes = normalScopes(checked.scopes, rules);
  if (checked.kind === 'oidc') return { ...checked, scopes };
  const { decryption } = checked;
  return {
    ...checked,
    scopes,
    certificates: checked.certificates.map(normalPem),
    ...(decryption === undefined
      ? {}
      : { decryption: { key: decryption.key, certificate: normalPem(decryption.certificate) } }),
  };
}
