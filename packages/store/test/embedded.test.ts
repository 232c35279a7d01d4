import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from '@safeguard/kernel';
import pg from 'pg';
import { npmFolder } from '../binaries.ts';
import { hydrate } from '../hydrate.ts';
import { type BinaryChoice, type Embedded, startEmbedded } from '../index.ts';
import { markOf, processesOf } from '../processes.ts';
import { up, upScript } from './fixtures/child.ts';
import { temporary } from './fixtures/sets.ts';

const quiet = { log: () => undefined };

async function ask(embedded: Embedded, text: string): Promise<Record<string, unknown>> {
  const client = new pg.Client(embedded.login);
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows[0];
}

function isThere(choice: BinaryChoice): boolean {
  if (choice === 'npm') return npmFolder() !== undefined;
  return (
    spawnSync('/bin/sh', ['-c', 'ls /usr/lib/postgresql/*/bin/initdb /usr/bin/initdb 2>/dev/null']).stdout.length > 0
  );
}

for (const choice of ['system', 'npm'] as const) {
  test(`the ${choice} programs start, durable and checked, in a directory nobody else may walk`, async (t) => {
    if (!isThere(choice)) return t.skip(`no ${choice} PostgreSQL here`);
    // 0700 above, and a path far beyond the 107 bytes that a socket's may have.
    const data = join(temporary(), 'x'.repeat(120), 'data');
    mkdirSync(data, { recursive: true, mode: 0o700 });
    for (const round of ['first', 'later']) {
      const embedded = await startEmbedded({ data, binaries: choice, ...quiet });
      const settings = await ask(
        embedded,
        `select current_setting('fsync') fsync, current_setting('full_page_writes') pages,
           current_setting('synchronous_commit') commit, current_setting('data_checksums') checksums,
           current_setting('listen_addresses') addresses, current_setting('server_encoding') encoding,
           (select datcollate from pg_database where datname = 'template0') locale`,
      );
      const expected = { fsync: 'on', pages: 'on', commit: 'on', checksums: 'on' };
      assert.deepEqual(settings, { ...expected, addresses: '', encoding: 'UTF8', locale: 'C' }, round);
      assert.equal(embedded.source, choice);
      await embedded.stop();
      assert.deepEqual(processesOf(markOf(embedded.cluster)), []);
    }
  });
}

test('a normal user starts it as itself', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('not root: every other test shows it');
  const nobody = { uid: 65534, gid: 65534 };
  const reach = spawnSync(process.execPath, ['--version'], { ...nobody, cwd: '/' });
  if (reach.status !== 0) return t.skip('an unprivileged user cannot reach this clone');
  for (const choice of ['system', 'npm'] as const) {
    if (!isThere(choice)) continue;
    const data = `/tmp/safeguard-nobody-${process.pid}-${choice}`;
    after(() => spawnSync('rm', ['-rf', data]));
    mkdirSync(data, { mode: 0o700 });
    chownSync(data, nobody.uid, nobody.gid);
    const run = await up(data, choice, nobody);
    assert.equal(run.said.source, choice, JSON.stringify(run.said));
    assert.equal(run.said.uid, nobody.uid);
    assert.equal(await run.stop(), 0);
  }
});

test('a wrong password is refused on the socket', async () => {
  const embedded = await startEmbedded({ data: temporary(), ...quiet });
  const client = new pg.Client({ ...embedded.login, password: 'guess' });
  await assert.rejects(client.connect(), { code: '28P01' });
  await embedded.stop();
});

test('a second start on the same data directory is refused with the process id', async () => {
  const data = temporary();
  const first = await up(data, 'auto');
  await assert.rejects(startEmbedded({ data, ...quiet }), (error) => {
    assert.ok(isFault(error) && error.kind === 'conflict');
    assert.match(error.message, new RegExp(`process ${first.child.pid}\\b`));
    return true;
  });
  assert.equal(await first.stop(), 0);
  const second = await startEmbedded({ data, ...quiet });
  await second.stop();
});

test('a process id in the pid file that belongs to somebody else does not block a start', async () => {
  const data = temporary();
  writeFileSync(join(data, 'safeguard.pid'), '1\n');
  await (await startEmbedded({ data, ...quiet })).stop();
});

test('a cluster of another major version is refused, and says what to do', async () => {
  const data = temporary();
  const embedded = await startEmbedded({ data, ...quiet });
  await embedded.stop();
  writeFileSync(join(embedded.cluster, 'PG_VERSION'), '12\n');
  await assert.rejects(startEmbedded({ data, ...quiet }), /written by PostgreSQL 12.*found: .*Install PostgreSQL 12/s);
});

test('PostgreSQL killed with -9 is started again, and keeps what was acknowledged', async () => {
  const embedded = await startEmbedded({ data: temporary(), ...quiet });
  const ends: string[] = [];
  embedded.onExit(() => ends.push('ended'));
  await ask(embedded, 'create table kept as select 42 as answer');
  const before = embedded.pid();
  process.kill(Number(before), 'SIGKILL');
  await waitFor(() => embedded.pid() !== undefined && embedded.pid() !== before);
  assert.deepEqual(await ask(embedded, 'select answer from kept'), { answer: 42 });
  assert.equal(embedded.restarts(), 1);
  assert.deepEqual(ends, ['ended']);
  await embedded.stop();
});

