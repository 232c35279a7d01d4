import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createSeal, fileProvider, type Seal, migrations as sealMigrations } from '@safeguard/seal';
import { testStore } from '@safeguard/store';
import { migrations } from '../../index.ts';
import { createConsents } from '../../oauth/smart/consents.ts';
import { createContexts } from '../../oauth/smart/contexts.ts';
import { createLaunches, type Launches } from '../../oauth/smart/launches.ts';
import { sweepSmart } from '../../oauth/smart/sweep.ts';

let store: Awaited<ReturnType<typeof testStore>>;
let seal: Seal;
let folder: string;
const clock = { at: Date.parse('2026-11-22T12:00:00Z'), now: () => clock.at };
const [client, foreign, account, patient] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const context = { patient, encounter: null, intent: 'reconcile-medications', need_patient_banner: false };

before(async () => {
  store = await testStore([...sealMigrations, ...migrations]);
  folder = await mkdtemp(join(tmpdir(), 'safeguard-launches-'));
  const [identity, clinical, ledger] = (['identity', 'clinical', 'ledger'] as const).map((name) => store.segment(name));
  assert.ok(identity && clinical && ledger);
  seal = createSeal({
    provider: await fileProvider({ directory: join(folder, 'keys') }),
    segments: { identity, clinical, ledger },
    clock,
  });
  await store.sql(
    'identity',
    `insert into identity.tenant (id, name, created_at) values (1, 'a', now()), (2, 'b', now())`,
  );
  for (const [id, tenant] of [
    [client, 1],
    [foreign, 2],
  ] as const) {
    await store.sql(
      'identity',
      `insert into identity.client (id, tenant, name, scopes, view, created_at)
        values ('${id}', ${tenant}, 'app', '{patient/*.rs}', 'full', now())`,
    );
  }
  await store.sql(
    'identity',
    `insert into identity.account (id, tenant, kind, state, login_token, key_id, sealed, created_at, verified_at)
      values ('${account}', 1, 'workforce', 'active', 1, 1, '', now(), now())`,
  );
});
after(async () => {
  seal.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const deps = () => ({
  segment: store.segment('identity'),
  vault: (tenant: number) => seal.vault('identity', tenant),
  clock,
});
const made = () => createLaunches(deps()).make({ tenant: 1, client, account: null, made_by: account, context });

/** A launch is of one tenant and one app, and waits five minutes. */
async function isBound({ find }: Pick<Launches, 'find'>): Promise<void> {
  const { secret } = await made();
  assert.deepEqual((await find(1, client, secret))?.context, context);
  assert.equal(await find(1, randomUUID(), secret), undefined, 'another app');
  assert.equal(await find(2, foreign, secret), undefined, 'another tenant');
  for (const text of ['', 'sge_x', `sge_${'A'.repeat(43)}`, `${secret}x`, `' or true --`]) {
    assert.equal(await find(1, client, text), undefined, text);
  }
}

test('a launch is found by its own app of its own tenant alone; negative control: a search by hash alone', async () => {
  const real = createLaunches(deps());
  await isBound(real);
  await assert.rejects(isBound({ find: (_tenant, _client, secret) => real.find(1, client, secret) }));
});

test('it is late after five minutes, and kept as a hash and sealed', async () => {
  const { secret, expires_at } = await made();
  const { find } = createLaunches(deps());
  assert.equal((await find(1, client, secret))?.late, false);
  clock.at = expires_at;
  assert.equal((await find(1, client, secret))?.late, true);
  const rows = JSON.stringify(await store.sql('identity', 'select * from identity.launch'));
  for (const text of [secret, patient, 'reconcile']) assert.ok(!rows.includes(text), text);
});

test('two grants at once make one use of it; the other keeps no context', async () => {
  const launches = createLaunches(deps());
  const contexts = createContexts({ ...deps(), launches });
  const { secret } = await made();
  const launch = await launches.find(1, client, secret);
  assert.ok(launch?.open);
  const grants = Array.from({ length: 8 }, () => randomUUID());
  const kept = await Promise.all(
    grants.map((grant_id) => contexts.keep({ tenant: 1, account, client, grant_id, context, launch: launch.id })),
  );
  assert.equal(kept.filter(Boolean).length, 1);
  const found = await Promise.all(grants.map((grant_id) => contexts.find(1, grant_id)));
  assert.deepEqual(
    found.map((each) => each !== undefined),
    kept,
  );
  assert.equal((await launches.find(1, client, secret))?.open, false);
  const [own = ''] = grants.filter((_, index) => kept[index]);
  assert.equal(await contexts.find(2, own), undefined, 'another tenant');
});

test('a decision takes the place of the one before, per patient; another tenant neither sees nor ends it', async () => {
  const consents = createConsents(deps());
  const key = { tenant: 1, account, client, patient };
  const decision = { asked: ['patient/*.rs'], granted: ['patient/*.r'] };
  await consents.keep(key, { asked: ['openid'], granted: [] });
  await Promise.all([consents.keep(key, decision), consents.keep(key, decision)]);
  assert.deepEqual(await consents.find(key), decision);
  assert.equal(await consents.find({ ...key, patient: null }), undefined);
  assert.equal(await consents.find({ ...key, tenant: 2 }), undefined);
  await consents.keep({ ...key, patient: null }, decision);
  assert.equal((await consents.list(1, account)).length, 2);
  assert.equal(await consents.end(2, account, client), false);
  assert.equal(await consents.end(1, account, client), true);
  assert.equal(await consents.find(key), undefined);
});

test('what ended a day ago is swept; what stands stays', async () => {
  const { secret } = await made();
  clock.at += 2 * 86_400_000;
  const { secret: young } = await made();
  assert.ok((await sweepSmart(deps())) >= 3);
  const { find } = createLaunches(deps());
  assert.equal(await find(1, client, secret), undefined);
  assert.ok(await find(1, client, young));
});
