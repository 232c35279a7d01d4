import { createAlike, type HeldList } from './alike.ts';
import { grantedTo } from './holdings.ts';
import type { HoldingList, Snapshot } from './snapshot.ts';

/** What accounts hold by grants at one moment. */
export interface Lists {
  /** How many accounts hold anything, at most. */
  readonly size: number;
  /** Ids of accounts that hold anything by grants, each with all of it, until `see` answers false. */
  visit(see: (account: string, list: HeldList) => boolean): void;
  of(account: string): HeldList;
}

const numbering = new WeakMap<Snapshot, ReturnType<typeof createAlike>>();

export function listsOf(snapshot: Snapshot, at: number): Lists {
  const { accounts, held } = snapshot;
  const alikeOf = numbering.get(snapshot) ?? createAlike();
  numbering.set(snapshot, alikeOf);
  const nothing: HeldList = { holdings: [], alike: alikeOf([]) };
  const numbered = (list: HoldingList): HeldList => {
    list.alike ??= alikeOf(list.holdings);
    return list as HoldingList & HeldList;
  };
  return {
    size: accounts.size,
    visit(see) {
      for (const [id, account] of accounts) {
        const list = grantedTo(account, at);
        if (list.holdings.length > 0 && !held.has(id) && !see(id, numbered(list))) return;
      }
    },
    of(account) {
      const grants = accounts.get(account);
      return grants === undefined || held.has(account) ? nothing : numbered(grantedTo(grants, at));
    },
  };
}
