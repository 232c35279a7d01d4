import type { RequestEvent, Target } from '@safeguard/http';
import type { Ledger, ReadEntry } from '@safeguard/ledger';
import { numberOf, type Place, placeOf } from './place.ts';

/** An event as an entry of the ledger holds it: whole, or a part of one. */
export interface EventPart extends RequestEvent {
  /** Present where the event takes several entries: which, from 1, of how many. They stand one behind the other. */
  readonly part?: number;
  readonly parts?: number;
}

/** An event with all its parts, and where it stands. */
export interface Audited {
  readonly place: Place;
  readonly event: RequestEvent;
}

/** What of an entry is an event of a request; undefined: a probe of the ledger's own. */
export function partOf(event: object): EventPart | undefined {
  const { kind, id, actor, targets } = event as Partial<EventPart>;
  const told = kind === 'request' && typeof id === 'string' && typeof actor === 'string' && Array.isArray(targets);
  return told ? (event as EventPart) : undefined;
}

/** Entries that one look may open beyond those that were asked for: parts of large events. */
const parts_most = 20_000;
const atOnce = 1000;

type Reading = Pick<Ledger, 'read' | 'readAt'>;

async function otherParts(ledger: Reading, tenant: number, { shard, index }: Place, first: EventPart) {
  const rest: EventPart[] = [];
  const end = index + Math.min(first.parts ?? 1, parts_most);
  for (let from = index + 1; from < end; ) {
    const found: readonly ReadEntry[] = await ledger.read(tenant, from, Math.min(atOnce, end - from), shard);
    if (found.length === 0) break;
    for (const { event } of found) {
      const part = partOf(event);
      if (part?.id === first.id) rest.push(part);
    }
    from += found.length;
  }
  return rest;
}

const whole = ({ part: _, parts: __, ...event }: EventPart, rest: readonly EventPart[]): RequestEvent => {
  const targets: readonly Target[] = [event, ...rest].flatMap((one) => one.targets);
  const patients = [...new Set([event, ...rest].flatMap((one) => one.patients ?? []))];
  return { ...event, targets, ...(patients.length === 0 ? {} : { patients }) };
};

/**
 * The events at places, opened from the ledger; a place where none begins is left out. In the order of the places.
 */
export async function eventsAt(ledger: Reading, tenant: number, places: readonly number[]): Promise<Audited[]> {
  const found = new Map<number, RequestEvent>();
  const byShard = Map.groupBy(places.map(placeOf), ({ shard }) => shard);
  for (const [shard, some] of byShard) {
    const indexes = some.map(({ index }) => index);
    for (let from = 0; from < indexes.length; from += atOnce) {
      for (const { index, event } of await ledger.readAt(tenant, indexes.slice(from, from + atOnce), shard)) {
        const first = partOf(event);
        if (first === undefined || (first.part ?? 1) !== 1) continue;
        const place = { shard, index };
        const rest = first.parts === undefined ? [] : await otherParts(ledger, tenant, place, first);
        found.set(numberOf(place), whole(first, rest));
      }
    }
  }
  return places.flatMap((number) => {
    const event = found.get(number);
    return event === undefined ? [] : [{ place: placeOf(number), event }];
  });
}
