import { setTimeout as sleep } from 'node:timers/promises';
import { newClient } from '../harness/clients.ts';
import type { Answer, Instance } from '../harness/instance.ts';
import { type App, codeFor, newApp, postTo, redeem, refresh } from '../harness/oauth-app.ts';
import { firstAdministrator, join, type Person, signIn } from '../harness/people.ts';
import { openJar } from '../harness/people-jar.ts';
import type { Choices } from './random.ts';

/** Something that works once: how often it did. */
export interface Once {
  readonly sort: 'code' | 'refresh token';
  readonly app: App;
  readonly value: string;
  readonly verifier?: string;
  successes: number;
}

/** What the clients of the drill know: the judge of what is there afterwards. */
export interface IdentityJournal {
  /** Every answer that came, by the id of its request. */
  readonly answered: Map<string, { readonly what: string; readonly status: number }>;
  /** By their value. */
  readonly once: Map<string, Once>;
  /** Whose set-up was answered to the end. */
  readonly people: Person[];
  readonly clients: { readonly client_id: string; readonly client_secret: string }[];
  readonly odd: string[];
  readonly counts: Map<string, number>;
}

export const newIdentityJournal = (): IdentityJournal => ({
  answered: new Map(),
  once: new Map(),
  people: [],
  clients: [],
  odd: [],
  counts: new Map(),
});

/** The instance of the moment, with an ear on the line. */
export const journalled = (real: Instance, { answered, odd }: IdentityJournal): Instance => ({
  ...real,
  request: async (asked) => {
    const answer = await real.request(asked);
    const id = answer.headers['x-request-id'];
    const what = `${asked.method ?? 'GET'} ${asked.path.slice(0, 60)}`;
    if (typeof id === 'string') answered.set(id, { what, status: answer.status });
    if (answer.status >= 500 && answer.status !== 503)
      odd.push(`${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
    return answer;
  },
});

export interface Cast {
  readonly administrator: Person;
  readonly app: App;
  /** Of the platform's own reads. */
  readonly token: string;
}

/** Who is there before the first kill. */
export async function makeCast(instance: Instance, journal: IdentityJournal): Promise<Cast> {
  const administrator = await firstAdministrator(instance);
  const app = await newApp(instance, { scopes: 'user/*.rs' });
  const { token } = await newClient(instance, { scopes: 'system/*.rs' });
  for (let number = 0; number < 3; number += 1) journal.people.push(await enrol(instance, administrator, `p${number}`));
  return { administrator, app, token };
}

async function enrol(instance: Instance, administrator: Person, name: string): Promise<Person> {
  const jar = openJar(instance, administrator.jar.cookies);
  const login = `${name}@clinic.example`;
  const body = { kind: 'workforce', login, name: 'Somebody', scopes: ['user/*.rs'] };
  const made = await jar.api('POST', '/accounts', body);
  if (made.status !== 201) throw new Error(`no account: ${made.status} ${made.text}`);
  const { account, invitation } = made.json;
  const set = await join(instance, new URL(new URL(invitation.url).pathname, instance.url).href);
  return { ...set, id: account.id, login, tenant: 'default' };
}

const scope = 'openid offline_access user/Patient.rs';

/** Uses a thing that works once, and writes down when it worked. */
export async function use(instance: Instance, thing: Once): Promise<Answer> {
  const { sort, app, value, verifier = '' } = thing;
  const answer =
    sort === 'code' ? await redeem(instance, app, { code: value, verifier }) : await refresh(instance, app, value);
  if (answer.status === 200) thing.successes += 1;
  return answer;
}

function keep({ once }: IdentityJournal, thing: Omit<Once, 'successes'>): Once {
  const kept = { ...thing, successes: 0 };
  once.set(kept.value, kept);
  return kept;
}

interface Load {
  readonly instance: Instance;
  readonly journal: IdentityJournal;
  readonly cast: Cast;
  readonly random: Choices;
}

/** A code, its tokens, a few refreshes; now and then what was used is used again. */
async function throughAnApp({ instance, journal, cast: { app }, random }: Load): Promise<void> {
  const person = random.pick(journal.people);
  const jar = openJar(instance, person.jar.cookies);
  const { code, verifier } = await codeFor(jar, app, { scope });
  const first = keep(journal, { sort: 'code', app, value: code, verifier });
  let answer = await use(instance, first);
  for (let turn = random.int(4); turn > 0 && answer.status === 200; turn -= 1) {
    const next = keep(journal, { sort: 'refresh token', app, value: answer.json.refresh_token });
    answer = await use(instance, next);
  }
  if (random.chance(0.3)) await use(instance, first);
}

const step_ms = 30_000;
/** So that what takes one request leaves room for what takes twelve. */
const pause_ms = 100;

async function throughTheDoor({ instance, journal, random }: Load): Promise<void> {
  const person = random.pick(journal.people);
  // A code works once: who has none left for now waits for another turn.
  if (person.lastStep > Date.now() / step_ms) await sleep(50);
  else await signIn(instance, person);
}

async function newService({ instance, journal, cast }: Load): Promise<void> {
  const jar = openJar(instance, cast.administrator.jar.cookies);
  const made = await jar.api('POST', '/clients', { name: 'service', scopes: ['safeguard/scim'] });
  if (made.status !== 201) return;
  journal.clients.push(made.json);
  await postTo(instance, '/oauth2/token', made.json, { grant_type: 'client_credentials' });
  await sleep(pause_ms);
}

let names = 0;
async function newPerson({ instance, journal, cast }: Load): Promise<void> {
  names += 1;
  journal.people.push(await enrol(instance, cast.administrator, `n${process.pid}-${names}`));
}

const kinds = { throughAnApp, throughTheDoor, newService, newPerson } as const;
const crew: readonly (keyof typeof kinds)[] = [
  ...(['throughAnApp', 'throughAnApp', 'throughAnApp', 'newPerson', 'newPerson', 'newService'] as const),
  'throughTheDoor',
];

/** Goes on until it is stopped; what a kill cuts short is let go. */
export function startIdentityLoad(load: Omit<Load, 'random'>, random: Choices): { stop(): Promise<void> } {
  let over = false;
  const worker = async (kind: keyof typeof kinds, choices: Choices): Promise<void> => {
    while (!over) {
      const done = await kinds[kind]({ ...load, random: choices }).then(
        () => 'done',
        (error: NodeJS.ErrnoException) => (error.code === undefined ? 'refused' : 'cut'),
      );
      const { counts } = load.journal;
      counts.set(`${kind} ${done}`, (counts.get(`${kind} ${done}`) ?? 0) + 1);
      if (done === 'cut') await sleep(20);
    }
  };
  const working = crew.map((kind) => worker(kind, random.fork()));
  return {
    async stop() {
      over = true;
      await Promise.all(working);
    },
  };
}
