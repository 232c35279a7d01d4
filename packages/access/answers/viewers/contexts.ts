import type { CompiledPolicy } from '../../policy/compiled.ts';
import { usualPurpose } from '../../standing/occasion.ts';
import type { Holding } from '../../standing/types.ts';
import type { Withheld } from './consents.ts';
import type { Found, Somebody } from './own-ways.ts';
import type { Shape } from './types.ts';
import type { Judged, Judging } from './ways.ts';

/** What is taken from all of somebody's ways, by the numbers of masks: surely, perhaps, by consents. */
interface Taken {
  readonly sure: number;
  readonly doubted: number;
  readonly consents: number;
}

/** All that what a way shows depends on besides the way itself. People of one context are judged once. */
export interface Context {
  readonly number: number;
  /** What they ask for when they do not say, and its class. */
  readonly purpose: string;
  readonly kind: number;
  /** Of their ways those that may forbid something; their number. */
  readonly forbids: readonly Judged[];
  readonly set: number;
  /** From whom consents take the same. */
  readonly caller: number;
  /** For a class of purposes, and one of it. */
  takenAt(kind: number, purpose: string): Taken;
}

export interface Contexts {
  of(shape: Shape, who: Pick<Somebody, 'id' | 'holdings'>, ways: readonly Found[]): Context;
  /** The same with one way more. */
  with(context: Context, way: Found): Context;
}

interface Deps {
  readonly policy: CompiledPolicy;
  readonly judging: Judging;
  readonly withheld: Withheld | undefined;
}

/** What somebody asks for when they do not say, and its class. */
type Usual = Pick<Context, 'purpose' | 'kind'>;

/** Sets of ways that forbid, by numbers; 0 is the empty one. */
function createSets() {
  const all: (readonly Judged[])[] = [[]];
  const known = new Map<number, number>();
  return {
    of: (set: number): readonly Judged[] => all[set] ?? [],
    with(set: number, one: Judged): number {
      const key = set * 2 ** 24 + one.number;
      const before = known.get(key);
      if (before !== undefined) return before;
      known.set(key, all.length);
      return all.push([...(all[set] ?? []), one]) - 1;
    },
  };
}

export function createContexts({ policy, judging: { masks, purposes }, withheld }: Deps): Contexts {
  const sets = createSets();
  const known = new Map<number, Context>();
  const usual = new Map<string | undefined, Usual>();

  function usualOf(holdings: readonly Holding[]): Usual {
    const role = holdings[0]?.role;
    const before = usual.get(role);
    if (before !== undefined) return before;
    const purpose = usualPurpose(policy.policy, holdings);
    const made = { purpose, kind: purposes.classOf(purpose) };
    usual.set(role, made);
    return made;
  }

  function make(set: number, caller: number, { purpose, kind }: Usual): Context {
    const forbids = sets.of(set);
    const taken: Taken[] = [];
    const find = (at: number, by: string): Taken => {
      const own = forbids.map((one) => one.at(at, by));
      return {
        sure: own.reduce((sum, { forbidden }) => masks.union(sum, forbidden), 0),
        doubted: own.reduce((sum, { doubted }) => masks.union(sum, doubted), 0),
        consents: withheld === undefined ? 0 : masks.numberOf(withheld.from(caller, by)),
      };
    };
    return {
      ...{ number: known.size, purpose, kind, forbids, set, caller },
      takenAt(at, by) {
        taken[at] ??= find(at, by);
        return taken[at];
      },
    };
  }

  function cached(set: number, caller: number, asking: Usual): Context {
    const key = (set * 2 ** 20 + caller) * 64 + asking.kind;
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = make(set, caller, asking);
    known.set(key, made);
    return made;
  }

  const withOne = (set: number, way: Found): number => (way?.forbids === true ? sets.with(set, way) : set);

  return {
    of(shape, { id, holdings }, ways) {
      const caller = withheld === undefined ? 0 : withheld.classOf({ id, shape, holdings });
      return cached(ways.reduce(withOne, 0), caller, usualOf(holdings));
    },
    with: (context, way) =>
      way?.forbids === true ? cached(sets.with(context.set, way), context.caller, context) : context,
  };
}
