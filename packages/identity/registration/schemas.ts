import { component, time, uuid, views } from '@safeguard/http';
import { z } from 'zod';
import { scopeList } from '../api/schemas.ts';

const address = z.string().min(1).max(500);
const link = (text: string) => address.describe(text);
const jwk = z.record(z.string(), z.unknown()).describe('A public key (RFC 7517) with a `kid` of its own.');
const logo = z.strictObject({
  type: z.enum(['image/png', 'image/webp']),
  data: z.base64().max(87_384).describe('Base64 of at most 65,536 bytes. An address of a picture is never fetched.'),
});

const fields = {
  name: z.string().min(1).max(100).describe('Shown to people when they let it in.'),
  publisher: z.string().min(1).max(200).describe('Who answers for it.'),
  description: z.string().min(1).max(2_000),
  contact: z.string().min(1).max(254).describe('How to reach them.'),
  purpose: z.string().min(1).max(2_000).describe('What it does with the data that it asks for.'),
  scopes: scopeList,
  view: z.enum(views).default('full'),
  auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .describe('How it proves itself (RFC 8414); `none`: a public client.'),
  grant_types: z
    .array(
      z.enum([
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ]),
    )
    .min(1)
    .max(4)
    .default(['authorization_code']),
  redirect_uris: z.array(address).max(20).default([]),
  post_logout_redirect_uris: z.array(address).max(20).default([]),
};
const optional = {
  launch_uri: link('Where an EHR launch begins.'),
  client_uri: link('Its homepage.'),
  policy_uri: link('Its privacy policy.'),
  tos_uri: link('Its terms of service.'),
  jwks: z.strictObject({ keys: z.array(jwk).min(1).max(10) }).describe('Its public keys by value …'),
  jwks_uri: link('… or by address, not both.'),
  logo,
};

export const newApplication = component(
  'NewApplication',
  z.strictObject({ ...fields, ...z.strictObject(optional).partial().shape }),
);

const { view: _view, grant_types, redirect_uris, post_logout_redirect_uris, ...texts } = fields;
export const applicationChanges = component(
  'ApplicationChanges',
  z.strictObject({
    ...z.strictObject(texts).partial().shape,
    view: z.enum(views).optional(),
    grant_types: grant_types.unwrap().optional(),
    redirect_uris: redirect_uris.unwrap().optional(),
    post_logout_redirect_uris: post_logout_redirect_uris.unwrap().optional(),
    launch_uri: optional.launch_uri.nullable().optional(),
    client_uri: optional.client_uri.nullable().optional(),
    policy_uri: optional.policy_uri.nullable().optional(),
    tos_uri: optional.tos_uri.nullable().optional(),
    jwks: optional.jwks.optional(),
    jwks_uri: optional.jwks_uri.nullable().optional(),
    logo: logo.nullable().optional(),
  }),
);

export const application = component(
  'Application',
  z.strictObject({
    client_id: uuid,
    source: z.enum(['portal', 'dynamic', 'udap']).describe('Who wrote it: a person, software that was invited, UDAP.'),
    requester: uuid.nullable().describe('The account that asked, or invited the software.'),
    state: z.enum(['draft', 'pending', 'approved', 'refused', 'revoked']).describe('Of this version.'),
    version: z.int().min(1).describe('An approval names it: what was shown is what is decided.'),
    in_force: z
      .strictObject({ version: z.int().min(1), scopes: z.array(z.string()) })
      .nullable()
      .describe('What works meanwhile; null: nothing yet.'),
    name: z.string(),
    publisher: z.string(),
    description: z.string(),
    contact: z.string(),
    purpose: z.string(),
    scopes: z.array(z.string()).describe('Asked.'),
    view: z.enum(views),
    auth_method: z.string(),
    grant_types: z.array(z.string()),
    redirect_uris: z.array(z.string()),
    post_logout_redirect_uris: z.array(z.string()),
    launch_uri: z.string().nullable(),
    client_uri: z.string().nullable(),
    policy_uri: z.string().nullable(),
    tos_uri: z.string().nullable(),
    jwks_uri: z.string().nullable(),
    keys: z.array(z.string()).describe('`kid`s of the keys that this version names by value.'),
    logo: logo.nullable(),
    created_at: time,
    changed_at: time,
  }),
);
export const applicationPage = component(
  'ApplicationPage',
  z.strictObject({
    items: z.array(application),
    next: uuid.nullable().describe('`after` of the next page.'),
  }),
);

export const applicationHistory = component(
  'ApplicationHistory',
  z.strictObject({
    items: z.array(
      z.strictObject({
        number: z.int().min(1),
        at: time,
        kind: z.enum(['create', 'change', 'narrow', 'submit', 'withdraw', 'approve', 'refuse', 'revoke']),
        actor_kind: z.enum(['user', 'client', 'operator', 'software']),
        actor: uuid.nullable(),
        version: z.int().min(1),
        scopes: z.array(z.string()).nullable().describe('In force from then on.'),
        reason: z.string().nullable(),
      }),
    ),
  }),
);

const version = z.int().min(1).describe('The version that was looked at. Another one is refused: 412.');
const reason = z.string().min(1).max(2_000);
export const decision = component(
  'ApplicationDecision',
  z.discriminatedUnion('decision', [
    z.strictObject({
      decision: z.literal('approve'),
      version,
      scopes: scopeList.optional().describe('Within what was asked; default all of it.'),
      reason: reason.optional(),
    }),
    z.strictObject({ decision: z.literal('refuse'), version, reason }),
  ]),
);
export const revocation = component('ApplicationRevocation', z.strictObject({ reason: reason.optional() }));

export const keyRotation = component(
  'KeyRotation',
  z.strictObject({
    jwk,
    overlap_s: z.int().min(0).max(7_776_000).default(86_400).describe('How long the key before stays valid.'),
  }),
);
export const proofs = component(
  'ApplicationProofs',
  z.strictObject({
    keys: z.array(z.strictObject({ kid: z.string(), ends_at: time.nullable(), last_used_at: time.nullable() })),
    secrets: z.array(
      z.strictObject({ id: uuid, created_at: time, ends_at: time.nullable(), last_used_at: time.nullable() }),
    ),
  }),
);

export const newInvitation = component(
  'NewInvitation',
  z.strictObject({
    uses: z.int().min(1).max(100).default(1).describe('How many applications may register by it.'),
    lifetime_s: z.int().min(60).max(2_592_000).default(86_400),
  }),
);
export const invitation = component(
  'Invitation',
  z.strictObject({
    id: uuid,
    created_at: time,
    expires_at: time,
    uses: z.int(),
    used: z.int(),
    ended_at: time.nullable(),
  }),
);
export const invitationMade = component(
  'InvitationMade',
  z.strictObject({ invitation, token: z.string().describe('The initial access token (RFC 7591 3). Shown once.') }),
);
export const invitationList = component('InvitationList', z.strictObject({ items: z.array(invitation) }));
