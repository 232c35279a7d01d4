import { letters } from '../../interactions.ts';
import { cellIn, type SubjectRules } from '../../policy/compile-index.ts';
import type { CompiledRule } from '../../policy/compile-rules.ts';
import type { Rows } from './rows.ts';

/** A rule on a type, with the places of its letters that the matrix lets through: a bit each. */
export interface Placed {
  readonly rule: CompiledRule;
  readonly places: number;
}

function find(rules: SubjectRules, type: string): Placed[] {
  const found = new Map<CompiledRule, number>();
  for (let place = 0; place < letters.length; place += 1) {
    const { permits, forbids } = cellIn(rules, type, place);
    for (const rule of permits) found.set(rule, (found.get(rule) ?? 0) | (1 << place));
    for (const rule of forbids) found.set(rule, (found.get(rule) ?? 0) | (1 << place));
  }
  return Array.from(found, ([rule, places]) => ({ rule, places }));
}

/** As long as the policy is there: it is the same for every patient. */
const known = new WeakMap<SubjectRules, Map<string, readonly Placed[]>>();

/** The rules of a subject on a type. */
export function placedOn(rules: SubjectRules, type: string): readonly Placed[] {
  const byType = known.get(rules) ?? new Map<string, readonly Placed[]>();
  if (byType.size === 0) known.set(rules, byType);
  const before = byType.get(type);
  if (before !== undefined) return before;
  const made = find(rules, type);
  byType.set(type, made);
  return made;
}

const wild = new WeakMap<SubjectRules, boolean>();

/** Whether a rule is about types that none names. */
function isWild(rules: SubjectRules): boolean {
  const before = wild.get(rules);
  if (before !== undefined) return before;
  const made = [...rules.open, ...rules.shut].some(({ permits, forbids }) => permits.length + forbids.length > 0);
  wild.set(rules, made);
  return made;
}

/** The types that a subject's rules may be about; there may be none of them among the rows. */
export const typesOf = (rules: SubjectRules, byType: Rows['byType']): Iterable<string> =>
  isWild(rules) ? byType.keys() : rules.named.keys();
