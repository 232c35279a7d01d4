import type { Evidence, PlacedEvidence } from '../../checks/types.ts';
import type { Decision, Waiver } from '../../decisions/types.ts';
import type { PolicyVersion } from '../../policies/types.ts';
import type { Posture } from '../../posture/types.ts';
import type { ReportsDeps, Told } from '../types.ts';
import { type Tally, type Tallying, tallyOf } from './tally.ts';

/** The tenant whose people run the platform. */
export const house = 1;

/** What happened in [from, until), read once. */
export interface Period {
  readonly from: number;
  readonly until: number;
  /** How things stood at the last millisecond of it. */
  readonly end: Posture;
  readonly tallies: ReadonlyMap<string, Tally>;
  /** Pieces of evidence received in it. */
  readonly evidence: number;
  /** Versions of the product that ran, with the digest of its code, and the pieces of evidence of each. */
  readonly ran: ReadonlyMap<string, number>;
  /** In force at its end or made in it, newest first. */
  readonly decisions: readonly Decision[];
  readonly waivers: readonly Waiver[];
  /** Every version that was in force before its end. */
  readonly policies: readonly PolicyVersion[];
  /** Of each person of the workforce, now: how many policies are acknowledged, and how many owed. */
  readonly acknowledged: readonly { readonly done: number; readonly owed: number }[];
}

/** Told every so many pieces. */
const step = 2_000;

/** What ran, in words. */
const versionOf = ({ code: { version, digest, programme } }: Evidence): string =>
  `${version} (code ${digest.slice(0, 16)}, programme ${programme.slice(0, 16)})`;

interface Streamed extends Pick<Period, 'tallies' | 'evidence' | 'ran'> {
  /** Of each check the newest evidence before the period. */
  readonly before: readonly PlacedEvidence[];
}

/** Reads the evidence of the period once; `each` sees every piece in the order of receipt. */
export async function stream(
  { checks, evidence }: Pick<ReportsDeps, 'checks' | 'evidence'>,
  span: { readonly from: number; readonly until: number },
  each: (placed: PlacedEvidence) => void = () => undefined,
  told: Told = () => undefined,
): Promise<Streamed> {
  const { from, until } = span;
  const tallying = new Map<string, Tallying>();
  const of = (check: string): Tallying => {
    const known = tallying.get(check) ?? tallyOf(check, checks.get(check)?.every_s ?? 0, span);
    tallying.set(check, known);
    return known;
  };
  for (const check of checks.keys()) of(check);
  const { found } = await evidence.newest(from - 1);
  for (const { evidence: one } of found.values()) of(one.check).before(one);
  const ran = new Map<string, number>();
  let count = 0;
  for await (const placed of evidence.period(from, until)) {
    const { evidence: one } = placed;
    of(one.check).take(one);
    const version = versionOf(one);
    ran.set(version, (ran.get(version) ?? 0) + 1);
    each(placed);
    count += 1;
    if (count % step === 0) told('Reading the evidence', (one.at - from) / (until - from));
  }
  const tallies = new Map([...tallying].map(([check, one]) => [check, one.finish()]));
  return { tallies, evidence: count, ran, before: [...found.values()] };
}

/** Every version of every policy of the house that came into force before a moment. */
async function policiesBefore({ policies }: Pick<ReportsDeps, 'policies'>, until: number): Promise<PolicyVersion[]> {
  const ids = [...new Set((await policies.list(house)).map(({ policy }) => policy))].sort();
  const found: PolicyVersion[] = [];
  for (const id of ids) found.push(...(await policies.versions(house, id)));
  return found.filter(({ published_at }) => published_at !== undefined && published_at < until);
}

const newestFirst = (one: { readonly at: number }, other: { readonly at: number }): number => other.at - one.at;

/** Of each control the decision in force at the end, and those that were made in the period. */
function decisionsIn(all: readonly Decision[], from: number, until: number): Decision[] {
  const known = new Set<string>();
  return [...all]
    .filter(({ at }) => at < until)
    .sort(newestFirst)
    .filter((one) => {
      const counts = one.at >= from || !known.has(one.control);
      known.add(one.control);
      return counts;
    });
}

/** Everything that a report or a bundle over [from, until) says. */
export async function readPeriod(
  deps: ReportsDeps,
  span: { readonly from: number; readonly until: number },
  each?: (placed: PlacedEvidence) => void,
  told?: Told,
): Promise<Period & Pick<Streamed, 'before'>> {
  const { from, until } = span;
  const streamed = await stream(deps, span, each, told);
  const end = await deps.postureAt(until - 1);
  const decisions = decisionsIn(await deps.decisions.list(house), from, until);
  const waivers = (await deps.decisions.waivers.list(house)).filter(
    (one) => one.from < until && Math.min(one.until, one.ended_at ?? one.until) > from,
  );
  const policies = await policiesBefore(deps, until);
  const people = await deps.policies.acknowledgements(house);
  const acknowledged = people.map(({ done, owed }) => ({ done: done.length, owed: owed.length }));
  return { from, until, ...streamed, end, decisions, waivers, policies, acknowledged };
}

/** Of each policy the version in force at the end. */
export function inForce({ policies }: Pick<Period, 'policies'>): PolicyVersion[] {
  const newest = new Map<string, PolicyVersion>();
  for (const one of policies) if (one.number > (newest.get(one.policy)?.number ?? 0)) newest.set(one.policy, one);
  return [...newest.values()];
}
