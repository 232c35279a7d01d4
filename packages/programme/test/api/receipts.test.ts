/** What whoever may leave receipts could do to the server that reads them, and learn by it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import type { CheckResult } from '@safeguard/kernel';
import { backupRecent } from '../../checks/operations/backup.ts';
import { reportedChecks } from '../../checks/operations/reported.ts';
import { training } from '../../checks/operations/training.ts';

const at = Date.now();
const canary = 'Canary-Zimmermann';
const number = (): number => 30;
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const iso = (ago_ms: number): string => new Date(at - ago_ms).toISOString();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safeguard-receipts-'));
  for (const kind of ['backup', 'malware-scan', 'training']) mkdirSync(join(folder, kind));
  return () => rmSync(folder, { recursive: true, force: true });
});

const receipt = (kind: string, more: object = {}): string =>
  JSON.stringify({
    ...{ kind, tool: canary, started_at: iso(120_000), finished_at: iso(60_000), outcome: 'succeeded', examined: 1 },
    ...more,
  });
const put = (kind: string, name: string, text: string): void => writeFileSync(join(folder, kind, name), text);
const run = (check: { run: ReturnType<typeof backupRecent>['run'] }): Promise<CheckResult> =>
  Promise.resolve(check.run({ at, number, signal: AbortSignal.timeout(10_000) }));
const scan = () => {
  const check = reportedChecks(folder).find(({ id }) => id === 'operations.malware-scan');
  assert.ok(check);
  return run(check);
};
const said = (result: CheckResult): string => JSON.stringify(result);

test('links, pipes, folders, devices, huge and malformed files are no receipts: named, and nobody waits', async () => {
  put('malware-scan', 'good.json', receipt('malware-scan'));
  assert.equal((await scan()).result, 'met', 'negative control');
  const outside = join(folder, 'outside.json');
  writeFileSync(outside, receipt('malware-scan'));
  const at_ = (name: string): string => join(folder, 'malware-scan', name);
  symlinkSync(outside, at_('link.json'));
  symlinkSync('/dev/zero', at_('zero.json'));
  symlinkSync('/etc/shadow', at_('shadow.json'));
  symlinkSync('nowhere', at_('dangling.json'));
  mkdirSync(at_('folder.json'));
  for (const n of [1, 2, 3, 4, 5]) execFileSync('mkfifo', [at_(`pipe${n}.json`)]);
  put('malware-scan', 'huge.json', ' '.repeat(5 * 1024 * 1024));
  put('malware-scan', 'deep.json', '['.repeat(1_000_000));
  put('malware-scan', 'proto.json', '{"__proto__": {"kind": "malware-scan"}}');
  put('malware-scan', 'bytes.json', '\ufffd\u0000');
  const result = await scan();
  assert.equal(result.result, 'unmet');
  const names = result.exceptions?.map((one) => one.split(':')[0]);
  const all = ['link', 'zero', 'shadow', 'dangling', 'folder', 'huge', 'deep', 'proto', 'bytes'];
  for (const one of all) assert.ok(names?.includes(`${one}.json`), `${one}: ${said(result)}`);
  assert.ok(names?.includes('pipe5.json'));
  assert.ok(!said(result).includes('root'), 'nothing of what a link leads to is told');
});

test('names and findings that are sentences are not repeated: they are kept for years', async () => {
  put('malware-scan', 'good.json', receipt('malware-scan'));
  put('malware-scan', `${canary} born 1950.json`, 'x');
  const named = await scan();
  assert.ok(!said(named).includes(canary) && named.result === 'unmet', said(named));
  const finding = { id: `/uploads/${canary} 1950.pdf`, severity: 'high', found_at: iso(0) };
  put('malware-scan', 'zz.json', receipt('malware-scan', { findings: [finding] }));
  assert.ok(!said(await scan()).includes(canary));
  put(
    'malware-scan',
    'zz.json',
    receipt('malware-scan', { findings: [{ ...finding, id: 'EICAR-1' }], finished_at: iso(1) }),
  );
  assert.match(said(await scan()), /EICAR-1: high, open/, 'negative control');
});

test('a folder, or a file, that everybody may write to proves nothing', async () => {
  put('malware-scan', 'good.json', receipt('malware-scan'));
  put('training', 'good.json', receipt('training'));
  put('backup', 'good.json', receipt('backup'));
  chmodSync(join(folder, 'malware-scan', 'good.json'), 0o666);
  assert.equal((await scan()).result, 'unmet', 'the file');
  chmodSync(join(folder, 'malware-scan', 'good.json'), 0o664);
  assert.equal((await scan()).result, 'met', 'negative control');
  const checks = [
    scan,
    () => run(backupRecent(folder)),
    () => run(training({ directory: folder, workforce: async () => [] })),
  ];
  for (const mode of [0o777, 0o1777, 0o757]) {
    for (const kind of ['malware-scan', 'training', 'backup']) chmodSync(join(folder, kind), mode);
    for (const check of checks) assert.match((await check()).saw, /Everybody on the machine may write/);
    for (const kind of ['malware-scan', 'training', 'backup']) chmodSync(join(folder, kind), 0o755);
  }
  chmodSync(folder, 0o777);
  for (const check of checks) assert.match((await check()).saw, /Everybody on the machine may write/);
});

test('files that a receipt of a backup names: what is told of them is no more than whether they fit', async () => {
  const holds = ['identity', 'clinical', 'ledger', 'keys'];
  const backup = (path: string, bytes = 1, sha256 = sha('x')) =>
    put('backup', 'one.json', receipt('backup', { holds, files: [{ path, bytes, sha256 }] }));
  writeFileSync(join(folder, 'dump'), 'x');
  backup('../dump');
  assert.equal((await run(backupRecent(folder))).result, 'met', 'negative control');
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const path of [
    '/etc/shadow',
    '../../../../../../etc/shadow',
    '/proc/self/environ',
    '/dev/zero',
    '/',
    '../pipe',
  ]) {
    for (const bytes of [0, 1]) {
      backup(path, bytes, sha(''));
      const result = await run(backupRecent(folder));
      if (result.result === 'met') assert.equal(path, '/proc/self/environ', 'a size of 0 is as it says');
      assert.doesNotMatch(said(result), /root:|PATH=|[0-9a-f]{64}/, path);
    }
  }
  backup(`/uploads/${canary} 1950.tar`);
  const named = await run(backupRecent(folder));
  assert.ok(named.result === 'unmet' && !said(named).includes(canary), said(named));
  assert.match(said(named), /file 1: is not there/);
});
