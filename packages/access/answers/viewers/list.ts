import type { Viewer, ViewerList } from '../../api/answers.ts';
import type { Holding } from '../../standing/types.ts';
import type { Reason } from './types.ts';

/** Whose entries these are. */
export type Whose = Pick<Viewer, 'kind' | 'id' | 'name'>;

/** What many people have in common: by which of their holdings they see anything, and as everybody does. */
export interface Head {
  /** By the place of the holding; null: it shows nothing. */
  readonly reasons: readonly (Reason | null)[];
  readonly everyone: Reason | null;
}

/** A list that is being made. */
export interface Entries {
  /** A way of its own (by name, by a group) of the person that `close` will name. */
  put(reason: Reason): void;
  /** Everything put since the last one was theirs; who has nothing is not in the list. */
  close(whose: Whose, holdings: readonly Holding[], head: Head): void;
  done(): ViewerList;
}

type Entry = { -readonly [K in keyof Viewer]: Viewer[K] };

function entryOf({ kind, id, name }: Whose, { rule, view, letters, when }: Reason, holding?: Holding): Viewer {
  const entry: Entry = { kind, id, rule, view, letters };
  if (name !== undefined) entry.name = name;
  if (holding !== undefined) {
    entry.role = holding.role;
    if (holding.grant !== undefined) entry.grant = holding.grant;
    if (holding.until !== undefined) entry.until = holding.until;
  }
  if (when !== undefined) entry.when = when;
  return entry;
}

const isEmpty = ({ reasons, everyone }: Head): boolean => everyone === null && reasons.every((one) => one === null);

/** Columns, a person's side by side: no entry is made before somebody reads it. `most`: people and programs. */
export function createEntries(most: number): Entries {
  const ids = new Array<string>(most);
  const heads = new Array<Head>(most);
  const held = new Array<readonly Holding[]>(most);
  const own: Reason[] = [];
  /** By person: the place after the last reason of their own. */
  const ends = new Int32Array(most);
  const programs = new Map<number, string | undefined>();
  let [size, end] = [0, 0];

  function whoseAt(place: number): Whose {
    const id = ids[place] ?? '';
    if (!programs.has(place)) return { kind: 'account', id };
    const name = programs.get(place);
    return { kind: 'client', id, ...(name === undefined ? {} : { name }) };
  }

  function of(place: number): Viewer[] {
    const [whose, head, holdings] = [whoseAt(place), heads[place], held[place]];
    if (head === undefined) return [];
    const entries = head.reasons.flatMap((reason, index) =>
      reason === null ? [] : entryOf(whose, reason, holdings?.[index]),
    );
    for (const reason of own.slice(ends[place - 1] ?? 0, ends[place])) entries.push(entryOf(whose, reason));
    if (head.everyone !== null) entries.push(entryOf(whose, head.everyone));
    return entries;
  }

  return {
    put: (reason) => own.push(reason),
    close({ kind, id, name }, holdings, head) {
      if (own.length === end && isEmpty(head)) return;
      if (kind === 'client') programs.set(size, name);
      end = own.length;
      ids[size] = id;
      heads[size] = head;
      held[size] = holdings;
      ends[size] = end;
      size += 1;
    },
    done: () => ({
      size,
      page: (from, count) =>
        Array.from({ length: Math.max(0, Math.min(count, size - from)) }, (_, index) => of(from + index)),
      *[Symbol.iterator]() {
        for (let place = 0; place < size; place += 1) yield* of(place);
      },
    }),
  };
}
