import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Connection, Row, Segment, Statement } from '@safeguard/store';
import type { SignIn } from '../../sign-in/types.ts';
import { code, from, openHouse, password, person } from './house.ts';

const house = await openHouse();
after(() => house.close());
const { accounts } = house;

class Killed extends Error {}

/** A process that dies before its n-th word to the database: statements, and the commit of a transaction. */
function mortal(segment: Segment, dies_at: number): Segment {
  let said = 0;
  const live = (): void => {
    said += 1;
    if (said >= dies_at) throw new Killed();
  };
  return {
    name: segment.name,
    async query<R extends Row>(tenant: number, statement: Statement, values?: readonly unknown[]) {
      live();
      return segment.query<R>(tenant, statement, values);
    },
    transaction: (tenant, work) =>
      segment.transaction(tenant, async (connection) => {
        const result = await work({
          async query<R extends Row>(statement: Statement, values?: readonly unknown[]) {
            live();
            return connection.query<R>(statement, values);
          },
        });
        live();
        return result;
      }),
  };
}

/** The broken variant: what should be one transaction is not. */
const torn = (segment: Segment): Segment => ({
  ...segment,
  transaction: <T>(tenant: number, work: (connection: Connection) => Promise<T>) =>
    work({ query: (statement, values) => segment.query(tenant, statement, values) }),
});

interface Scene {
  readonly tenant: number;
  readonly login: string;
  /** Begins the flow, or begins it again; undefined: it cannot be begun any more, for it came to its end. */
  start(signIn: SignIn): Promise<string | undefined>;
}

/** Whatever is next, until the end. */
async function drive(signIn: SignIn, secret: string, { login }: Scene): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) {
    const view = (await signIn.view(secret)) ?? assert.fail('the flow is lost');
    house.clock.at += 30_000;
    switch (view.step) {
      case 'identify':
        await signIn.password(secret, { login, password }, from());
        break;
      case 'account':
        await signIn.account(secret, { login, name: 'Drill' });
        break;
      case 'password':
        await signIn.choosePassword(secret, `${password}-new`);
        break;
      case 'enrol': {
        const { totp } = view.totp === undefined ? await signIn.beginTotp(secret) : view;
        await signIn.confirmTotp(secret, code(house, totp?.secret ?? ''));
        break;
      }
      case 'codes':
        await signIn.codesKept(secret);
        break;
      case 'done':
        await signIn.complete(secret, from());
        return;
      default:
        assert.fail(`at ${view.step}`);
    }
  }
}

/** All that a flow makes valid, without its chances: ids and hashes are left out. */
async function snapshot({ tenant, login }: Scene): Promise<string> {
  const id = (await accounts.byLogin(tenant, login))?.id ?? '00000000-0000-0000-0000-000000000000';
  const [row] = await house.sql(
    `select (select state from identity.account where id = $1) as state,
      (select roles::text from identity.account where id = $1) as roles,
      (select count(*)::int from identity.password where account = $1) as passwords,
      (select max(changed_at) > $3 from identity.password where account = $1) as new_password,
      (select count(*)::int from identity.factor where account = $1) as factors,
      (select max(created_at) > $3 from identity.factor where account = $1) as new_factor,
      (select count(*)::int from identity.recovery_code where account = $1 and created_at > $3) as new_codes,
      (select count(*)::int from identity.session where account = $1 and ended_at is null) as sessions,
      (select count(*)::int from identity.device where account = $1) as devices,
      (select count(*)::int from identity.link l where l.tenant = $2 and (l.account = $1 or l.account is null)
        and l.used_at is not null) as links`,
    [id, tenant, new Date(begun_at)],
  );
  return JSON.stringify(row);
}
let begun_at = 0;

type Break = (segment: Segment) => Segment;

/** One run that dies before its n-th word, if it has so many: what is there afterwards, and the flow's secret. */
async function runUntil(dies_at: number, scene: Scene, broken: Break) {
  const { signIn } = house.process({ segment: mortal(broken(house.segment), dies_at) });
  let secret: string | undefined;
  try {
    secret = await scene.start(signIn);
    await drive(signIn, secret ?? assert.fail('no flow'), scene);
    return { secret, isDead: false };
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return { secret, isDead: true };
  }
}

/** After the crash: on with the same flow, or a new one. */
async function goOn(scene: Scene, secret: string | undefined): Promise<void> {
  const isThere = (await house.signIn.view(secret)) !== undefined;
  const next = isThere ? secret : await scene.start(house.signIn);
  await drive(house.signIn, next ?? assert.fail('it cannot be begun again'), scene);
}

/** Kills at every word there is. Answers how many there were, and what was half at one of them. */
async function drill(make: () => Promise<Scene>, broken?: Break) {
  const whole = await make();
  begun_at = house.clock.at;
  const before = await snapshot(whole);
  await goOn(whole, undefined);
  const end = await snapshot(whole);
  assert.notEqual(end, before);
  const halves: string[] = [];
  for (let dies_at = 1; ; dies_at += 1) {
    const scene = await make();
    begun_at = house.clock.at;
    const { secret, isDead } = await runUntil(dies_at, scene, broken ?? ((segment) => segment));
    const found = await snapshot(scene);
    if (found !== before && found !== end) halves.push(`${dies_at}: ${found}`);
    if (!isDead) return { words: dies_at - 1, halves, end };
    if (broken !== undefined || found === end) continue;
    await goOn(scene, secret);
    assert.equal(await snapshot(scene), end, `killed at ${dies_at}: it can be gone on with, or begun again`);
  }
}

let count = 0;
const login = (): string => {
  count += 1;
  return `drill${count}@example.org`;
};
const byLink = (link: string) => async (signIn: SignIn) => (await signIn.open(link))?.secret;

const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  async administrator() {
    const tenant = 1000 + count;
    await house.sql(`insert into identity.tenant (id, name, created_at) values ($1, $2, now())`, [
      tenant,
      `t${tenant}`,
    ]);
    const { secret } = await accounts.links.make('administrator', tenant, null);
    return { tenant, login: login(), start: byLink(secret) };
  },
  async invitation() {
    const made = await accounts.create({ tenant: 1, kind: 'workforce', login: login(), name: 'Drill' });
    const { secret } = await accounts.links.make('invitation', 1, made.id);
    return { tenant: 1, login: made.login, start: byLink(secret) };
  },
  async recovery() {
    const who = await person(house);
    house.clock.at += 1;
    const { secret } = await accounts.links.make('recovery', 1, who.id);
    return { ...who, start: byLink(secret) };
  },
  async 'first second factor'() {
    const who = await person(house, { factor: false });
    house.clock.at += 1;
    const start = async (signIn: SignIn) =>
      (await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' })).secret;
    return { ...who, start };
  },
};

for (const [name, scene] of Object.entries(scenes)) {
  test(`kill -9 at every word to the database: ${name} is there as a whole or not at all`, async () => {
    const { words, halves, end } = await drill(scene);
    assert.ok(words > 15, `${words} words`);
    assert.deepEqual(halves, []);
    const one = { state: 'active', passwords: 1, factors: 1, new_factor: true, new_codes: 10, sessions: 1, devices: 1 };
    assert.deepEqual({ ...JSON.parse(end), ...one }, JSON.parse(end));
  });
}

test('negative control: with steps that are no transaction, halves are found', async () => {
  const { halves } = await drill(scenes['invitation'] ?? assert.fail(), torn);
  assert.ok(halves.length > 3, halves.join('\n'));
});
