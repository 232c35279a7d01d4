import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { type Check, type CheckResult, newId } from '@safeguard/kernel';
import { checkIds } from '../../checks/ids.ts';
import { operationsChecks } from '../../checks/operations/operations.ts';
import { programmeDirectory, readContent } from '../../index.ts';

const content = await readContent(programmeDirectory, { checks: checkIds });
const [hour_ms, day_ms] = [3_600_000, 86_400_000];
const at = Date.parse('2026-11-22T12:00:00Z');
const home = await mkdtemp(join(tmpdir(), 'safeguard-receipts-'));
after(() => rm(home, { recursive: true, force: true }));

let receipts = '';
let root = '';
let count = 0;
let people: { id: string; since: number }[] = [];
let skew_ms = 0;
let version = 150_004;
beforeEach(async () => {
  count += 1;
  receipts = join(home, `receipts-${count}`);
  root = join(home, `root-${count}`);
  for (const part of ['packages', 'apps', 'program']) await mkdir(join(root, part), { recursive: true });
  await writeFile(join(root, 'packages', 'one.ts'), 'export const one = 1;\n');
  people = [];
  skew_ms = 0;
  version = 150_004;
});

const number = (name: string): number => Number(content.parameters.get(name)?.value);
const checks = (): readonly Check[] =>
  operationsChecks({
    ...{ data: home, root, receipts, clock: { now: () => Date.now() } },
    databases: async () => [{ segment: 'identity', version, now: async () => Date.now() + skew_ms }],
    workforce: async () => people,
  });

async function found(id: string, all = checks()): Promise<CheckResult> {
  const check = all.find((one) => one.id === `operations.${id}`);
  assert.ok(check, id);
  return check.run({ at, number, signal: AbortSignal.timeout(30_000) });
}

const iso = (time: number): string => new Date(time).toISOString();

interface Given {
  readonly kind: string;
  readonly ended: number;
  readonly more?: object;
  readonly name?: string;
}

async function leave({ kind, ended, more = {}, name = `${ended}.json` }: Given): Promise<void> {
  const folder = join(receipts, kind);
  await mkdir(folder, { recursive: true });
  const base = { kind, tool: 'a tool 1.0', outcome: 'succeeded', examined: 12 };
  const times = { started_at: iso(ended - hour_ms), finished_at: iso(ended) };
  await writeFile(join(folder, name), JSON.stringify({ ...base, ...times, ...more }));
}

const dump = Buffer.from('a whole backup');
const sha256 = createHash('sha256').update(dump).digest('hex');
const holds = ['identity', 'clinical', 'ledger', 'keys'];

async function backup(ended: number, more: object = {}): Promise<void> {
  await mkdir(join(receipts, 'backup'), { recursive: true });
  await writeFile(join(receipts, 'backup', `${ended}.dump`), dump);
  const files = [{ path: `${ended}.dump`, bytes: dump.length, sha256 }];
  await leave({ kind: 'backup', ended, more: { holds, files, ...more } });
}

const said = ({ saw, exceptions = [] }: CheckResult): string => [saw, ...exceptions].join('\n');

test('every id of this group is a check, and no other is', () => {
  const names = [...checkIds].filter((id) => id.startsWith('operations.'));
  assert.deepEqual(
    checks()
      .map(({ id }) => id)
      .sort(),
    names.sort(),
  );
});

test('without any receipt what others have to do is unmet, and says that Safeguard does not do it', async () => {
  const reported = checks().filter(({ kind, id }) => kind === 'reported' && id !== 'operations.training');
  assert.equal(reported.length, 7);
  for (const check of reported) {
    const result = await check.run({ at, number, signal: AbortSignal.timeout(5_000) });
    assert.equal(result.result, 'unmet', check.id);
    assert.match(result.saw, /^No .* is known\.$/);
    assert.match(result.todo ?? '', /receipt/);
  }
});

test('a backup: whole, recent, each day of the week, each file as its receipt says', async () => {
  for (let day = 0; day < 8; day += 1) await backup(at - day * day_ms - hour_ms);
  const sound = await found('backup-recent');
  assert.equal(sound.result, 'met', said(sound));
  await writeFile(join(receipts, 'backup', `${at - hour_ms}.dump`), Buffer.from('a whole backuq'));
  const changed = await found('backup-recent');
  assert.equal(changed.result, 'unmet');
  assert.match(said(changed), /another content than the receipt says/);
  await rm(join(receipts, 'backup', `${at - hour_ms}.dump`));
  assert.match(said(await found('backup-recent')), /is not there/);
  await writeFile(join(receipts, 'backup', `${at - hour_ms}.dump`), dump);
  assert.equal((await found('backup-recent')).result, 'met', 'repaired');
  await rm(join(receipts, 'backup', `${at - 3 * day_ms - hour_ms}.json`));
  assert.match(said(await found('backup-recent')), /none in the 24 hours from/);
});

