import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What tools beside Safeguard leave in `<data>/receipts/<kind>/`, one JSON file for each run of theirs. */
export const receiptKinds = [
  'backup',
  'restore-test',
  'vulnerability-scan',
  'malware-scan',
  'intrusion-detection',
  'penetration-test',
  'recovery-drill',
  'training',
] as const;
export type ReceiptKind = (typeof receiptKinds)[number];

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const file = z.strictObject({
  path: z.string().min(1).max(1_000).describe('Absolute, or from the folder of the receipt.'),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const finding = z.strictObject({
  id: z.string().min(1).max(200),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  found_at: time,
  fixed_at: time.optional(),
});

export const receiptSchema = z.strictObject({
  kind: z.enum(receiptKinds),
  tool: z.string().min(1).max(200),
  started_at: time,
  finished_at: time,
  outcome: z.enum(['succeeded', 'failed']),
  examined: z.int().min(0).describe('Files, hosts, records: what the tool looked at or copied.'),
  /** Of a backup: which of `identity`, `clinical`, `ledger`, `keys` it holds. */
  holds: z.array(z.enum(['identity', 'clinical', 'ledger', 'keys'])).optional(),
  files: z.array(file).max(1_000).optional(),
  /** Of a restore test: SHA-256 of a file of the backup that was restored. */
  restored: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  findings: z.array(finding).max(10_000).optional(),
  /** Of training: who completed it, when. */
  completed: z
    .array(z.strictObject({ account: z.guid(), at: time }))
    .max(100_000)
    .optional(),
});

export type Receipt = z.output<typeof receiptSchema> & { readonly place: string };

export interface Receipts {
  /** Newest first. */
  readonly found: readonly Receipt[];
  /** Names of files that are none: malformed, of another kind, from the future. */
  readonly malformed: readonly string[];
}

const most_bytes = 4 * 1024 * 1024;
/** Newest files alone: a folder may hold years of them. */
const most_files = 400;
const skew_ms = 60_000;

async function readOne(path: string, kind: ReceiptKind, now: number): Promise<Receipt | undefined> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > most_bytes) return undefined;
    const parsed = receiptSchema.safeParse(JSON.parse(await handle.readFile('utf8')));
    if (!parsed.success || parsed.data.kind !== kind) return undefined;
    const { started_at, finished_at } = parsed.data;
    return started_at <= finished_at && finished_at <= now + skew_ms ? { ...parsed.data, place: path } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    await handle.close();
  }
}

/** No folder: there are none. Throws where one is there and cannot be read. */
export async function readReceipts(directory: string, kind: ReceiptKind, now: number): Promise<Receipts> {
  const folder = join(directory, kind);
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { found: [], malformed: [] };
    throw error;
  }
  const found: Receipt[] = [];
  const malformed: string[] = [];
  for (const name of names.sort().slice(-most_files)) {
    const one = await readOne(join(folder, name), kind, now);
    if (one === undefined) malformed.push(name);
    else found.push(one);
  }
  return { found: found.sort((a, b) => b.finished_at - a.finished_at), malformed };
}
