import { fault, isUuid, newId } from '@safeguard/kernel';
import { newSecret, sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import type { ClientCredentials, IdentityDeps, NewClient, ScopeRules, View } from '../types.ts';

/** More than every FHIR type by name; bounds a row and the work at each request. */
const mostScopes = 200;
const greatestTenant = 2_147_483_647;

const insertClient = {
  name: 'identity.client.insert',
  text: `insert into identity.client (id, tenant, name, scopes, view, created_at, patient, permissions)
    select $1, id, $3, $4, $5, $6, $7, $8 from identity.tenant where id = $2 returning id`,
};
const views: ReadonlySet<unknown> = new Set<View>(['full', 'deidentified']);

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

/** The scopes in normal form, each once. */
function checkScopes(scopes: readonly string[], rules: ScopeRules): string[] {
  if (!Array.isArray(scopes) || scopes.length === 0 || scopes.length > mostScopes) {
    throw fault('invalid', `A client has between 1 and ${mostScopes} scopes.`);
  }
  if (!scopes.every((scope) => typeof scope === 'string')) throw fault('invalid', 'A scope is a text.');
  return [...new Set(scopes.map((scope) => rules.normalScope(scope)))];
}

function checkPermissions(permissions: readonly string[], rules: ScopeRules): string[] {
  if (Array.isArray(permissions) && permissions.every((one) => rules.permissions.has(one))) {
    return [...new Set(permissions)];
  }
  throw fault('invalid', `A permission is one of ${[...rules.permissions].join(', ')}.`);
}

const noTenant = () => fault('missing', 'The tenant does not exist.');

export async function createClient(deps: IdentityDeps, wanted: NewClient): Promise<ClientCredentials> {
  const { name, tenant, view } = wanted;
  checkName(name);
  const scopes = checkScopes(wanted.scopes, deps.scopes);
  if (!views.has(view)) throw fault('invalid', 'A view is "full" or "deidentified".');
  if (!Number.isInteger(tenant) || tenant < 1 || tenant > greatestTenant) throw noTenant();
  const permissions = checkPermissions(wanted.permissions ?? [], deps.scopes);
  const patient = wanted.patient ?? null;
  if (patient !== null && !isUuid(patient)) throw fault('invalid', 'A patient is named by the id of a Patient.');
  const client_id = newId();
  const client_secret = newSecret();
  const at = new Date(deps.clock.now());
  await deps.segment.transaction(platform, async (connection) => {
    const made = await connection.query(insertClient, [
      client_id,
      tenant,
      name,
      scopes,
      view,
      at,
      patient,
      permissions,
    ]);
    if (made.length === 0) throw noTenant();
    await connection.query(insertSecret, [newId(), client_id, sha256(client_secret), at]);
  });
  return { client_id, client_secret };
}
