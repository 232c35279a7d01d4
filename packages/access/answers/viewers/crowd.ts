/**
 * Many people by numbers: what is known of some of them is looked up once for each of those, not for each of all, and
 * everything else is a look into an array.
 */
export interface Crowd {
  /** What is said of some of them, by number; of nobody else. */
  numbered<T>(known: ReadonlyMap<string, T>): ReadonlyMap<number, T>;
  /** What `visit` tells of people, by number; of whom it does not tell nothing is there. */
  sorted<T>(visit: (see: (id: string, known: T) => boolean) => void): (T | undefined)[];
  /** Who is in which of these groups, told by their places in the list; until the next ones are asked for. */
  memberships(groups: readonly (readonly string[])[]): Memberships;
}

export interface Memberships {
  /** Puts the places of somebody's groups, in order, instead of what is there. */
  put(into: number[], person: number): void;
}

const nowhere = -1;

/** In order of the ids, which are each there once. */
export function crowdOf(ids: readonly string[]): Crowd {
  let numbers: Map<string, number> | undefined;
  const known = (): Map<string, number> => {
    if (numbers !== undefined) return numbers;
    numbers = new Map();
    for (let number = 0; number < ids.length; number += 1) numbers.set(ids[number] ?? '', number);
    return numbers;
  };
  return {
    numbered<T>(told: ReadonlyMap<string, T>) {
      const found = new Map<number, T>();
      if (told.size === 0) return found;
      for (const [id, value] of told) {
        const number = known().get(id);
        if (number !== undefined) found.set(number, value);
      }
      return found;
    },
    sorted<T>(visit: (see: (id: string, known: T) => boolean) => void) {
      const found = ids.map((): T | undefined => undefined);
      const numbers = known();
      visit((id, one) => {
        const number = numbers.get(id);
        if (number !== undefined) found[number] = one;
        return true;
      });
      return found;
    },
    memberships: (groups) => membershipsOf(ids.length, known, groups),
  };
}

/** Room for chains, used again by the next question: nothing of it outlives the reading of a list. */
let room = new Int32Array(0);

function roomFor(length: number): Int32Array {
  if (room.length < length) room = new Int32Array(length);
  return room.subarray(0, length);
}

/**
 * A chain for each person, of a link for each of their groups; the last group's links are made first. Of each person
 * the place of their first link; of each link its group, and the place of the next one.
 */
function membershipsOf(
  people: number,
  known: () => ReadonlyMap<string, number>,
  groups: readonly (readonly string[])[],
): Memberships {
  const most = groups.reduce((sum, { length }) => sum + length, 0);
  if (most === 0) return { put: (into) => into.splice(0) };
  const chains = roomFor(people + 2 * most);
  chains.fill(nowhere, 0, people);
  const numbers = known();
  let link = people;
  for (let place = groups.length - 1; place >= 0; place -= 1) {
    for (const id of groups[place] ?? []) {
      const number = numbers.get(id);
      if (number === undefined) continue;
      chains[link] = place;
      chains[link + 1] = chains[number] ?? nowhere;
      chains[number] = link;
      link += 2;
    }
  }
  return {
    put(into, person) {
      let count = 0;
      for (let at = chains[person] ?? nowhere; at !== nowhere; at = chains[at + 1] ?? nowhere) {
        into[count] = chains[at] ?? 0;
        count += 1;
      }
      into.length = count;
    },
  };
}
