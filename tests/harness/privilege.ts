import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Route } from '@safeguard/http';
import { newClient } from './clients.ts';
import {
  type Asker,
  appToken,
  byBrowser,
  byToken,
  type IdentityHouse,
  newParty,
  type Party,
  productScopes,
} from './identity-house.ts';
import type { Answer } from './instance.ts';
import { invite, type Person } from './people.ts';
import { openJar } from './people-jar.ts';

export const askers = [
  'nobody',
  'one factor',
  'worker',
  'patient',
  'stale administrator',
  'fresh administrator',
  'app',
  'stale app with scopes',
  'app with scopes',
  'app of a worker with scopes',
  'client',
  'client with scopes',
  'de-identified client with scopes',
  'one patient’s client with scopes',
] as const;
export type AskerName = (typeof askers)[number];

/** `no`: refused. `again`: a factor has to be shown first. */
export type Expected = 'yes' | 'no' | 'again';

const people: readonly AskerName[] = ['worker', 'patient', 'stale administrator', 'fresh administrator'];
const managers: readonly AskerName[] = [
  ...['stale administrator', 'fresh administrator', 'stale app with scopes', 'app with scopes'],
  'client with scopes',
] as AskerName[];
const directories: readonly AskerName[] = ['stale app with scopes', 'app with scopes', 'client with scopes'];
const launchers: readonly AskerName[] = ['worker', 'app of a worker with scopes', ...managers];
/** Of access: people with an office and their apps; those of the workforce and theirs. Programs look, and no more. */
const officers = managers.filter((name) => name !== 'client with scopes');
/** At pages, where nobody comes by an app. */
const deciders: readonly AskerName[] = ['stale administrator', 'fresh administrator'];
const staff: readonly AskerName[] = ['worker', ...deciders];
const workforce: readonly AskerName[] = ['worker', 'app of a worker with scopes', ...officers];

/** What wants a factor of the last five minutes from a person. */
const dangerous = new Set([
  'POST /api/v1/accounts',
  'POST /api/v1/accounts/:id/terminate',
  'POST /api/v1/accounts/:id/links',
  'POST /api/v1/accounts/:id/identities',
  'POST /api/v1/clients',
  'POST /api/v1/clients/:id/rotate-secret',
  'PATCH /api/v1/groups/:id',
  'POST /api/v1/providers',
  'PATCH /api/v1/providers/:id',
  'DELETE /api/v1/providers/:id',
  'POST /api/v1/applications/:id/decision',
  'POST /api/v1/applications/:id/rotate-secret',
  'POST /api/v1/applications/:id/rotate-key',
  'POST /api/v1/invitations',
  'DELETE /api/v1/me/sessions',
  'DELETE /api/v1/me/sessions/:session',
  'POST /api/v1/access/elevations',
  'POST /api/v1/access/holds/:id/release',
  'POST /api/v1/access/policies/:version/activation',
  'POST /api/v1/access/policies/:version/roll-back',
  'POST /api/v1/programme/tasks/:id/decision',
]);

