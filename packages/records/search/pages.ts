import { parseWritten, typeNumber } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Level } from './clinical-stream.ts';
import { drain, type Hit, opened, take, type Verifying } from './found.ts';
import { type Sources, streamOf } from './level-stream.ts';
import { isExact } from './node.ts';
import type { From } from './position.ts';
import { comparePlaces, type SortKey, type SortPlace } from './sort.ts';
import { sortedAlong } from './sort-along.ts';
import { allSql, type Sorted, type SortWindow, type SqlKey, sortedCandidates } from './sort-sql.ts';

/** What a page is taken from: the levels in their order, and the keys by which their answers are sorted. */
export interface Question {
  readonly levels: readonly Level[];
  readonly keys: readonly SortKey[];
  readonly count: number;
  readonly bound: number | undefined;
  readonly from: From | undefined;
}

export interface Page {
  readonly hits: readonly Hit[];
  /** From where the pages around this one start; absent where there is none. */
  readonly next?: From;
  readonly previous?: From;
  /** Of the whole result, where there are other pages. */
  readonly bound: number | undefined;
}

/** Resources that may be sorted in memory. */
export const sorted_most = 20_000;

const none = Number.MAX_SAFE_INTEGER;

/** A hit with the place that a link to what is beyond it holds. */
interface Placed {
  readonly hit: Hit;
  readonly type: string;
  readonly place: From['place'];
}

/** One page of a search. */
export async function pageOf(sources: Sources, verifying: Verifying, question: Question): Promise<Page> {
  const { from, levels, count } = question;
  const back = from?.back === true;
  const { placed, more } = await placedPage(sources, verifying, question);
  const found = back ? placed.toReversed() : placed;
  const hits = found.map(({ hit }) => hit);
  const around = more || from !== undefined;
  const bound = around ? await knownBound(sources, question) : question.bound;
  const first = found[0];
  const last = found.at(-1);
  const hasNext = back ? true : more;
  const hasPrevious = back ? more : from !== undefined;
  const end = last ?? (from && { type: from.type, place: from.place });
  const start = first ?? (from && { type: from.type, place: from.place });
  return {
    hits,
    bound,
    ...(hasNext && end && count > 0 && levels.length > 0 ? { next: fromOf(end, false) } : {}),
    ...(hasPrevious && start ? { previous: fromOf(start, true) } : {}),
  };
}

const fromOf = ({ type, place }: { type: string; place: From['place'] }, back: boolean): From => ({
  back,
  type,
  place,
});

function knownBound(sources: Sources, { bound, levels }: Question): Promise<number> | number {
  if (bound !== undefined) return bound;
  const [first] = levels;
  if (first === undefined) return 0;
  return sources.bound(
    first.tenant,
    levels.map(({ type }) => typeNumber(type)),
  );
}

interface PlacedPage {
  readonly placed: readonly Placed[];
  readonly more: boolean;
}

function placedPage(sources: Sources, verifying: Verifying, question: Question): Promise<PlacedPage> {
  const { keys, levels } = question;
  if (keys.length === 0) return inOrder(sources, verifying, question);
  const [only] = levels;
  if (levels.length === 1 && only && allSql(keys) && isExact(only.node)) {
    return sortedBySql(sources, verifying, question, only, keys);
  }
  return sortedInMemory(sources, verifying, question);
}

/** Level after level, each in its own order. */
async function inOrder(sources: Sources, verifying: Verifying, question: Question): Promise<PlacedPage> {
  const { levels, count, from, bound = none } = question;
  const back = from?.back === true;
  const order = back ? levels.toReversed() : levels;
  const start = Math.max(
    0,
    order.findIndex(({ type }) => type === from?.type),
  );
  const placed: Placed[] = [];
  for (const [index, level] of order.slice(from === undefined ? 0 : start).entries()) {
    const beyond = index === 0 && from !== undefined && typeof from.place !== 'object' ? from.place : undefined;
    const stream = await streamOf(sources, level, { beyond, bound, descending: back });
    const { hits, more } = await take(verifying, level.node, stream, count - placed.length);
    placed.push(...hits.map((hit) => ({ hit, type: level.type, place: hit.place })));
    if (more) return { placed, more: true };
  }
  return { placed, more: false };
}

async function sortedBySql(
  sources: Sources,
  verifying: Verifying,
  { count, from, bound = none }: Question,
  level: Level,
  keys: readonly SqlKey[],
): Promise<PlacedPage> {
  const beyond = typeof from?.place === 'object' ? from.place : undefined;
  const window = { beyond, bound, backwards: from?.back === true, limit: count + 1 };
  const found = await sortedRows(sources, level, keys, window);
  const places = new Map(found.map(({ row, sorted }) => [row.id, sorted]));
  const hits = await opened(verifying, level.node, true, found.slice(0, count));
  const placed = hits.map((hit) => ({
    hit,
    type: level.type,
    place: places.get(hit.row.id) ?? { values: [], seq: hit.row.seq },
  }));
  return { placed, more: found.length > count };
}

/** Along an index of the one key where the page is filled sooner than all is sorted. */
async function sortedRows(
  { clinical, chooser }: Sources,
  level: Level,
  keys: readonly SqlKey[],
  window: SortWindow,
): Promise<Sorted[]> {
  const [key] = keys;
  const along = keys.length === 1 && (await chooser.choose(level)).driver.kind === 'type' ? key?.along : undefined;
  const found = along && (await sortedAlong(clinical, level, along, window));
  return found ?? sortedCandidates(clinical, level, await chooser.choose(level, true), keys, window);
}

/** Opens every answer to sort it: only so many. */
async function sortedInMemory(sources: Sources, verifying: Verifying, question: Question): Promise<PlacedPage> {
  const { levels, keys, count, from, bound = none } = question;
  const back = from?.back === true;
  const all: (Placed & { readonly place: SortPlace })[] = [];
  for (const level of levels) {
    const stream = await streamOf(sources, level, { beyond: undefined, bound, descending: false });
    for (const hit of await drain(verifying, level.node, stream, sorted_most - all.length)) {
      const parsed = (): JsonObject => hit.resource ?? (parseWritten(hit.text) as JsonObject);
      const place = { values: keys.map((key) => key.value(hit.row, parsed)), seq: hit.row.seq };
      all.push({ hit, type: level.type, place });
    }
  }
  const sign = back ? -1 : 1;
  all.sort((one, other) => sign * comparePlaces(keys, one.place, other.place));
  const beyond = typeof from?.place === 'object' ? from.place : undefined;
  const rest = beyond ? all.filter(({ place }) => sign * comparePlaces(keys, place, beyond) > 0) : all;
  return { placed: rest.slice(0, count), more: rest.length > count };
}
