import { component, pageSchema, time, uuid, views } from '@safeguard/http';
import { z } from 'zod';

export const scopeList = z.array(z.string().min(1).max(300)).max(200).describe('Scopes in SMART v2 form.');
const role = z.enum(['administrator']);
const login = z.string().min(1).max(254).describe('What the person signs in with.');
const shownName = z.string().min(1).max(200).describe('What people call them.');
const fhirUser = z
  .string()
  .regex(/^(Practitioner|Patient|RelatedPerson|Person)\/[A-Za-z0-9.-]{1,64}$/)
  .describe('The FHIR resource that stands for the person: the `fhirUser` claim.');
const patients = z.array(uuid).max(50).describe('Ids of the Patients that the account stands for.');

export const account = component(
  'Account',
  z.strictObject({
    id: uuid,
    kind: z.enum(['workforce', 'patient', 'proxy']),
    state: z.enum(['invited', 'active', 'suspended', 'terminated']),
    login,
    name: z.string(),
    scopes: z.array(z.string()),
    roles: z.array(role),
    patients: z.array(uuid),
    fhir_user: z.string().nullable(),
    source: z.string().describe('Who provisioned it: a federation provider’s id, `scim`, or this service.'),
    external: z.boolean().describe('True: single sign-on alone.'),
    created_at: time,
    verified_at: time.nullable(),
    ended_at: time.nullable(),
  }),
);
export const accountPage = pageSchema('AccountPage', account);

export const newAccount = component(
  'NewAccount',
  z.strictObject({
    kind: z.enum(['workforce', 'patient', 'proxy']),
    login,
    name: shownName,
    scopes: scopeList.optional(),
    roles: z.array(role).max(1).optional(),
    patients: patients.optional(),
    fhir_user: fhirUser.optional(),
  }),
);

export const accountChanges = component(
  'AccountChanges',
  z.strictObject({
    login: login.optional(),
    name: shownName.optional(),
    scopes: scopeList.optional(),
    roles: z.array(role).max(1).optional(),
    patients: patients.optional(),
    fhir_user: fhirUser.optional(),
  }),
);

export const link = component(
  'OneTimeLink',
  z.strictObject({
    purpose: z.enum(['invitation', 'recovery']),
    url: z.string().meta({ format: 'uri' }).describe('Shown once: hand it to the person, and to nobody else.'),
    expires_at: time,
  }),
);
export const newLink = component('NewOneTimeLink', z.strictObject({ purpose: z.enum(['invitation', 'recovery']) }));
export const accountCreated = component(
  'AccountCreated',
  z.strictObject({ account, invitation: link.describe('By it the person sets up the account.') }),
);

export const session = component(
  'Session',
  z.strictObject({
    id: uuid,
    created_at: time,
    last_used_at: time,
    network: z.string().describe('The network it was opened from.'),
    device: z.string(),
    methods: z.array(z.string()).describe('RFC 8176 names of what was shown.'),
    current: z.boolean().describe('True: this request hangs on it.'),
  }),
);
export const sessionList = component('SessionList', z.strictObject({ items: z.array(session) }));
export const ended = component('Ended', z.strictObject({ ended: z.int().min(0).describe('How many.') }));

export const factor = component(
  'Factor',
  z.strictObject({
    id: z.string(),
    kind: z.enum(['totp', 'passkey', 'recovery-codes']),
    label: z.string(),
    created_at: time,
    last_used_at: time.nullable(),
  }),
);
export const factorList = component('FactorList', z.strictObject({ items: z.array(factor) }));

export const app = component(
  'App',
  z.strictObject({ id: uuid, client_id: uuid, name: z.string(), scopes: z.array(z.string()), created_at: time }),
);
export const appList = component('AppList', z.strictObject({ items: z.array(app) }));

export const client = component(
  'Client',
  z.strictObject({
    client_id: uuid,
    name: z.string(),
    scopes: z.array(z.string()),
    view: z.enum(views),
    patient: uuid.nullable(),
    permissions: z.array(z.string()),
    type: z.enum(['confidential', 'public']),
    state: z.enum(['draft', 'pending', 'approved', 'revoked']),
    auth_method: z.string().describe('How it proves itself (RFC 8414).'),
    grant_types: z.array(z.string()),
    redirect_uris: z.array(z.string()),
    created_at: time,
    revoked_at: time.nullable(),
  }),
);
export const clientPage = pageSchema('ClientPage', client);
export const newClient = component(
  'NewClient',
  z.strictObject({
    name: z.string().min(1).max(100),
    scopes: scopeList.min(1),
    view: z.enum(views).default('full'),
    patient: uuid.optional().describe('Limits it to the compartment of this Patient.'),
  }),
);
export const credentials = component(
  'ClientCredentials',
  z.strictObject({ client_id: uuid, client_secret: z.string().describe('Shown once.') }),
);
export const rotation = component(
  'SecretRotation',
  z.strictObject({
    overlap_s: z
      .int()
      .min(0)
      .max(7_776_000)
      .default(86_400)
      .describe('How long the secret before stays valid; 0 counts it as stolen and ends its tokens.'),
  }),
);

export const group = component(
  'Group',
  z.strictObject({ id: uuid, name: z.string(), members: z.int().min(0), scopes: z.array(z.string()) }),
);
export const groupPage = pageSchema('GroupPage', group);
export const groupChanges = component('GroupChanges', z.strictObject({ scopes: scopeList }));

const logo = z.strictObject({
  type: z.enum(['image/png', 'image/webp']),
  data: z.base64().max(87_384).describe('Base64 of at most 65,536 bytes.'),
});
export const branding = component(
  'Branding',
  z.strictObject({ name: z.string().nullable().describe('null: the tenant’s own name.'), logo: logo.nullable() }),
);
export const brandingChanges = component(
  'BrandingChanges',
  z.strictObject({ name: z.string().min(1).max(80).nullable().optional(), logo: logo.nullable().optional() }),
);
