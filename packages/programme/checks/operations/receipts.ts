import { constants } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  /** An id, and no sentence: it is kept as evidence. */
  id: z.string().regex(/^[\x21-\x7e]{1,200}$/),
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
  /** Names of files that are none: malformed, of another kind, from the future, no plain file of a careful owner. */
  readonly malformed: readonly string[];
  /** Everybody on the machine may write to the folder: nothing in it was read, for it proves nothing. */
  readonly isOpen: boolean;
}

export const openFolder = {
  saw: 'Everybody on the machine may write to the folder of the receipts: what is in it proves nothing.',
  todo: 'Take the right to write to it from others (chmod o-w), and find out who wrote there.',
} as const;

const most_bytes = 4 * 1024 * 1024;
/** Newest files alone: a folder may hold years of them. */
const most_files = 400;
const skew_ms = 60_000;

/** A plain file, opened without following a link or waiting for whoever writes to a pipe. */
export async function openPlain(path: string, flags = 0): Promise<FileHandle | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags).catch((error: unknown) => {
    // A link, where none is followed; a socket.
    if (['ELOOP', 'ENXIO'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  });
  if (handle === undefined || (await handle.stat()).isFile()) return handle;
  await handle.close();
  return undefined;
}

const isWritableByAll = ({ mode }: { readonly mode: number }): boolean => (mode & constants.S_IWOTH) !== 0;

async function textOf(handle: FileHandle): Promise<string | undefined> {
  const { size, mode } = await handle.stat();
  return size > most_bytes || isWritableByAll({ mode }) ? undefined : handle.readFile('utf8');
}

async function readOne(path: string, kind: ReceiptKind, now: number): Promise<Receipt | undefined> {
  const handle = await openPlain(path, constants.O_NOFOLLOW);
  if (handle === undefined) return undefined;
  try {
    const parsed = receiptSchema.safeParse(JSON.parse((await textOf(handle)) ?? ''));
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

/** A name that may be anything is not repeated. */
const shown = (name: string): string => (/^[\w.:-]{1,100}$/.test(name) ? name : 'a file with an unusual name');

/** Names of the files of a folder; undefined: there is none. Throws where one is there and cannot be read. */
async function namesIn(folder: string): Promise<{ names: string[]; isOpen: boolean } | undefined> {
  try {
    const [own, above] = await Promise.all([stat(folder), stat(dirname(folder))]);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    return { names, isOpen: isWritableByAll(own) || isWritableByAll(above) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function readReceipts(directory: string, kind: ReceiptKind, now: number): Promise<Receipts> {
  const folder = join(directory, kind);
  const { names, isOpen } = (await namesIn(folder)) ?? { names: [], isOpen: false };
  if (isOpen) return { found: [], malformed: [], isOpen };
  const found: Receipt[] = [];
  const malformed: string[] = [];
  for (const name of names.sort().slice(-most_files)) {
    const one = await readOne(join(folder, name), kind, now);
    if (one === undefined) malformed.push(shown(name));
    else found.push(one);
  }
  return { found: found.sort((a, b) => b.finished_at - a.finished_at), malformed, isOpen };
}
