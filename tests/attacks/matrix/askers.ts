import assert from 'node:assert/strict';
import { newClient } from '../../harness/clients.ts';
import type { Asked, Instance } from '../../harness/instance.ts';
import { type App, newApp, tokensFor } from '../../harness/oauth-app.ts';
import { type Invited, invite, type Person } from '../../harness/people.ts';
import type { Asking, Held, Letter } from './expected.ts';
import type { Patients } from './world.ts';

/** Who asks over the wire, and what the table knows them by. */
export interface Asker {
  readonly name: string;
  readonly asking: Asking;
  /** As the ledger knows them. */
  readonly actor: string;
  readonly headers: Asked['headers'];
  readonly person?: Person;
}

const reason = 'Needed for the work of this test.';
const hour_ms = 3_600_000;

export interface Wanted {
  readonly role: string;
  readonly patients?: readonly string[];
  readonly opens?: readonly string[];
  /** Milliseconds from now. */
  readonly from_ms?: number;
  readonly for_ms?: number;
}

/** Asked for by the person, approved by another one. The grant's id. */
export async function grantBy(approver: Person, person: Person, wanted: Wanted, way = '/access/requests') {
  const { from_ms, for_ms = hour_ms, ...what } = wanted;
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const from = from_ms === undefined ? {} : { from: at(from_ms) };
  const asked = await person.jar.api('POST', way, { ...what, ...from, until: at(for_ms), reason });
  assert.equal(asked.status, 201, `${wanted.role}: ${asked.text}`);
  const decided = await approver.jar.api('POST', `/access/requests/${asked.json.id}/decision`, { verdict: 'approve' });
  assert.equal(decided.status, 200, `${wanted.role}: ${decided.text}`);
  return String(decided.json.grant);
}

type Scoped = Asking['scoped'];
const all: Scoped = () => true;
const letters =
  (of: string): Scoped =>
  (_type, letter) =>
    of.includes(letter);
const only =
  (type: string, of: string): Scoped =>
  (asked: string, letter: Letter) =>
    asked === type && of.includes(letter);

const base = { tenant: 'here', level: 2, view: 'full', scoped: all, held: [], treats: [] } as const;
const workforce = { ...base, kind: 'workforce' } as const satisfies Asking;
const program = { ...base, kind: 'client', held: [{ role: 'service' }] } as const satisfies Asking;

/** How somebody of the workforce differs from one without a role. */
interface Worker {
  readonly name: string;
  readonly grant?: Wanted;
  /** Default: the administrator. */
  readonly approver?: 'privacy officer';
  readonly elevation?: Wanted;
  readonly asking?: Partial<Asking>;
  readonly invited?: Partial<Invited>;
  readonly scope?: string;
  readonly headers?: Asked['headers'];
  /** What happens once they have it. */
  readonly afterwards?: (person: Person, grant: string, scene: Scene) => Promise<void>;
}

export interface Scene {
  readonly safeguard: Instance;
  readonly patients: Patients;
  /** `Practitioner/<id>` on the care teams of A and C. */
  readonly doctor: string;
  readonly administrator: Person;
  sql(text: string, values?: readonly unknown[]): Promise<unknown>;
}

const holds = (role: string, more: Partial<Held> = {}): Partial<Asking> => ({ held: [{ role, ...more }] });

/** Roles that are plainly asked for and plainly approved. */
const plain: readonly string[] = [...['practice-clinician', 'front-desk', 'billing', 'security-officer', 'developer']];

const treatedBy = ({ patients: { a, c } }: Scene): readonly string[] => [a, c];

