import type { Principal } from '@safeguard/http';
import type { OpenStanding } from '../standing/types.ts';
import { compileHours } from './occasion-hours.ts';
import { compileNetworks } from './occasion-networks.ts';
import type { Where } from './types.ts';

/** What a rule asks of the occasion, whatever the row. Equal ones of a policy are one object. */
export interface Context {
  readonly purposes: ReadonlySet<string> | undefined;
  readonly isNear: ((address: string) => boolean) | undefined;
  readonly isOpen: ((at: number) => boolean) | undefined;
  readonly fresh_ms: number | undefined;
  readonly test: boolean;
}

export type ContextPart = 'purpose' | 'network' | 'hours' | 'fresh' | 'test';

const partsOf = ({ purposes, networks, hours, fresh_s, test }: Where) => ({ purposes, networks, hours, fresh_s, test });

/** Makes contexts, each once. Throws RangeError for a zone or network that is none. */
export function createContexts(): (where: Where) => Context | undefined {
  const known = new Map<string, Context>();
  return (where) => {
    const parts = partsOf(where);
    const key = JSON.stringify(parts);
    if (key === '{}') return undefined;
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = contextOf(parts);
    known.set(key, made);
    return made;
  };
}

function contextOf({ purposes, networks, hours, fresh_s, test }: ReturnType<typeof partsOf>): Context {
  const isNear = networks && compileNetworks(networks);
  if (networks !== undefined && isNear === undefined) throw new RangeError('no network in CIDR');
  return {
    purposes: purposes && new Set(purposes),
    isNear,
    isOpen: hours && compileHours(hours),
    fresh_ms: fresh_s === undefined ? undefined : fresh_s * 1000,
    test: test === true,
  };
}

/** Where the moment and the place of a request are kept, judged once for all rules with the same context. */
export interface OccasionMemo {
  occasions: Map<Context, ContextPart | 'none'> | undefined;
}

function placeAndTime(context: Context, { at, network }: OpenStanding): ContextPart | 'none' {
  if (context.isNear?.(network) === false) return 'network';
  return context.isOpen?.(at) === false ? 'hours' : 'none';
}

/** A factor of a person, shown not longer ago. Clients show none. */
const isFresh = ({ assurance }: Principal, at: number, fresh_ms: number): boolean =>
  assurance !== undefined && at - assurance.at <= fresh_ms;

/** The first condition that the occasion does not fulfil; undefined: it fulfils all. */
export function missed(
  context: Context,
  principal: Principal,
  open: OpenStanding,
  memo: OccasionMemo,
): ContextPart | undefined {
  if (context.test && !open.testTenant) return 'test';
  if (context.purposes?.has(open.purpose) === false) return 'purpose';
  if (context.fresh_ms !== undefined && !isFresh(principal, open.at, context.fresh_ms)) return 'fresh';
  if (context.isNear === undefined && context.isOpen === undefined) return undefined;
  memo.occasions ??= new Map();
  let found = memo.occasions.get(context);
  if (found === undefined) {
    found = placeAndTime(context, open);
    memo.occasions.set(context, found);
  }
  return found === 'none' ? undefined : found;
}
