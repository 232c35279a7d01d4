import { component, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { scopeList } from './schemas.ts';

const text = z.string().min(1).max(2_000);
const secret = z.string().min(1).max(2_000).describe('Written, never read.');
const list = z.array(text).max(100);
const pem = z.string().min(1).max(20_000);

const claims = z
  .strictObject({
    login: text.optional(),
    name: text.optional(),
    fhir_user: text.optional(),
    subject: text.optional(),
  })
  .describe('Names of the claims or attributes that a new account is filled from.');

const directory = z
  .union([z.literal('none'), z.strictObject({ claim: text })])
  .describe(
    'Names the claim of the ID token, or the SAML attribute (or `NameID`), that is the `externalId` of an account ' +
      'that SCIM made: by it an unknown subject is linked, once. One provider of a tenant at most.',
  );

/** What both kinds have, all of it with a default. */
const common = {
  label: z.string().min(1).max(60).describe('What the button at sign-in says.'),
  accounts: z.enum(['linked', 'provisioned']).describe('provisioned: who is unknown gets an account.').optional(),
  scopes: scopeList.describe('Of new accounts. Default none.').optional(),
  domains: list.describe('Where not empty: only addresses in these get in.').optional(),
  claims: claims.optional(),
  directory: directory.optional(),
  trusted_acr: list.describe('acr values that count as two factors.').optional(),
  trusted_amr: list.describe('amr values that count as two factors.').optional(),
  password: z.enum(['kept', 'off']).optional(),
};
const oidc = {
  client_id: text,
  client_secret: secret,
  client_auth: z.enum(['client_secret_basic', 'client_secret_post']).optional(),
  request_scopes: list.optional(),
  userinfo: z.boolean().optional(),
  email_verified: z.enum(['required', 'assumed']).optional(),
};
const keyPair = z.strictObject({ key: pem.describe('Written, never read.'), certificate: pem });
const saml = { sso_url: text, certificates: z.array(pem).min(1).max(10) };

export const newProvider = component(
  'NewProvider',
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('oidc'), issuer: text, ...common, ...oidc }),
    z.strictObject({
      kind: z.literal('saml'),
      entity_id: text,
      ...common,
      ...saml,
      decryption: keyPair.optional(),
    }),
  ]),
);

export const providerChanges = component(
  'ProviderChanges',
  z
    .strictObject({ ...common, ...oidc, ...saml, decryption: keyPair.nullable(), enabled: z.boolean() })
    .partial()
    .describe('What is absent stays. Kind, issuer and entityID never change: links hang on them.'),
);

export const provider = component(
  'Provider',
  z.strictObject({
    id: uuid,
    enabled: z.boolean(),
    settings: z.record(z.string(), z.unknown()).describe('As they were written, without secrets and keys.'),
    urls: z.record(z.string(), z.string()).describe('What to tell the provider.'),
    created_at: time,
    changed_at: time,
  }),
);
export const providerList = component('ProviderList', z.strictObject({ items: z.array(provider) }));

export const linkedProvider = component(
  'LinkedProvider',
  z.strictObject({
    provider: uuid,
    label: z.string().describe('What its button at sign-in says.'),
    enabled: z.boolean().describe('False: nobody signs in there at the moment.'),
    created_at: time,
  }),
);
export const linkedProviderList = component('LinkedProviderList', z.strictObject({ items: z.array(linkedProvider) }));
export const newLinkedProvider = component(
  'NewLinkedProvider',
  z.strictObject({
    provider: uuid,
    subject: z
      .string()
      .min(1)
      .max(256)
      .describe('OpenID Connect: `sub`. SAML: the persistent NameID, or the attribute that `claims.subject` names.'),
  }),
);
