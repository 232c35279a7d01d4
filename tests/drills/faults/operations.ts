import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Instance } from '../../harness/instance.ts';
import { leave, type Receipt, receiptAt, receiptOf } from '../../harness/programme-receipts.ts';
import { changedRows, type Fault, type Scene } from './scene.ts';

const [hour_ms, day_ms] = [3_600_000, 86_400_000];
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** The newest receipt of a kind, put back as it was. */
async function keptReceipt(scene: Scene, kind: string) {
  const path = receiptAt(scene.house.safeguard.data, kind);
  const before = await readFile(path, 'utf8');
  return { path, before: JSON.parse(before) as Receipt, back: () => writeFile(path, before) };
}

/** The receipt says something else than it did. */
const receipt =
  (kind: string, more: () => Partial<Receipt>): Fault['break'] =>
  async (scene) => {
    const { before, back } = await keptReceipt(scene, kind);
    await leave(scene.house.safeguard.data, { ...before, ...more() });
    return back;
  };

const old = (ms: number) => () => ({ started_at: ago(ms + hour_ms), finished_at: ago(ms) });
const finding = (severity: string, days: number) => () => ({
  findings: [{ id: 'CVE-2026-0001', severity, found_at: ago(days * day_ms) }],
});

/** What is done beside Safeguard, and is no longer done. */
export const operationFaults: readonly Fault[] = [
  {
    control: '164.308-a-7-ii-A',
    check: 'operations.backup-recent',
    what: 'backups have stopped',
    says: /The newest whole backup ended 7\d hours ago; at most 24 are allowed/,
    break: receipt('backup', old(73 * hour_ms)),
  },
  {
    control: '164.310-d-2-iv',
    check: 'operations.backup-recent',
    what: 'a file of the backup is damaged',
    says: /files\/identity\.dump: has another content than the receipt says/,
    async break(scene) {
      const path = join(dirname(receiptAt(scene.house.safeguard.data, 'backup')), 'files', 'identity.dump');
      const before = await readFile(path);
      const damaged = Buffer.from(before);
      damaged.writeUInt8(damaged.readUInt8(100) ^ 1, 100);
      await writeFile(path, damaged);
      return () => writeFile(path, before);
    },
  },
  {
    control: '164.308-a-7-ii-B',
    check: 'operations.restore-tested',
    what: 'no backup was restored for too long',
    says: /The newest restore test is 40 days old; at most 31 are allowed/,
    break: receipt('restore-test', old(40 * day_ms + hour_ms)),
  },
  {
    control: '164.308-a-1-ii-B',
    check: 'operations.vulnerability-scan',
    what: 'the scan is stale',
    says: /The newest vulnerability scan is 9 days old; at most 7 are allowed/,
    break: receipt('vulnerability-scan', old(9 * day_ms + hour_ms)),
  },
  {
    control: '164.308-a-5-ii-B',
    check: 'operations.malware-scan',
    what: 'malicious software was found and is still there',
    says: /CVE-2026-0001: high, open/,
    break: receipt('malware-scan', finding('high', 1)),
  },
  {
    control: '164.308-a-6-ii',
    check: 'operations.intrusion-detection',
    what: 'the intrusion detection says nothing any more',
    says: /No report of the intrusion detection is known/,
    async break(scene) {
      const { path, back } = await keptReceipt(scene, 'intrusion-detection');
      await rm(path);
      return back;
    },
  },
  {
    control: '164.308-a-8',
    check: 'operations.penetration-test',
    what: 'what a penetration test found is open for too long',
    says: /CVE-2026-0001: critical, open for 20 days; at most 15/,
    break: receipt('penetration-test', finding('critical', 20)),
  },
  {
    control: '164.308-a-7-ii-C',
    check: 'operations.recovery-drill',
    what: 'recovery took longer than it may',
    says: /it took 30\.0 hours; at most 24 are allowed/,
    break: receipt('recovery-drill', () => ({ started_at: ago(31 * hour_ms), finished_at: ago(hour_ms) })),
  },
  {
    control: '164.530-b',
    check: 'operations.training',
    what: 'somebody was never trained',
    says: /account \S{36}/,
    async break(scene) {
      const { data } = scene.house.safeguard;
      const { id } = scene.house.clinician;
      const { back } = await keptReceipt(scene, 'training');
      await leave(data, receiptOf('training', { completed: [] }));
      const where = `id = '${id}'`;
      const young = await changedRows(
        scene,
        { segment: 'identity', table: 'identity.account', where },
        `update identity.account set created_at = created_at - interval '60 days',
          verified_at = verified_at - interval '60 days' where ${where}`,
      );
      return async () => {
        await young();
        await back();
      };
    },
  },
  {
    control: '164.308-a-5-ii-B',
    check: 'operations.code-integrity',
    what: 'a file is slipped in beside the code that runs',
    says: /packages\/http\/helper\.ts: new/,
    async break({ code }) {
      const path = join(code, 'packages', 'http', 'helper.ts');
      await writeFile(path, 'export {};\n');
      return () => rm(path);
    },
  },
  {
    control: '164.312-e-1',
    check: 'http.listeners',
    what: 'somebody attaches a debugger to the server',
    says: /the server listens on 127\.0\.0\.1 port \d+, and nothing is to/,
    async break({ house: { safeguard } }) {
      process.kill(safeguard.pid, 'SIGUSR1');
      const url = await debuggerOf(safeguard);
      return () => endDebugger(url);
    },
  },
];

const told = /Debugger listening on (ws:\S+)/;

/** Where Node's inspector listens, which any account of the same user can open by a signal. */
async function debuggerOf({ output }: Instance): Promise<string> {
  for (const end = Date.now() + 10_000; Date.now() < end; await wait(50)) {
    const [, url] = told.exec(output()) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('no debugger was opened');
}

async function endDebugger(url: string): Promise<void> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const expression = "setTimeout(() => process.getBuiltinModule('node:inspector').close(), 100)";
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  await once(socket, 'message');
  socket.close();
  await wait(500);
}
