import { fault } from '@safeguard/kernel';
import { compact, groupTargets, targetsOf } from './compact.ts';

/**
 * Bytes of an entry before sealing up to which its row, its place in the primary key and its share of tiles stay
 * within 600 bytes. A transaction of many resources is cut into parts that keep to it.
 */
export const partLimit_bytes = 420;

/** The largest entry at all: what one event without targets may take. */
export const entryLimit_bytes = 16_384;

/** What a target or a patient costs in an entry: 16 bytes and a place for a UUID, else its text. */
const cost = (id: string): number => (id.length === 36 ? 18 : Buffer.byteLength(id) + 3);

/** So many patients stand in every part; more are dealt out like targets. */
const patientsRepeated = 2;

/** The patients of an event, where they are plain texts. */
function patientsIn(event: object): readonly string[] {
  const { patients } = event as { patients?: unknown };
  return Array.isArray(patients) && patients.every((one) => typeof one === 'string') ? patients : [];
}

/**
 * Cuts an event with many targets, or patients, into several of the same content, with these dealt out over them and
 * `part` (from 1) and `parts` added: the lists of all parts together are those of the event. An event that fits one
 * entry comes back as it is. Throws Fault `invalid` when the event is too large without its lists.
 */
export function partition(event: object): { readonly event: object; readonly bytes: Buffer }[] {
  const bytes = compact(event);
  if (bytes.length <= partLimit_bytes) return [{ event, bytes }];
  const targets = targetsOf(event);
  if (targets === undefined || (targets.length === 1 && patientsIn(event).length <= patientsRepeated)) {
    if (bytes.length > entryLimit_bytes) throw fault('invalid', 'an event of the ledger is too large');
    return [{ event, bytes }];
  }
  const parts = partsOf(event, targets);
  return parts.map((one, at) => {
    const part = { ...one, part: at + 1, parts: parts.length };
    return { event: part, bytes: compact(part) };
  });
}

type Targets = readonly { readonly type: string; readonly id: string; readonly version?: number }[];

const baseOf = (event: object): number => compact({ ...event, part: 9999, parts: 9999, targets: [] }).length;

/** What `,"patients":[]` adds to an entry. */
const listCost = 14;

/** The targets dealt out, then the patients, where they are many. */
function partsOf(event: object, targets: Targets): object[] {
  const patients = patientsIn(event);
  if (patients.length <= patientsRepeated) {
    return deal(groupTargets(targets), baseOf(event)).map((some) => ({ ...event, targets: some }));
  }
  const { patients: _, ...bare } = event as { patients?: unknown };
  const base = baseOf(bare);
  const dealt = deal(groupTargets(targets), base).map((some) => ({ ...bare, targets: some }));
  const named = deal([['Patient', 0, ...patients]], base + listCost);
  return [...dealt, ...named.map((some) => ({ ...bare, targets: [], patients: some.map(({ id }) => id) }))];
}

/** Deals grouped targets into chunks of which each, with `base` bytes around it, keeps to the limit. */
function deal(groups: readonly [string, number, ...string[]][], base: number): Targets[] {
  const chunks: Targets[number][][] = [];
  let chunk: Targets[number][] = [];
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
