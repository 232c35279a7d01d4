import { fault } from '@safeguard/kernel';
import { compact, groupTargets, targetsOf } from './compact.ts';

/**
 * Bytes of an entry before sealing up to which its row, its place in the primary key and its share of tiles stay
 * within 600 bytes. A transaction of many resources is cut into parts that keep to it.
 */
export const partLimit_bytes = 420;

/** The largest entry at all: what one event without targets may take. */
export const entryLimit_bytes = 16_384;

/** What a target costs in an entry: 16 bytes and a place for a UUID, else its text. */
const cost = (id: string): number => (id.length === 36 ? 18 : Buffer.byteLength(id) + 3);

/**
 * Cuts an event with many targets into several of the same content, with its targets dealt out over them and
 * `part` (from 1) and `parts` added. An event that fits one entry comes back as it is. Throws Fault `invalid` when
 * the event is too large without its targets.
 */
export function partition(event: object): { readonly event: object; readonly bytes: Buffer }[] {
  const bytes = compact(event);
  if (bytes.length <= partLimit_bytes) return [{ event, bytes }];
  const targets = targetsOf(event);
  if (targets === undefined || targets.length === 1) {
    if (bytes.length > entryLimit_bytes) throw fault('invalid', 'an event of the ledger is too large');
    return [{ event, bytes }];
  }
  const chunks = deal(groupTargets(targets), compact({ ...event, part: 9999, parts: 9999, targets: [] }).length);
  return chunks.map((chunk, at) => {
    const part = { ...event, part: at + 1, parts: chunks.length, targets: chunk };
    return { event: part, bytes: compact(part) };
  });
}

type Chunk = { readonly type: string; readonly id: string; readonly version?: number }[];

/** Deals grouped targets into chunks of which each, with `base` bytes around it, keeps to the limit. */
function deal(groups: readonly [string, number, ...string[]][], base: number): Chunk[] {
  const chunks: Chunk[] = [];
  let chunk: Chunk = [];
  let room = 0;
  for (const [type, version, ...ids] of groups) {
    const head = Buffer.byteLength(type) + 12;
    let begun = false;
    for (const id of ids) {
      if (cost(id) + (begun ? 0 : head) > room) {
        chunk = [];
        chunks.push(chunk);
        room = partLimit_bytes - base;
        begun = false;
      }
      room -= cost(id) + (begun ? 0 : head);
      begun = true;
      chunk.push(version === 0 ? { type, id } : { type, id, version });
    }
  }
  return chunks;
}
