import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CheckContext, CheckResult } from '@safeguard/kernel';
import pg from 'pg';
import { type Embedded, openStore, type Store, segmentNames, startTemporary, storeChecks } from '../index.ts';
import { readPasswords } from '../secrets.ts';
import { openSegment } from '../segment.ts';
import { setOf, temporary, thingTable } from './fixtures/sets.ts';

const migrations = segmentNames.map((name) => setOf(name, { '0001-thing.sql': thingTable(`safeguard_${name}`) }));
const log = (): void => undefined;
const context: CheckContext = { at: Date.now(), number: () => 0, signal: new AbortController().signal };
const data = temporary();

/** The store of this file's data directory, with a server that is started under these settings. */
const opened = (settings: Readonly<Record<string, string>> = {}): Promise<Store> =>
  openStore({ embedded: { data, settings }, migrations, log });

async function run(id: string, store: Parameters<typeof storeChecks>[0]['store']): Promise<CheckResult> {
  const check = storeChecks({ store }).find((one) => one.id === `store.${id}`);
  assert.ok(check !== undefined, id);
  return check.run(context);
}

async function under(settings: Readonly<Record<string, string>>, id: string): Promise<CheckResult> {
  const store = await opened(settings);
  try {
    return await run(id, store);
  } finally {
    await store.close();
  }
}

test('durable: as we start it met; each weakness of the server unmet; as we start it met again', async () => {
  assert.equal((await under({}, 'durable')).result, 'met');
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    const weak = await under({ [name]: 'off' }, 'durable');
    assert.equal(weak.result, 'unmet', name);
    assert.match(JSON.stringify(weak.exceptions), new RegExp(`${name} is off`));
  }
  assert.equal((await under({}, 'durable')).result, 'met');
});

test('durable: an unlogged table', async () => {
  const store = await opened();
  const passwords = readPasswords(join(data, 'secrets', 'postgres.json'));
  const { host, port } = store.readerLogin();
  const user = 'safeguard_admin';
  const admin = new pg.Client({ host, port, user, password: passwords[user], database: 'clinical' });
  await admin.connect();
  try {
    await admin.query('alter table demo.thing set unlogged');
    assert.match(JSON.stringify((await run('durable', store)).exceptions), /unlogged table demo\.thing/);
    await admin.query('alter table demo.thing set logged');
    assert.equal((await run('durable', store)).result, 'met');
  } finally {
    await admin.end();
    await store.close();
  }
});

test('private: an embedded server that listens on the network; again met on its socket', async () => {
  const open = await under({ listen_addresses: '127.0.0.1', port: '54391' }, 'connection-private');
  assert.equal(open.result, 'unmet');
  assert.match(JSON.stringify(open.exceptions), /listens on the network/);
  const sound = await under({}, 'connection-private');
  assert.equal(sound.result, 'met');
  assert.ok(sound.examined >= 4);
});

test('private: a session in clear across a network', async (t) => {
  const address = Object.values(networkInterfaces()).flat();
  const host = address.find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  if (host === undefined) return t.skip('this machine has no network address');
  const port = 54_392;
  const embedded: Embedded = await startTemporary({ data, settings: { listen_addresses: host, port: String(port) } });
  after(() => embedded.stop());
  appendFileSync(join(embedded.cluster, 'pg_hba.conf'), 'host all all samenet scram-sha-256\n');
  const admin = new pg.Client({ ...embedded.login, ssl: false });
  await admin.connect();
  await admin.query('select pg_reload_conf()');
  await admin.end();
  const passwords = readPasswords(embedded.secrets);
  const at = (where: string, name: (typeof segmentNames)[number] | 'reader') => {
    const user = name === 'reader' ? 'safeguard_ledger_reader' : `safeguard_${name}`;
    const segment = name === 'reader' ? 'ledger' : name;
    const login = { host: where, port, ssl: false, user, password: passwords[user] ?? '', database: segment } as const;
    return openSegment({ name: segment, login, size: 1, log, idleExit: true });
  };
  const pools = (where: string) => {
    const reader = at(where, 'reader');
    const all = { identity: at(where, 'identity'), clinical: at(where, 'clinical'), ledger: at(where, 'ledger') };
    const close = () => Promise.all([reader, ...Object.values(all)].map((one) => one.close()));
    const none: Store['enters'] = async () => false;
    const status = () => ({ pools: {} }) as ReturnType<Store['status']>;
    return {
      store: { segment: (name: keyof typeof all) => all[name], reader: () => reader, status, enters: none },
      close,
    };
  };
  const clear = pools(host);
  const told = await run('connection-private', clear.store);
  await clear.close();
  assert.equal(told.result, 'unmet');
  assert.match(JSON.stringify(told.exceptions), /clinical: 1 sessions cross a network without TLS/);
  assert.ok(!JSON.stringify(told).includes(host), 'no address in evidence');
  const near = pools(embedded.socketDir);
  assert.equal((await run('connection-private', near.store)).result, 'met');
  await near.close();
});
