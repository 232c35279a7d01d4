import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const minute_ms = 60_000;
const iso = (ago_ms: number): string => new Date(Date.now() - ago_ms).toISOString();

/** Where a tool beside Safeguard leaves its receipt. */
export const receiptAt = (data: string, kind: string, name = 'newest'): string =>
  join(data, 'receipts', kind, `${name}.json`);

export interface Receipt {
  readonly kind: string;
  readonly tool: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly outcome: 'succeeded' | 'failed';
  readonly examined: number;
  readonly [more: string]: unknown;
}

/** One of a run that ended a minute ago and went well; `more` says otherwise. */
export const receiptOf = (kind: string, more: Partial<Receipt> = {}): Receipt => ({
  ...{ kind, tool: 'drill', outcome: 'succeeded', examined: 1 },
  ...{ started_at: iso(2 * minute_ms), finished_at: iso(minute_ms) },
  ...more,
});

export async function leave(data: string, receipt: Receipt, name?: string): Promise<string> {
  const path = receiptAt(data, receipt.kind, name);
  await mkdir(join(data, 'receipts', receipt.kind), { recursive: true });
  await writeFile(path, JSON.stringify(receipt));
  return path;
}

/** A backup as a tool would leave it: files beside the receipt, with what they hold. */
export async function leaveBackup(data: string): Promise<{ sha256: string; path: string }> {
  const folder = join(data, 'receipts', 'backup');
  await mkdir(join(folder, 'files'), { recursive: true });
  const made = ['identity', 'clinical', 'ledger', 'keys'].map((name) => {
    const content = Buffer.from(`sealed copy of ${name} `.repeat(100));
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { path: `files/${name}.dump`, bytes: content.length, sha256, content };
  });
  for (const { path, content } of made) await writeFile(join(folder, path), content);
  const files = made.map(({ content: _, ...file }) => file);
  const holds = ['identity', 'clinical', 'ledger', 'keys'];
  await leave(data, receiptOf('backup', { examined: files.length, holds, files }));
  return { sha256: files[0]?.sha256 ?? '', path: join(folder, 'files', 'identity.dump') };
}

/** Everything that is done beside Safeguard, done: backups, scans, drills, training. */
export async function leaveReceipts(data: string, { trained }: { trained: readonly string[] }): Promise<void> {
  const { sha256 } = await leaveBackup(data);
  await leave(data, receiptOf('restore-test', { restored: sha256, examined: 4 }));
  for (const kind of ['vulnerability-scan', 'malware-scan', 'intrusion-detection', 'penetration-test'] as const) {
    await leave(data, receiptOf(kind, { findings: [], examined: 12 }));
  }
  await leave(data, receiptOf('recovery-drill'));
  const completed = trained.map((account) => ({ account, at: iso(2 * minute_ms) }));
  await leave(data, receiptOf('training', { examined: trained.length, completed }));
}
