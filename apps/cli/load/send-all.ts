import { isFault } from '@safeguard/kernel';
import type { Session } from '../fhir/authorize.ts';
import { postBundle, type Waiting } from '../fhir/post-bundle.ts';
import type { Source } from './find.ts';
import { readJson } from './read-json.ts';
import { readNdjson } from './read-ndjson.ts';
import { countReply, newTally, refuseAll, refuseUnread, type Tally } from './tally.ts';
import { isSendable, type Unit } from './unit.ts';

export interface SendOptions {
  readonly concurrency: number;
  readonly waiting?: Waiting;
  /** Called after every bundle with the files and bytes that are behind. */
  readonly onProgress?: (tally: Tally, behind: { readonly files: number; readonly bytes: number }) => void;
}

/** A unit and, with the last one of a file, that file. */
type Read = readonly [unit: Unit, finished: Source | undefined];

/** Reads one file after the other, a bundle at a time: what is not asked for yet is not in memory. */
async function* readAll(sources: readonly Source[]): AsyncGenerator<Read> {
  for (const source of sources) {
    if (source.form === 'json') {
      yield [await readJson(source), source];
      continue;
    }
    let held: Unit | undefined;
    for await (const unit of readNdjson(source)) {
      if (held !== undefined) yield [held, undefined];
      held = unit;
    }
    yield [held ?? { source, reason: 'an empty file' }, source];
  }
}

/** Sends the sources in their order: those of rank 0 to 2 one by one, then the rest at `concurrency`. */
export async function sendAll(session: Session, sources: readonly Source[], options: SendOptions): Promise<Tally> {
  const tally = newTally();
  const behind = { files: 0, bytes: 0 };
  const send = async (unit: Unit): Promise<void> => {
    if (!isSendable(unit)) return refuseUnread(tally, unit);
    try {
      countReply(tally, unit, await postBundle(session, unit.body, unit.repeatable, options.waiting));
    } catch (error) {
      if (!isFault(error)) throw error;
      refuseAll(tally, unit, `${error.message}; what was stored of it is not known`);
    }
  };
  const work = async (reads: AsyncGenerator<Read>): Promise<void> => {
    for (let next = await reads.next(); !next.done; next = await reads.next()) {
      const [unit, finished] = next.value;
      await send(unit);
      if (finished !== undefined) {
        behind.files += 1;
        behind.bytes += finished.bytes;
      }
      options.onProgress?.(tally, behind);
    }
  };
  for (const first of [true, false]) {
    const reads = readAll(sources.filter(({ rank }) => rank < 3 === first));
    // An async generator queues those who ask: the workers share one reader.
    await Promise.all(Array.from({ length: first ? 1 : options.concurrency }, () => work(reads)));
  }
  return tally;
}
