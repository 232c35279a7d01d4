import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Fault } from '@safeguard/kernel';
import { type LoadOptions, loadSettings, settingsReference } from '../index.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'safeguard-config-'));
});
afterEach(() => rm(data, { recursive: true }));

const load = (overrides: LoadOptions['overrides'] = {}, env: Record<string, string> = {}) =>
  loadSettings({ overrides, env: { SAFEGUARD_DATA: data, ...env } });

/** The issues of a refused start. */
function refusedFor(overrides: unknown, env: Record<string, string> = {}): string[] {
  try {
    load(overrides as LoadOptions['overrides'], env);
  } catch (error) {
    assert.ok(error instanceof Fault && error.kind === 'invalid');
    for (const { text } of error.issues) assert.ok(error.message.includes(text));
    return error.issues.map(({ text }) => text);
  }
  return assert.fail('was accepted');
}

async function file(content: unknown, mode = 0o600): Promise<void> {
  const path = join(data, 'safeguard.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  await chmod(path, mode);
}

describe('precedence', () => {
  test('defaults', () => {
    const settings = loadSettings({ env: {} });
    assert.equal(settings.data, join(process.cwd(), 'data'));
    assert.equal(settings.keys.directory, join(process.cwd(), 'data', 'keys'));
    assert.deepEqual([settings.host, settings.port, settings.tls], ['localhost', 8443, 'on']);
    assert.deepEqual([settings.limits.body_bytes, settings.deadlines.request_ms], [1_048_576, 30_000]);
  });

  test('command line over environment over file over default', async () => {
    await file({ port: 1, log: { level: 'warn' }, limits: { body_bytes: 2048 }, tls_hosts: ['a.example'] });
    const env = { SAFEGUARD_PORT: '2', SAFEGUARD_LOG_LEVEL: 'error', SAFEGUARD_TLS_HOSTS: 'b.example, 10.0.0.1' };
    const settings = load({ port: '3' }, env);
    assert.deepEqual([settings.port, settings.log.level, settings.limits.body_bytes], [3, 'error', 2048]);
    assert.deepEqual(settings.tls_hosts, ['b.example', '10.0.0.1']);
  });

  test('an empty variable and an undefined override are as none', () => {
    assert.equal(load({ port: undefined }, { SAFEGUARD_PORT: '' }).port, 8443);
  });

  test('what is loaded is frozen, to the leaves', () => {
    const settings = load();
    for (const part of [settings, settings.limits, settings.tls_hosts, settings.warnings])
      assert.ok(Object.isFrozen(part));
  });
});

describe('refusals', () => {
  test('every error at once, each with its source, none with a value', async () => {
    await file({ limits: { body_bytes: 'canary1', header_bytez: 1 }, colour: 'canary2' });
    const env = { SAFEGUARD_PROT: '1', SAFEGUARD_LOG_LEVEL: 'canary3', SAFEGUARD_METRICS_TOKEN: 'canary4' };
    const told = refusedFor({ port: 99_999, host: 'canary 5', tls: 'off', databse: {} }, env);
    const all = told.join('\n');
    for (const expected of [
      'command line: there is no setting "databse"; the nearest is data',
      'environment: there is no setting "SAFEGUARD_PROT"; the nearest is SAFEGUARD_PORT',
      'safeguard.json: there is no setting "limits.header_bytez"; the nearest is limits.header_bytes',
      'safeguard.json: there is no setting "colour"',
      'limits.body_bytes (safeguard.json)',
      'log.level (SAFEGUARD_LOG_LEVEL)',
      'metrics.token (SAFEGUARD_METRICS_TOKEN): expected at least 32 characters',
      'port (command line)',
      'host (command line): expected a host name',
    ])
      assert.ok(all.includes(expected), expected);
    assert.equal(told.length, 9);
    assert.doesNotMatch(all, /canary/);
  });

  test('tls off beyond loopback; accepted with a warning on it', () => {
    for (const host of [
      '0.0.0.0',
      '::',
      '192.168.1.4',
      'ehr.example.org',
      '127.evil.example',
      'localhost.evil.example',
    ])
      assert.match(refusedFor({ tls: 'off', host }).join(), /loopback host only/);
    for (const host of ['localhost', '127.0.0.1', '::1'])
      assert.match(load({ tls: 'off', host }).warnings.join(), /TLS is off/);
    assert.doesNotMatch(load().warnings.join(), /TLS is off/);
  });

  test('a PostgreSQL whose certificate would not be verified', () => {
    const weak = [
      'postgresql://u:p@db.example/x?sslmode=disable',
      'postgresql://u:p@db.example/x?sslmode=require',
      'postgresql://u:p@db.example/x?sslmode=verify-full&sslmode=no-verify',
      'postgresql://u:p@db.example/x?ssl=0',
      'postgresql://u:p@localhost/x?host=db.example&sslmode=disable',
    ];
    for (const url of weak) assert.match(refusedFor({ database: { url } }).join(), /always verified/);
    for (const url of [
      'postgresql://u:p@db.example/x',
      'postgres://u:p@db.example/x?sslmode=verify-full',
      'postgresql://u@localhost/x?sslmode=disable',
      'postgresql://u@%2Frun%2Fpostgresql/x',
      'postgresql:///x?host=/run/postgresql',
    ])
      assert.equal(load({ database: { url } }).database.url, url);
    assert.match(refusedFor({ database: { url: 'mysql://a/b' } }).join(), /postgresql:/);
    assert.match(refusedFor({ database: { ledger_url: 'postgresql://a/b' } }).join(), /all of/);
  });

  test('half a certificate, a public address in clear, limits that contradict each other', () => {
    assert.match(refusedFor({ tls_key_file: '/k' }).join(), /both or none/);
    assert.match(refusedFor({ public_url: 'http://ehr.example.org' }).join(), /expected https/);
    assert.match(refusedFor({ public_url: 'https://u:p@ehr.example.org/x?y' }).join(), /nothing else/);
    assert.match(refusedFor({ limits: { body_bytes: 4096, bundle_bytes: 2048 } }).join(), /bundle_bytes/);
    assert.match(refusedFor({ deadlines: { bundle_ms: 200 } }).join(), /bundle_ms/);
  });

  test('Node’s own switches that undo security', () => {
    assert.match(refusedFor({}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }).join(), /verification/);
    assert.match(refusedFor({}, { NODE_DEBUG: 'http' }).join(), /PHI/);
  });

  test('a settings file that is broken, that others may write, or that says where it is', async () => {
    await file('{');
    assert.match(refusedFor({}).join(), /not JSON/);
    await file('[]');
    assert.match(refusedFor({}).join(), /object of settings/);
    await file({}, 0o666);
    assert.match(refusedFor({}).join(), /written by others/);
    await file({ data: '/x' });
    assert.match(refusedFor({}).join(), /cannot stand in it/);
  });
});

