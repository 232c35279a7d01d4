import type { Principal } from '@safeguard/http';
import type { Holding, OpenStanding, StandingFacts } from '../standing/types.ts';
import { cellIn, type RuleIndex, type SubjectRules } from './compile-index.ts';
import type { CompiledRule } from './compile-rules.ts';
import { missed, type OccasionMemo } from './occasion.ts';

/** A rule that names a person by what they are or hold; it counts only as the occasion and the row allow. */
export interface Candidate {
  readonly rule: CompiledRule;
  /** The role's holding that it matches through; undefined: it names the person otherwise. */
  readonly holding: Holding | undefined;
}

/**
 * What of the policy names one person: kept as long as what they hold is the same. Nothing of the occasion is in it,
 * and no rule stands in it by itself, so that it stays small however large the policy is.
 */
export interface Person {
  readonly index: RuleIndex;
  readonly kind: Principal['kind'];
  readonly id: string;
  readonly groups: readonly string[];
  /** The rules of each way in which the policy names them; side by side with the holding that it is, if it is one. */
  readonly sources: readonly SubjectRules[];
  /** Their numbers. */
  readonly numbers: readonly number[];
  readonly through: readonly (Holding | undefined)[];
}

type Asking = Pick<Principal, 'kind' | 'id'>;

function sourcesOf(
  index: RuleIndex,
  { kind, id }: Asking,
  { holdings, groups }: Pick<StandingFacts, 'holdings' | 'groups'>,
): Pick<Person, 'sources' | 'numbers' | 'through'> {
  const sources: SubjectRules[] = [];
  const through: (Holding | undefined)[] = [];
  const take = (rules: SubjectRules | undefined, holding?: Holding): void => {
    if (rules === undefined) return;
    sources.push(rules);
    through.push(holding);
  };
  for (const holding of holdings) take(index.roles.get(holding.role), holding);
  take((kind === 'client' ? index.clients : index.users).get(id));
  for (const group of groups) take(index.groups.get(group));
  take(index.everyone);
  return { sources, numbers: sources.map(({ number }) => number), through };
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one === other || (one.length === other.length && one.every((each, index) => each === other[index]));

const isFor = (person: Person, index: RuleIndex, { kind, id }: Asking, groups: readonly string[]): boolean =>
  person.index === index && person.kind === kind && person.id === id && isSame(person.groups, groups);

/** Of people who share one list of holdings (services do), those that are remembered. */
const people_most = 10_000;
const people = new WeakMap<readonly Holding[], Map<string, Person>>();

/**
 * What of the policy names a person. Remembered by the list of holdings, which therefore must never change: only of a
 * frozen one (`makeStanding` freezes it).
 */
export function personOf(asking: Asking, open: Pick<OpenStanding, 'policy' | 'holdings' | 'groups'>): Person {
  const { index } = open.policy;
  const known = people.get(open.holdings);
  const before = known?.get(asking.id);
  if (before !== undefined && isFor(before, index, asking, open.groups)) return before;
  const { kind, id } = asking;
  const made = { index, kind, id, groups: open.groups, ...sourcesOf(index, asking, open) };
  if (!Object.isFrozen(open.holdings)) return made;
  const kept = known ?? new Map<string, Person>();
  if (known === undefined) people.set(open.holdings, kept);
  if (kept.size >= people_most) kept.clear();
  kept.set(id, made);
  return made;
}

/** The rules of a person for a letter, by its place, on a type. */
export function candidatesOf(
  { sources, through }: Person,
  effect: 'permits' | 'forbids',
  type: string,
  place: number,
): Candidate[] {
  return sources.flatMap((rules, way) =>
    cellIn(rules, type, place)[effect].map((rule) => ({ rule, holding: through[way] })),
  );
}

/** A holding counts until it ends, to the millisecond. */
export const isHeld = (holding: Holding | undefined, at: number): boolean =>
  holding?.until === undefined || at < holding.until;

/** How wide the widest view is that a permit opens at this moment; undefined: no permit does. */
export function widestOf(
  person: Person,
  principal: Principal,
  open: OpenStanding,
  memo: OccasionMemo,
): number | undefined {
  let widest: number | undefined;
  for (const [way, { views }] of person.sources.entries()) {
    if (!isHeld(person.through[way], open.at)) continue;
    for (const { width, context } of views) {
      if (widest !== undefined && width <= widest) break;
      if (context === undefined || missed(context, principal, open, memo) === undefined) widest = width;
    }
  }
  return widest;
}
