import { type Alike, createAlike, type HeldList } from './alike.ts';
import { grantedTo } from './holdings.ts';
import type { HoldingList, Snapshot } from './snapshot.ts';

/** What accounts hold by grants at one moment. */
export interface Lists {
  /** How many accounts hold anything, at most. */
  readonly size: number;
  /** Ids of accounts that hold anything by grants, each with all of it, until `see` answers false. */
  visit(see: (account: string, list: HeldList) => boolean): void;
  of(account: string): HeldList;
  readonly sampleOf: Alike['sampleOf'];
}

const numbering = new WeakMap<Snapshot, Alike>();

function begin(snapshot: Snapshot): Alike {
  const made = createAlike();
  numbering.set(snapshot, made);
  return made;
}

export function listsOf(snapshot: Snapshot, at: number): Lists {
  const { accounts, held } = snapshot;
  const { numberOf, sampleOf } = numbering.get(snapshot) ?? begin(snapshot);
  const nothing: HeldList = { holdings: [], alike: numberOf([]) };
  const numbered = (list: HoldingList): HeldList => {
    list.alike ??= numberOf(list.holdings);
    return list as HoldingList & HeldList;
  };
  return {
    sampleOf,
    size: accounts.size,
    visit(see) {
      let isWanted = true;
      // Of 100,000 accounts an iterator would make as many pairs.
      accounts.forEach((account, id) => {
        if (!isWanted) return;
        const list = grantedTo(account, at);
        if (list.holdings.length > 0 && !held.has(id)) isWanted = see(id, numbered(list));
      });
    },
    of(account) {
      const grants = accounts.get(account);
      return grants === undefined || held.has(account) ? nothing : numbered(grantedTo(grants, at));
    },
  };
}
