import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Check } from '@safeguard/kernel';
import { counted } from '../found.ts';
import { openFolder, openPlain, type Receipt, readReceipts } from './receipts.ts';

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
const needed = ['identity', 'clinical', 'ledger', 'keys'] as const;
/** So much of a backup is read again at each run; of the rest sizes are held. */
const most_bytes = 256 * 1024 * 1024;
/** A backup takes a while: it may end so long after the interval. */
const grace_ms = hour_ms;

async function digestOf(file: FileHandle, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ signal, autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** What cannot be opened is not there for us. */
function notThere(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(String((error as NodeJS.ErrnoException).code))) return;
  throw error;
}

type Named = NonNullable<Receipt['files']>[number];

/** What is wrong with one, in words that repeat nothing of it; `room_bytes`: so much may be read. */
async function wrongWith(at: string, { bytes, sha256 }: Named, room_bytes: number, signal: AbortSignal) {
  const file = await openPlain(at).catch(notThere);
  if (file === undefined) return 'is not there, or is no file that can be read';
  try {
    if ((await file.stat()).size !== bytes) return 'has another size than the receipt says';
    if (bytes > room_bytes || (await digestOf(file, signal)) === sha256) return undefined;
    return 'has another content than the receipt says';
  } finally {
    await file.close();
  }
}

/** Paths that say nothing but where a file is; others are told by their number. */
const isPlain = /^[\w./:@+-]{1,150}$/;

/** What of a backup's files is not as its receipt says, and how many bytes were read again. */
async function wrongIn({ files = [], place }: Receipt, signal: AbortSignal) {
  const wrong: string[] = [];
  let read_bytes = 0;
  for (const [index, file] of files.entries()) {
    const room_bytes = most_bytes - read_bytes;
    const what = await wrongWith(resolve(dirname(place), file.path), file, room_bytes, signal);
    if (what !== undefined) wrong.push(`${isPlain.test(file.path) ? file.path : `file ${index + 1}`}: ${what}`);
    else if (file.bytes <= room_bytes) read_bytes += file.bytes;
  }
  return { wrong, read_bytes };
}

/** Days of the last `days` on which no backup ended, as far back as there is any. */
function daysWithout(receipts: readonly Receipt[], days: number, at: number): string[] {
  const ended = receipts.map(({ finished_at }) => finished_at);
  const first = Math.min(...ended);
  return Array.from({ length: days }, (_, n) => at - (n + 1) * day_ms)
    .filter((from) => from >= first - hour_ms && !ended.some((one) => one > from - grace_ms && one < from + day_ms))
    .map((from) => `none in the 24 hours from ${new Date(from).toISOString().slice(0, 16)}Z`);
}

/** 45 CFR 164.308(a)(7)(ii)(A), 164.310(d)(2)(iv). */
export const backupRecent = (directory: string): Check => ({
  id: 'operations.backup-recent',
  title: 'A whole backup is recent and as its receipt says',
  query:
    'Reads the receipts of the backup tool; wants a succeeded one of all three segments and the keys within the ' +
    'interval, one for each day of the retention, and reads the files of the newest again against their SHA-256.',
  every_s: 900,
  kind: 'reported',
  limit_ms: 45_000,
  async run({ at, number, signal }) {
    const { found, malformed, isOpen } = await readReceipts(directory, 'backup', at);
    if (isOpen) return { result: 'unmet', examined: 1, ...openFolder };
    const whole = found.filter(
      ({ outcome, holds = [] }) => outcome === 'succeeded' && needed.every((one) => holds.includes(one)),
    );
    const todo =
      'Run a backup tool that leaves receipts: see docs/programme/receipts.md. Safeguard takes no backups itself yet.';
    const [newest] = whole;
    if (newest === undefined) {
      const saw = found.length === 0 ? 'No backup is known.' : 'No backup of all segments and keys has succeeded.';
      return { result: 'unmet', examined: Math.max(1, found.length), saw, todo };
    }
    const interval_ms = number('backups.interval_hours') * hour_ms;
    const age_h = Math.floor((at - newest.finished_at) / hour_ms);
    const ended = `The newest whole backup ended ${counted(age_h, 'hour')} ago`;
    if (at - newest.finished_at > interval_ms + grace_ms) {
      const saw = `${ended}; at most ${interval_ms / hour_ms} are allowed.`;
      return { result: 'unmet', examined: found.length, saw, todo: 'Find out why the backup stopped, and run it.' };
    }
    const { wrong, read_bytes } = await wrongIn(newest, signal);
    const missing = daysWithout(whole, number('backups.retention_days'), at);
    const files = newest.files?.length ?? 0;
    const exceptions = [
      ...(files === 0 ? ['the newest receipt names no files: nothing of it can be checked'] : []),
      ...wrong,
      ...missing,
      ...malformed.map((name) => `${name}: is no receipt of a backup`),
    ].slice(0, 20);
    if (exceptions.length > 0) {
      const saw = 'The newest backup, or those before it, are not as they have to be.';
      return {
        result: 'unmet',
        examined: found.length + files,
        saw,
        todo: 'Take a new backup and look into the tool.',
        exceptions,
      };
    }
    const saw = `${ended}; ${counted(files, 'file')}, ${read_bytes} bytes read again.`;
    return { result: 'met', examined: found.length + files, saw, from: newest.started_at, until: at };
  },
});