function careTeamWorkers(scene: Scene): Worker[] {
  const { doctor, patients } = scene;
  const clinician = { grant: { role: 'clinician' }, invited: { fhir_user: doctor } };
  const treats = treatedBy(scene);
  return [
    { name: 'clinician', ...clinician, asking: { treats, ...holds('clinician') } },
    {
      name: 'clinician with HIV opened',
      ...{ ...clinician, grant: { role: 'clinician', opens: ['hiv'] } },
      asking: { treats, ...holds('clinician', { opens: ['hiv'] }) },
    },
    {
      name: 'clinician by an app for observations',
      ...clinician,
      scope: 'openid user/Observation.rs',
      asking: { treats, ...holds('clinician'), scoped: only('Observation', 'rs') },
    },
    {
      name: 'clinician of one factor',
      ...clinician,
      asking: { treats, ...holds('clinician'), level: 1 },
      afterwards: async ({ id }, _grant, { sql }) => {
        await sql('update identity.token set level = 1 where account = $1', [id]);
      },
    },
    {
      name: 'in an emergency',
      grant: { role: 'clinician' },
      headers: { 'purpose-of-use': 'ETREAT' },
      asking: { held: [{ role: 'clinician' }, { role: 'break-glass', patients: [patients.c] }] },
      afterwards: async ({ jar }) => {
        const opened = await jar.api('POST', '/access/break-glass', { patient: patients.c, reason });
        assert.equal(opened.status, 201, opened.text);
      },
    },
    {
      name: 'for one patient',
      grant: { role: 'practice-clinician', patients: [patients.b] },
      asking: holds('practice-clinician', { patients: [patients.b] }),
    },
  ];
}

/** What was, or will be. */
const otherTimes: readonly Worker[] = [
  {
    name: 'expired grant',
    grant: { role: 'practice-clinician', for_ms: 3_000 },
    asking: holds('practice-clinician', { over: true }),
    afterwards: () => new Promise((resolve) => setTimeout(resolve, 3_100)),
  },
  {
    name: 'future grant',
    grant: { role: 'practice-clinician', from_ms: 2 * hour_ms, for_ms: 3 * hour_ms },
    asking: holds('practice-clinician', { over: true }),
  },
  {
    name: 'ended grant',
    grant: { role: 'practice-clinician' },
    asking: holds('practice-clinician', { over: true }),
    afterwards: async (_person, grant, { administrator }) => {
      const ended = await administrator.jar.api('POST', `/access/grants/${grant}/end`);
      assert.equal(ended.status, 200, ended.text);
    },
  },
];

const workers = (scene: Scene): Worker[] => [
  // First: the next ones need them.
  { name: 'privacy officer', grant: { role: 'privacy-officer' }, asking: holds('privacy-officer') },
  { name: 'no role' },
  ...plain.map((role) => ({ name: role.replace('-', ' '), grant: { role }, asking: holds(role) })),
  { name: 'auditor', grant: { role: 'auditor' }, approver: 'privacy officer', asking: holds('auditor') },
  {
    name: 'researcher',
    grant: { role: 'researcher' },
    approver: 'privacy officer',
    asking: { ...holds('researcher'), view: 'deidentified' },
  },
  { name: 'operator for a while', elevation: { role: 'operator' }, asking: holds('operator') },
  ...careTeamWorkers(scene),
  ...otherTimes,
];

const whole = 'openid user/*.cruds';
const bearer = (token: string, more: Asked['headers'] = {}) => ({ authorization: `Bearer ${token}`, ...more });

async function employ(scene: Scene, app: App, worker: Worker, officer: () => Person): Promise<Asker> {
  const { name, grant, approver, elevation, asking, invited, scope = whole, headers, afterwards } = worker;
  const login = `${name.replaceAll(/\W+/g, '-').toLowerCase()}@default.example`;
  const person = await invite(scene.safeguard, { login, scopes: 'user/*.cruds', ...invited });
  const by = approver === undefined ? scene.administrator : officer();
  const got = grant === undefined ? '' : await grantBy(by, person, grant);
  if (elevation !== undefined) await grantBy(by, person, elevation, '/access/elevations');
  const { access_token } = await tokensFor(person.jar, app, { scope });
  await afterwards?.(person, got, scene);
  return {
    name,
    asking: { ...workforce, ...asking },
    actor: person.id,
    headers: bearer(access_token, headers),
    person,
  };
}