describe('secrets', () => {
  test('come from a file, by variable or by settings file', async () => {
    const path = join(data, 'secret');
    await writeFile(path, 'correct horse battery\n', { mode: 0o600 });
    assert.equal(load({}, { SAFEGUARD_KEYS_PASSPHRASE_FILE: path }).keys.passphrase, 'correct horse battery');
    await file({ keys: { passphrase_file: path } });
    const settings = load();
    assert.equal(settings.keys.passphrase, 'correct horse battery');
    assert.deepEqual(settings.warnings, []);
  });

  test('twice, or from a file that cannot be read: refused', () => {
    const both = { SAFEGUARD_KEYS_PASSPHRASE: 'correct horse battery', SAFEGUARD_KEYS_PASSPHRASE_FILE: '/dev/null' };
    assert.match(refusedFor({}, both).join(), /given twice/);
    assert.match(refusedFor({}, { SAFEGUARD_DATABASE_URL_FILE: join(data, 'none') }).join(), /cannot be read/);
    assert.match(refusedFor({}, { SAFEGUARD_PORT_FILE: '/x' }).join(), /no setting "SAFEGUARD_PORT_FILE"/);
  });

  test('where others can read them: a warning', async () => {
    const path = join(data, 'secret');
    await writeFile(path, 'correct horse battery');
    await chmod(path, 0o644);
    assert.match(load({}, { SAFEGUARD_KEYS_PASSPHRASE_FILE: path }).warnings.join(), /read by others/);
    await file({ keys: { passphrase: 'correct horse battery' } }, 0o644);
    assert.match(load().warnings.join(), /holds a secret/);
    await file({});
    const warnings = load({ database: { url: 'postgresql://u:p@localhost/x' } }).warnings.join();
    assert.match(warnings, /process list/);
    assert.doesNotMatch(warnings, /u:p/);
  });

  test('no passphrase: said loudly', () => {
    assert.match(load().warnings.join(), /keys\.passphrase is not set/);
  });
});

test('the reference names every setting with its variable, unit and default', () => {
  const page = settingsReference();
  assert.match(page, /\| `limits\.body_bytes` \| `SAFEGUARD_LIMITS_BODY_BYTES` \| 1024–67108864 bytes \| `1048576` \|/);
  assert.match(page, /\| `keys\.passphrase` \| `SAFEGUARD_KEYS_PASSPHRASE` or `…_FILE` \|/);
  assert.match(page, /\| `tls` \| `SAFEGUARD_TLS` \| `on`, `off` \| `"on"` \|/);
  assert.doesNotMatch(page, /undefined/);
});

test('parameters of the programme stand in for defaults, and whatever is given outranks them', () => {
  const programme = new Map<string, unknown>([['sessions.idle_s', 600]]);
  const plain = loadSettings({ env: {}, programme });
  assert.equal(plain.sessions.idle_s, 600);
  assert.equal(plain.given.includes('sessions.idle_s'), false);
  const given = loadSettings({ env: { SAFEGUARD_SESSIONS_IDLE_S: '300' }, programme });
  assert.deepEqual([given.sessions.idle_s, given.given], [300, ['sessions.idle_s']]);
});

test('a parameter out of the range of its setting, or of a setting that is not there, stops the start', () => {
  const refused = (name: string, value: unknown) =>
    assert.throws(() => loadSettings({ env: {}, programme: new Map([[name, value]]) }), /program\/parameters\.yaml/);
  refused('sessions.idle_s', 1_800);
  refused('sessions.idel_s', 600);
});
