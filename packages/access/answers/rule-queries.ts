import type { CompiledPolicy } from '../policy/compiled.ts';

interface RuleQueries {
  readonly all: ReadonlySet<string>;
  readonly byType: ReadonlyMap<string, ReadonlySet<string>>;
}

const known = new WeakMap<CompiledPolicy, RuleQueries>();

function compile({ index }: CompiledPolicy): RuleQueries {
  const all = new Set<string>();
  const byType = new Map<string, Set<string>>();
  for (const { query, types } of index.rules) {
    if (query === undefined) continue;
    if (types === '*') {
      all.add(query);
      continue;
    }
    for (const type of types) byType.set(type, (byType.get(type) ?? new Set()).add(query));
  }
  return { all, byType };
}

/** The queries that the rules of a policy ask of resources of a type. */
export function ruleQueries(policy: CompiledPolicy, type: string): readonly string[] {
  const { all, byType } = known.get(policy) ?? compile(policy);
  if (!known.has(policy)) known.set(policy, { all, byType });
  return [...new Set([...all, ...(byType.get(type) ?? [])])];
}
