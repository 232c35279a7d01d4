import { isView, views } from '@safeguard/http';
import { fault, isUuid, newId } from '@safeguard/kernel';
import { inForce, rightsOf } from '../registration/content.ts';
import { newSecret, sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import type { ClientCredentials, NewApp, NewClient, RegisteredApp, RegistryDeps, ScopeRules } from '../types.ts';
import { checkApp } from './check-app.ts';

/** More than every FHIR type by name; bounds a row and the work at each request. */
const mostScopes = 200;
const greatestTenant = 2_147_483_647;

const insertClient = {
  name: 'identity.client.insert',
  text: `insert into identity.client (id, tenant, name, scopes, view, created_at, patient, permissions, type, state,
      auth_method, auth_alg, certificate, grant_types, redirect_uris, post_logout_redirect_uris,
      backchannel_logout_uri, jwks, jwks_uri, launch_uri, logo_uri, client_uri, policy_uri, tos_uri, id_token_alg,
      require_par, dpop_bound, certificate_bound, token_lifetime_s, refresh_lifetime_s)
    select $1, id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
      $24, $25, $26, $27, $28, $29, $30 from identity.tenant where id = $2 returning id`,
};

export const insertSecret = {
  name: 'identity.secret.insert',
  text: `insert into identity.client_secret (id, client, tenant, number, hash, created_at)
    select $1, c.id, c.tenant,
      1 + coalesce((select max(number) from identity.client_secret where client = $2), 0), $3, $4
    from identity.client c where c.id = $2`,
};

function checkName(name: string): void {
  const sound = typeof name === 'string' && /^[^\p{C}]{1,100}$/u.test(name) && name.trim() === name;
  if (!sound) throw fault('invalid', 'A client name is 1 to 100 printable characters, none of them a blank at an end.');
}

/**
 * The scopes in normal form, each once. Of an app that people sign in through, OpenID's and SMART's words may stand
 * beside them: they open nothing, so they are not kept.
 */
function checkScopes({ scopes, grant_types }: NewApp, rules: ScopeRules): readonly string[] {
  if (!Array.isArray(scopes) || scopes.length === 0 || scopes.length > mostScopes) {
    throw fault('invalid', `A client has between 1 and ${mostScopes} scopes.`);
  }
  if (!scopes.every((scope) => typeof scope === 'string')) throw fault('invalid', 'A scope is a text.');
  const forPeople = grant_types?.includes('authorization_code') === true;
  const rights = [...new Set((forPeople ? rightsOf(scopes) : scopes).map((scope) => rules.normalScope(scope)))];
  return inForce(rights);
}

function checkPermissions(permissions: readonly string[], rules: ScopeRules): string[] {
  if (Array.isArray(permissions) && permissions.every((one) => rules.permissions.has(one))) {
    return [...new Set(permissions)];
  }
  throw fault('invalid', `A permission is one of ${[...rules.permissions].join(', ')}.`);
}

const noTenant = () => fault('missing', 'The tenant does not exist.');

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** In the order of `insertClient`, from `type` on. */
const appValues = (app: NewApp): unknown[] => [
  app.auth_method === 'none' ? 'public' : 'confidential',
  app.state ?? 'approved',
  app.auth_method ?? 'client_secret_basic',
  app.auth_alg ?? null,
  json(app.certificate),
  app.grant_types ?? ['client_credentials'],
  app.redirect_uris ?? [],
  app.post_logout_redirect_uris ?? [],
  app.backchannel_logout_uri ?? null,
  json(app.jwks),
  app.jwks_uri ?? null,
  app.launch_uri ?? null,
  app.logo_uri ?? null,
  app.client_uri ?? null,
  app.policy_uri ?? null,
  app.tos_uri ?? null,
  app.id_token_alg ?? 'RS256',
  app.require_par ?? false,
  app.dpop_bound ?? false,
  app.certificate_bound ?? false,
  app.token_lifetime_s ?? null,
  app.refresh_lifetime_s ?? null,
];

function checkedValues({ scopes: rules }: RegistryDeps, wanted: NewApp) {
  const { name, tenant, view } = wanted;
  checkName(name);
  const scopes = checkScopes(wanted, rules);
  if (!isView(view)) throw fault('invalid', `A view is one of ${views.join(', ')}.`);
  if (!Number.isInteger(tenant) || tenant < 1 || tenant > greatestTenant) throw noTenant();
  const permissions = checkPermissions(wanted.permissions ?? [], rules);
  const patient = wanted.patient ?? null;
  if (patient !== null && !isUuid(patient)) throw fault('invalid', 'A patient is named by the id of a Patient.');
  checkApp(wanted);
  return { before: [tenant, name, scopes, view], after: [patient, permissions, ...appValues(wanted)] };
}

const hasSecret = ({ auth_method = 'client_secret_basic' }: NewApp): boolean => auth_method.startsWith('client_secret');

/** Registers an app; with a secret where it proves itself by one. Nothing of it is there before all of it is. */
export async function registerApp(deps: RegistryDeps, wanted: NewApp): Promise<RegisteredApp> {
  const { before, after } = checkedValues(deps, wanted);
  const client_id = newId();
  const client_secret = hasSecret(wanted) ? newSecret() : undefined;
  const at = new Date(deps.clock.now());
  await deps.segment.transaction(platform, async (connection) => {
    const made = await connection.query(insertClient, [client_id, ...before, at, ...after]);
    if (made.length === 0) throw noTenant();
    if (client_secret !== undefined) {
      await connection.query(insertSecret, [newId(), client_id, sha256(client_secret), at]);
    }
  });
  return client_secret === undefined ? { client_id } : { client_id, client_secret };
}

/** A confidential client with a secret, for client credentials. */
export async function createClient(deps: RegistryDeps, wanted: NewClient): Promise<ClientCredentials> {
  const { name, tenant, scopes, view, patient, permissions } = wanted;
  const limits = {
    ...(patient === undefined ? {} : { patient }),
    ...(permissions === undefined ? {} : { permissions }),
  };
  const { client_id, client_secret = '' } = await registerApp(deps, { name, tenant, scopes, view, ...limits });
  return { client_id, client_secret };
}
