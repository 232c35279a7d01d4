import { purposesAbove } from '../../consent/vocabulary.ts';
import { purposesOfUse } from '../../policies/purposes.ts';
import type { RuleIndex } from '../../policy/compile-index.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import type { Context } from '../../policy/occasion.ts';

/** What requests may be for, in classes: within one, neither a rule nor a Consent tells the codes apart. */
export interface Purposes {
  classOf(purpose: string): number;
  /** One of each class, by its number: what can be said in a request. */
  readonly sayable: readonly string[];
}

const known = new WeakMap<RuleIndex, ReadonlySet<Context | undefined>>();

/** Of all rules, each once: there are few. */
function contextsOf(index: RuleIndex): ReadonlySet<Context | undefined> {
  const contexts = known.get(index) ?? new Set(index.rules.map(({ context }) => context));
  known.set(index, contexts);
  return contexts;
}

/** `tokens`: what the patients' Consents ask of a caller. */
export function purposesOf({ index }: CompiledPolicy, tokens: ReadonlySet<string>): Purposes {
  const named = new Map<string, ReadonlySet<string>>();
  for (const context of contextsOf(index)) {
    if (context?.purposes) named.set([...context.purposes].sort().join(), context.purposes);
  }
  const sets = [...named.values()];
  const keyOf = (code: string): string => {
    const own = purposesAbove(code).filter((one) => tokens.has(`for ${one}`));
    return [...sets.map((set) => (set.has(code) ? '1' : '0')), ...own].join();
  };
  const keys = new Map<string, number>();
  const classes = new Map<string, number>();
  const classOf = (code: string): number => {
    const before = classes.get(code);
    if (before !== undefined) return before;
    const key = keyOf(code);
    const known = keys.get(key) ?? keys.size;
    keys.set(key, known);
    classes.set(code, known);
    return known;
  };
  const sayable: string[] = [];
  for (const code of purposesOfUse) sayable[classOf(code)] ??= code;
  return { classOf, sayable };
}
