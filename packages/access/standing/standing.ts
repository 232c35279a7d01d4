import type { Principal } from '@safeguard/http';
import type { CompiledPolicy } from '../policy/compiled.ts';
import type { StandingDeps } from './deps.ts';
import { createEntitle, createFacts } from './entitle.ts';
import { grantedTo, heldBy } from './holdings.ts';
import { createKnown } from './known.ts';
import { type Lists, listsOf } from './lists.ts';
import { createLooks } from './looks.ts';
import type { Snapshot } from './snapshot.ts';
import type { Entitle, Holding } from './types.ts';
import { createUses } from './used.ts';

const minute_ms = 60_000;

/** Who holds what by grants, at one moment. Relationships are told by `people`. */
export interface Holders {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly policy: CompiledPolicy;
  /** Whether an account is on hold: then it sees nothing, by whatever rule. */
  isHeld(account: string): boolean;
  /** Ids of accounts that hold anything by grants, each with all of it. */
  each(): IterableIterator<readonly [string, readonly Holding[]]>;
  of(account: string): readonly Holding[];
  /** The same for many accounts. */
  readonly lists: Lists;
  /** By grants, and by what `identity` says of the account. */
  held(principal: Principal): readonly Holding[];
}

export interface Standings {
  readonly entitle: Entitle;
  /** For who-can-see. Fault `unavailable`. */
  holdersOf(tenant: number): Promise<Holders>;
  /** A change of rights in this process: the next request looks first. */
  forget(tenant: number): void;
  /** A grant let something through; written within a minute. Lost with the process, at most that minute. */
  used(tenant: number, grant: string, at: number): void;
  /** Writes the uses that are still in memory. */
  close(): Promise<void>;
}

function* each({ accounts, held }: Snapshot, at: number): IterableIterator<readonly [string, readonly Holding[]]> {
  for (const [id, account] of accounts) {
    const { holdings } = grantedTo(account, at);
    if (holdings.length > 0 && !held.has(id)) yield [id, holdings];
  }
}

/** What everybody holds at the moment of each request, from memory that is at most a second old. */
export function createStanding(deps: StandingDeps): Standings {
  const ticks = deps.ticks ?? (() => performance.now());
  const looks = createLooks(deps, ticks);
  const uses = createUses(deps.segment, deps.log);
  const sources = { snapshot: looks.of, facts: createFacts(deps, createKnown(ticks)) };
  const every = setInterval(() => {
    looks.sweep();
    uses.flush().catch((error: unknown) => deps.log.warn('the last use of grants could not be written', { error }));
  }, minute_ms);
  every.unref();
  return {
    entitle: createEntitle(deps, sources),
    async holdersOf(tenant) {
      const [snapshot, policy] = [await looks.of(tenant), await deps.policies.active(tenant)];
      const at = deps.clock.now();
      const lists = listsOf(snapshot, at);
      return {
        ...{ at, policy, lists, each: () => each(snapshot, at), of: (account) => lists.of(account).holdings },
        isHeld: (account) => snapshot.held.has(account),
        held: (principal) => heldBy(snapshot, principal, at).holdings,
      };
    },
    forget: looks.forget,
    used: uses.note,
    async close() {
      clearInterval(every);
      await uses.flush();
    },
  };
}