test('a backup that stopped, failed, lacks a segment or names no file is unmet', async () => {
  await backup(at - 30 * hour_ms);
  assert.match(said(await found('backup-recent')), /ended 30 hours ago; at most 24 are allowed/);
  await backup(at - 2 * hour_ms, { outcome: 'failed' });
  assert.match(said(await found('backup-recent')), /ended 30 hours ago/);
  await backup(at - hour_ms, { holds: ['identity', 'clinical', 'ledger'] });
  assert.match(said(await found('backup-recent')), /ended 30 hours ago/, 'without the keys nothing opens');
  await leave({ kind: 'backup', ended: at, more: { holds, files: [] } });
  assert.match(said(await found('backup-recent')), /names no files/);
});

test('a receipt from the future, of another kind, malformed or huge is none, and is named', async () => {
  await backup(at - hour_ms);
  await leave({ kind: 'backup', ended: at + hour_ms, name: 'future.json', more: { holds } });
  await writeFile(join(receipts, 'backup', 'malformed.json'), '{');
  await writeFile(join(receipts, 'backup', 'other.json'), JSON.stringify({ kind: 'malware-scan' }));
  const result = await found('backup-recent');
  assert.equal(result.result, 'unmet');
  for (const name of ['future.json', 'malformed.json', 'other.json']) assert.match(said(result), new RegExp(name));
});

test('scans: stale, failed, of nothing, or with what is open for too long', async () => {
  const kind = 'vulnerability-scan';
  await leave({ kind, ended: at - 8 * day_ms });
  assert.match(said(await found(kind)), /8 days old; at most 7 are allowed/);
  await leave({ kind, ended: at - day_ms, more: { examined: 0 } });
  assert.match(said(await found(kind)), /8 days old/, 'what looked at nothing does not count');
  const finding = (severity: string, days: number, more = {}) => ({
    ...{ id: `CVE-${severity}-${days}`, severity, found_at: iso(at - days * day_ms) },
    ...more,
  });
  const findings = [finding('critical', 16), finding('high', 16), finding('high', 31, { fixed_at: iso(at - day_ms) })];
  await leave({ kind, ended: at - 2 * hour_ms, more: { findings } });
  const late = await found(kind);
  assert.deepEqual(late.exceptions, ['CVE-critical-16: critical, open for 16 days; at most 15']);
  await leave({ kind, ended: at - hour_ms, more: { findings: [finding('critical', 14)] } });
  assert.equal((await found(kind)).result, 'met');
  await leave({ kind: 'malware-scan', ended: at - hour_ms, more: { findings: [finding('low', 0)] } });
  assert.match(said(await found('malware-scan')), /CVE-low-0: low, open/);
});

test('a restore test names what was restored and is quick enough; a drill too', async () => {
  const kind = 'restore-test';
  await leave({ kind, ended: at - day_ms });
  assert.match(said(await found('restore-tested')), /does not say which backup/);
  await leave({ kind, ended: at - hour_ms, more: { restored: sha256, started_at: iso(at - 30 * hour_ms) } });
  assert.match(said(await found('restore-tested')), /it took 29\.0 hours; at most 24/);
  await leave({ kind, ended: at, more: { restored: sha256 } });
  assert.equal((await found('restore-tested')).result, 'met');
  await leave({ kind: 'recovery-drill', ended: at - 400 * day_ms });
  assert.match(said(await found('recovery-drill')), /400 days old/);
});

test('training: everybody in time, new people have theirs', async () => {
  assert.equal((await found('training')).result, 'unknown', 'nobody is nothing examined');
  const [old, fresh] = [newId(), newId()];
  people = [
    { id: old, since: at - 900 * day_ms },
    { id: fresh, since: at - 10 * day_ms },
  ];
  assert.deepEqual((await found('training')).exceptions, [`account ${old}`]);
  const done = (account: string, ago: number) => [{ account, at: iso(at - ago * day_ms) }];
  await leave({ kind: 'training', ended: at - 370 * day_ms, more: { completed: done(old, 370) } });
  assert.deepEqual((await found('training')).exceptions, [`account ${old}`], 'a year is over');
  await leave({ kind: 'training', ended: at - 3 * day_ms, more: { completed: done(old, 3) } });
  assert.equal((await found('training')).result, 'met');
});

test('a file that changed, vanished or came since the start is named; as it was, it is met again', async () => {
  const all = checks();
  assert.equal((await found('code-integrity', all)).result, 'met');
  const file = join(root, 'packages', 'one.ts');
  await writeFile(file, 'export const one = 2;\n');
  await writeFile(join(root, 'program', 'new.yaml'), 'a: 1\n');
  const changed = await found('code-integrity', all);
  assert.deepEqual(changed.exceptions, ['packages/one.ts: changed or gone', 'program/new.yaml: new']);
  await writeFile(file, 'export const one = 1;\n');
  await rm(join(root, 'program', 'new.yaml'));
  assert.equal((await found('code-integrity', all)).result, 'met');
});

test('clocks that are apart, and versions without support', async () => {
  assert.equal((await found('clock')).result, 'met');
  skew_ms = -5_000;
  assert.match(said(await found('clock')), /identity: 5 s apart/);
  assert.equal((await found('patch-level')).result, 'met');
  version = 130_010;
  assert.match(said(await found('patch-level')), /PostgreSQL 13: not in the table/);
  assert.equal((await found('disk-space')).examined, 1);
});