/** Who may, by the address alone: written down here a second time, apart from the tables of `access`. */
const mayBy: readonly (readonly [RegExp, readonly AskerName[]])[] = [
  [/ \/api\/v1\/me(\/|$)/, people],
  [/ \/api\/v1\/launches$/, launchers],
  // The offices that look after the looking nobody here has; a program with the scope may look.
  [/ \/api\/v1\/access\/(patients\/|consents\/notes$)/, ['client with scopes']],
  [/^GET \/api\/v1\/access\/notices$| \/api\/v1\/access\/notices\//, workforce],
  [/^GET \/api\/v1\/access\/(requests|grants)(\/|$)| \/api\/v1\/access\/explanations$/, launchers],
  [/^POST \/api\/v1\/access\/(requests(\/|$)|elevations$|break-glass$)/, workforce],
  [/^GET \/api\/v1\/access\/| \/api\/v1\/access\/policies\/:version\/simulation$/, managers],
  [/ \/api\/v1\/(access|rights)\//, officers],
  // Everybody who works here reads policies, acknowledges them, and does what is theirs to do; programs look.
  [/^GET \/api\/v1\/programme\/policies(\/|$)/, launchers],
  [/ \/api\/v1\/programme\/(tasks|acknowledgements\/owed)|\/acknowledgement$/, workforce],
  [/^GET \/api\/v1\/programme\/report-requests$/, officers],
  [/^GET \/api\/v1\/programme\/| \/api\/v1\/programme\/checks\/run$/, managers],
  [/ \/api\/v1\/programme\//, officers],
  [/^GET \/programme(\/(policies(\/:policy(\/redline)?)?|versions\/:version|acknowledge))?$/, staff],
  [/ \/programme\/(tasks(\/|$)|versions\/:version\/acknowledge$)/, staff],
  [/ \/programme\//, deciders],
  // Made by people alone: an app is told so after its factor, a program at once.
  [/^POST \/api\/v1\/invitations$/, ['stale administrator', 'fresh administrator', 'stale app with scopes']],
  [/ \/api\/v1\/invitations(\/|$)| \/api\/v1\/applications\/:id\/decision$/, managers],
  [/ \/api\/v1\/applications(\/|$)/, ['worker', ...managers]],
  [/ \/applications\/(review|:id\/decide)$/, ['stale administrator', 'fresh administrator']],
  [/ \/applications(\/|$)/, ['worker', 'stale administrator', 'fresh administrator']],
  [/ \/api\/v1\/(accounts|clients|groups|providers|branding)(\/|$)/, managers],
  [/ \/scim\/v2\//, directories],
  // The officers who look after the looking nobody here is.
  [/ \/access\/patients(\/|$)/, []],
  [/ \/access\/(policies|reviews|holds)(\/|$)| \/rights(\/|$)/, deciders],
  [/ \/access\/break-glass\/| \/access\/grants\/(:id\/end|find)$/, deciders],
  [/ \/access\/grants$/, deciders],
  [/ \/access(\/|$)/, staff],
  [/ \/account(\/|$)/, people],
  // Of one factor: led to show the other one before anything is linked.
  [/ \/federation\/:provider\/link$/, [...people, 'one factor']],
];

/** Throws for an address that nobody has written down. */
export function expectedOf({ method, path }: Pick<Route, 'method' | 'path'>, asker: AskerName): Expected {
  const found = mayBy.find(([form]) => form.test(`${method} ${path}`));
  assert.ok(found, `who may ask ${method} ${path}?`);
  if (!found[1].includes(asker)) return 'no';
  return asker.startsWith('stale') && dangerous.has(`${method} ${path}`) ? 'again' : 'yes';
}

/** What came of it. A page sends whoever is not signed in to the sign-in; one who may and is stale, to a step-up. */
export function outcomeOf({ path }: Pick<Route, 'path'>, { status, headers, json }: Answer): Expected {
  const to = String(headers['location'] ?? '');
  if (status === 401 && json?.errors?.[0]?.code === 'reauthenticate') return 'again';
  if (status === 401 || status === 403) return 'no';
  const isPage = /^\/(account|access|rights|programme|applications|federation)/.test(path);
  return isPage && status === 303 && to.startsWith('/sign-in?') ? 'no' : 'yes';
}

/** What an empty body would set going, for all that it names nothing: every live check. */
const bodies: Readonly<Record<string, string>> = { '/api/v1/programme/checks/run': '{"checks":["nothing"]}' };

/** One request to a route: ids of nothing, an empty body. */
export function askedOf({ method, path, accepts }: Route) {
  const at = path.replaceAll(/:\w+/g, () => randomUUID());
  if (accepts === undefined) return { method, path: at };
  const type = accepts[0] ?? '';
  const body = type.endsWith('json') ? (bodies[path] ?? '{}') : '';
  return { method, path: at, headers: { 'content-type': type }, body };
}

/** A session of one factor, which no flow of ours makes: written past the server, beside a real one. */
async function oneFactor({ safeguard, inside }: IdentityHouse, person: Person): Promise<Asker> {
  const secret = `sgn_${randomBytes(32).toString('base64url')}`;
  const text = `insert into identity.session (id, hash, tenant, account, level, methods, browser, key_id, sealed,
      authenticated_at, created_at, last_used_at)
    select gen_random_uuid(), $1, tenant, account, 1, '{pwd}', browser, key_id, sealed, now(), now(), now()
    from identity.session where account = $2 limit 1 returning id`;
  const hash = createHash('sha256').update(secret).digest();
  assert.equal((await inside.databases.sql('identity', text, [hash, person.id])).length, 1);
  const name = [...person.jar.cookies].find(([, value]) => value.startsWith('sgn_'))?.[0];
  assert.ok(name);
  return byBrowser({ jar: openJar(safeguard, [[name, secret]]) });
}

/** Everybody who may ask something, each of the tenant `default`. */
export async function everybody(house: IdentityHouse): Promise<{
  readonly party: Party;
  readonly ask: Readonly<Record<AskerName, Asker>>;
  /** Who each is, as the ledger knows them. */
  readonly actors: Readonly<Record<AskerName, string>>;
}> {
  const { safeguard } = house;
  const party = await newParty(safeguard, 'default');
  const another = (name: string): Promise<Person> =>
    invite(safeguard, { login: `${name}@default.example`, roles: 'administrator' });
  const [stale, unsure] = [await another('stale'), await another('unsure')];
  const whole = `openid user/*.rs ${productScopes}`;
  const token = (person: Person, scope: string): Promise<string> => appToken(party, person, scope);
  const limited = { scopes: `system/*.rs ${productScopes}` };
  const masked = await newClient(safeguard, { ...limited, view: 'deidentified' });
  const bound = await newClient(safeguard, { ...limited, patient: party.record });
  const by = (value: string): Asker => byToken(safeguard, value);
  const staleApp = by(await token(stale, whole));
  await house.makeStale(stale);
  const { administrator, worker, patient, plain, manager } = party;
  return {
    party,
    ask: {
      nobody: byBrowser({ jar: openJar(safeguard) }),
      'one factor': await oneFactor(house, unsure),
      worker: byBrowser(worker),
      patient: byBrowser(patient),
      'stale administrator': byBrowser(stale),
      'fresh administrator': byBrowser(administrator),
      app: by(await token(administrator, 'openid profile')),
      'stale app with scopes': staleApp,
      'app with scopes': by(await token(administrator, whole)),
      'app of a worker with scopes': by(await token(worker, whole)),
      client: by(plain.token),
      'client with scopes': by(manager.token),
      'de-identified client with scopes': by(masked.token),
      'one patient’s client with scopes': by(bound.token),
    },
    actors: {
      nobody: 'anonymous',
      'one factor': unsure.id,
      worker: worker.id,
      patient: patient.id,
      'stale administrator': stale.id,
      'fresh administrator': administrator.id,
      app: administrator.id,
      'stale app with scopes': stale.id,
      'app with scopes': administrator.id,
      'app of a worker with scopes': worker.id,
      client: plain.client_id,
      'client with scopes': manager.client_id,
      'de-identified client with scopes': masked.client_id,
      'one patient’s client with scopes': bound.client_id,
    },
  };
}