test('a stop while PostgreSQL is being started again ends it for good', async () => {
  for (const pause_ms of [0, 40, 60, 80, 100]) {
    const embedded = await startEmbedded({ data: temporary(), ...quiet });
    process.kill(Number(embedded.pid()), 'SIGKILL');
    await sleep(pause_ms);
    await embedded.stop();
    assert.deepEqual(processesOf(markOf(embedded.cluster)), [], `${pause_ms} ms`);
  }
});

test('the server killed with -9 while it starts PostgreSQL takes it along', async () => {
  for (const pause_ms of [150, 250, 350, 500, 700]) {
    const data = temporary();
    const child = spawn(process.execPath, [upScript, data, 'auto'], { stdio: ['pipe', 'ignore', 'ignore'], env: {} });
    await sleep(pause_ms);
    child.kill('SIGKILL');
    const cluster = join(data, 'postgres', 'data');
    if (existsSync(cluster)) await waitFor(() => processesOf(markOf(cluster)).length === 0);
    await (await startEmbedded({ data, ...quiet })).stop();
  }
});

test('the server killed with -9 takes its PostgreSQL along', async () => {
  const data = temporary();
  const run = await up(data, 'auto');
  const mark = markOf(join(data, 'postgres', 'data'));
  assert.ok(processesOf(mark).length > 1);
  run.child.kill('SIGKILL');
  await run.ended;
  await waitFor(() => processesOf(mark).length === 0);
});

test('a PostgreSQL left over from a killed server is shut down by the next start', async () => {
  const data = temporary();
  const run = await up(data, 'auto');
  const left = Number(run.said.pid);
  // The guardian dies with its server, as when a whole machine's worth of processes is killed at random.
  const guardians = spawnSync('pgrep', ['-f', `guardian ${markOf(join(data, 'postgres', 'data'))}`], {
    encoding: 'utf8',
  });
  for (const pid of guardians.stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
  run.child.kill('SIGKILL');
  await run.ended;
  assert.ok(processesOf(markOf(join(data, 'postgres', 'data'))).includes(left));
  const embedded = await startEmbedded({ data, ...quiet });
  assert.notEqual(embedded.pid(), left);
  await embedded.stop();
});

test('a lost passwords file is told, and the cluster is left alone', async () => {
  const data = temporary();
  const embedded = await startEmbedded({ data, ...quiet });
  await embedded.stop();
  spawnSync('mv', [embedded.secrets, `${embedded.secrets}.away`]);
  await assert.rejects(startEmbedded({ data, ...quiet }), /passwords .* are gone/);
});

test('the npm programs run where no install script made their library links', (t) => {
  const native = npmFolder();
  if (native === undefined) return t.skip('the npm package is not installed');
  const copy = join(temporary(), 'native');
  const links: { target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  const skipped = new Set(links.map(({ target }) => join(native, '..', target)));
  cpSync(native, copy, { recursive: true, filter: (from) => !skipped.has(from) });
  const version = (env: Record<string, string>) => spawnSync(join(copy, 'bin', 'postgres'), ['--version'], { env });
  // Control: without the links it does not run.
  assert.notEqual(version({}).status, 0);
  const { libraries } = hydrate(copy, { name: 'this' }, join(temporary(), 'lib'));
  assert.equal(version({ LD_LIBRARY_PATH: libraries }).status, 0);
});

test('the npm programs run for an account that cannot walk to them', (t) => {
  const native = npmFolder();
  if (native === undefined) return t.skip('the npm package is not installed');
  if (process.getuid?.() !== 0) return t.skip('only root runs PostgreSQL as somebody else');
  const nobody = { name: 'nobody', uid: 65534, gid: 65534 };
  const clone = temporary();
  cpSync(join(native, '..'), clone, { recursive: true, verbatimSymlinks: true });
  const shared = `/tmp/safeguard-programs-${process.pid}`;
  after(() => spawnSync('rm', ['-rf', shared]));
  const run = (folder: string, libraries: string): number | null =>
    spawnSync(join(folder, 'postgres'), ['--version'], { ...nobody, cwd: '/', env: { LD_LIBRARY_PATH: libraries } })
      .status;
  // Control: where they are, they do not run for it.
  assert.notEqual(run(join(clone, 'native', 'bin'), join(clone, 'native', 'lib')), 0);
  const { folder, libraries } = hydrate(join(clone, 'native'), nobody, join(temporary(), 'lib'), shared);
  assert.equal(run(folder, libraries), 0);
});

test('secrets are for the owner alone', async () => {
  const embedded = await startEmbedded({ data: temporary(), ...quiet });
  await embedded.stop();
  assert.ok(existsSync(embedded.secrets));
  assert.equal(spawnSync('stat', ['-c', '%a', embedded.secrets], { encoding: 'utf8' }).stdout.trim(), '600');
});

async function waitFor(holds: () => boolean): Promise<void> {
  for (let tried = 0; tried < 400; tried++) {
    if (holds()) return;
    await sleep(25);
  }
  assert.fail('it did not come to pass within 10 s');
}