async function stand(scene: Scene, app: App, kind: 'patient' | 'proxy', patient: string): Promise<Asker> {
  const of = { scopes: 'patient/*.cruds', kind, patients: [patient] };
  const person = await invite(scene.safeguard, { login: `${kind}-${patient}@default.example`, ...of });
  const { access_token } = await tokensFor(person.jar, app, { scope: 'openid launch/patient patient/*.cruds' });
  const asking = { ...base, kind, held: [{ role: kind }], bounds: [patient] };
  return { name: `${kind} ${patient}`, asking, actor: person.id, headers: bearer(access_token), person };
}

type Program = readonly [name: string, of: Parameters<typeof newClient>[1], asking: Partial<Asking>];
const programs = ({ a }: Patients): readonly Program[] => [
  ['program', {}, {}],
  ['program that reads', { scopes: 'system/*.rs' }, { scoped: letters('rs') }],
  ['program that writes', { scopes: 'system/*.cu' }, { scoped: letters('cu') }],
  ['program of observations', { scopes: 'system/Observation.cruds' }, { scoped: only('Observation', 'cruds') }],
  [
    'program of the product',
    { scopes: 'safeguard/access safeguard/accounts safeguard/programme' },
    { scoped: () => false },
  ],
  ['program of one patient', { patient: a }, { bounds: [a] }],
  ['program with HIV', { may: 'sensitive:hiv' }, { held: [{ role: 'service', opens: ['hiv'] }] }],
  ['de-identified program', { view: 'deidentified' }, { view: 'deidentified' }],
  ['program of a limited data set', { view: 'limited' }, { view: 'limited' }],
  ['program without identity', { view: 'without-identity' }, { view: 'without-identity' }],
];

async function employProgram({ safeguard }: Scene, [name, of, asking]: Program): Promise<Asker> {
  const { client_id, token } = await newClient(safeguard, of);
  return { name, asking: { ...program, ...asking }, actor: client_id, headers: bearer(token) };
}

const nobody: Asking = { ...base, kind: 'nobody' };
const strangers: readonly Asker[] = [
  { name: 'anonymous', asking: nobody, actor: 'anonymous', headers: {} },
  { name: 'a token of nobody', asking: nobody, actor: 'anonymous', headers: bearer('sgt_'.padEnd(47, 'A')) },
];

export async function several<T, R>(list: readonly T[], width: number, work: (one: T) => Promise<R>): Promise<R[]> {
  const waiting = [...list.entries()];
  const done = new Array<R>(list.length);
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) done[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return done;
}

/** Everybody of both tenants who may ask anything. */
export async function everyone(
  scene: Scene,
  there: { readonly client: string; readonly id: string },
  who: (name: string) => boolean,
): Promise<Asker[]> {
  const { safeguard, patients, administrator } = scene;
  const app = await newApp(safeguard, {
    scopes: 'user/*.cruds patient/*.cruds',
  });
  const [first, ...others] = workers(scene);
  assert.ok(first);
  const officer = await employ(scene, app, first, () => administrator);
  const asOfficer = (): Person => officer.person as Person;
  const people = await several(
    others.filter(({ name }) => who(name)),
    3,
    (worker) => employ(scene, app, worker, asOfficer),
  );
  const own = [
    await stand(scene, app, 'patient', patients.a),
    await stand(scene, app, 'patient', patients.c),
    await stand(scene, app, 'proxy', patients.b),
  ];
  const { access_token } = await tokensFor(administrator.jar, app, { scope: whole });
  const asAdministrator = { name: 'administrator', asking: workforce, actor: administrator.id, person: administrator };
  const clients = await several(
    programs(patients).filter(([name]) => who(name)),
    3,
    (one) => employProgram(scene, one),
  );
  const foreign: Asker = {
    name: 'program of the other tenant',
    asking: { ...program, tenant: 'there' },
    actor: there.id,
    headers: bearer(there.client),
  };
  return [
    ...[...strangers, officer, ...people, { ...asAdministrator, headers: bearer(access_token) }],
    ...[...own, ...clients, foreign],
  ];
}
