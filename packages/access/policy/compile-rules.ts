import type { Issue } from '@safeguard/kernel';
import { type Letter, letters } from '../interactions.ts';
import { textOf } from '../restriction.ts';
import { type Context, createContexts } from './occasion.ts';
import { lettersOf, type Policy, type Rule, type Where } from './types.ts';
import { widthOf } from './view-widths.ts';

/** A rule with everything worked out that does not depend on who asks, or when. */
export interface CompiledRule {
  readonly id: string;
  readonly permit: boolean;
  /** Place among the rules of the policy. */
  readonly order: number;
  /** Of a permit: how wide its view is. */
  readonly width: number;
  /** By the letter's place. */
  readonly letters: readonly boolean[];
  /** `*`: all. */
  readonly types: ReadonlySet<string> | '*';
  readonly context: Context | undefined;
  readonly compartment: Where['compartment'];
  /** Of a permit: its query, and that one of its labels stands there. Of a forbid: its query alone. */
  readonly query: string | undefined;
  /** Of a forbid: one of these stands there; of both: none of those. */
  readonly any: readonly string[] | undefined;
  readonly none: readonly string[];
  readonly opens: ReadonlySet<string>;
  readonly source: Rule;
}

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();

/** As FHIR escapes a value in a query (R4 3.1.1.4.1.1); what parts system and code is left. */
const escaped = (label: string): string => label.replace(/[\\,$]/g, (sign) => `\\${sign}`);

const labelQuery = (any: readonly string[]): string => textOf([{ name: '_security', any: sorted(any).map(escaped) }]);

const category = 'category:';

/** What exists here of the types that a rule names. */
function typesOf(
  { types }: Rule,
  categories: Policy['categories'],
  known: ReadonlySet<string>,
): ReadonlySet<string> | '*' {
  if (types.includes('*')) return '*';
  const named = types.flatMap((one) =>
    one.startsWith(category) ? (categories[one.slice(category.length)]?.types ?? []) : one,
  );
  return new Set(named.filter((type) => known.has(type)));
}

/** Parameters of a query that lead to other resources. */
const chains = (query: string): boolean =>
  [...new URLSearchParams(query).keys()].some((name) => name.includes('.') || name.startsWith('_has'));

/** What queries cannot enforce: an exception in them is about the resource itself. */
function unenforceable({ effect, where }: Rule): string | undefined {
  if (where?.labels?.any?.length === 0) return 'expected at least one label';
  if (effect === 'permit') return undefined;
  if (where?.compartment === 'organization') return 'a rule that forbids cannot be limited to organizations';
  return chains(where?.query ?? '') ? 'a rule that forbids takes no query that chains' : undefined;
}

function queryOf({ effect, where }: Rule): string | undefined {
  const any = effect === 'permit' ? where?.labels?.any : undefined;
  const both = [where?.query, any && labelQuery(any)].filter((one) => one !== undefined && one !== '');
  return both.length === 0 ? undefined : both.join('&');
}

/**
 * Compiles the rules of a policy. Answers what is wrong with them instead where something is: zones and networks that
 * are none, a forbid that cannot be enforced within queries.
 */
export function compileRules(
  { rules, categories }: Policy,
  types: ReadonlySet<string>,
): {
  readonly rules: readonly CompiledRule[];
  readonly issues: readonly Issue[];
} {
  const contextOf = createContexts();
  const issues: Issue[] = [];
  const refuse = (order: number, text: string): void => {
    issues.push({ severity: 'error', code: 'invalid', text, at: `rules[${order}]` });
  };
  const compiled = rules.flatMap((rule, order) => {
    const wrong = unenforceable(rule);
    if (wrong !== undefined) refuse(order, wrong);
    try {
      return { ...partsOf(rule, typesOf(rule, categories, types)), order, context: contextOf(rule.where ?? {}) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refuse(order, 'expected networks in CIDR and a time zone of IANA');
      return [];
    }
  });
  return { rules: compiled, issues };
}

function partsOf(rule: Rule, types: CompiledRule['types']): Omit<CompiledRule, 'order' | 'context'> {
  const chosen = new Set<Letter>(rule.interactions.map((one) => lettersOf[one]));
  const { where } = rule;
  return {
    id: rule.id,
    permit: rule.effect === 'permit',
    width: widthOf(rule.view ?? 'full'),
    letters: [...letters].map((letter) => chosen.has(letter as Letter)),
    types,
    compartment: where?.compartment,
    query: queryOf(rule),
    any: rule.effect === 'forbid' ? where?.labels?.any : undefined,
    none: sorted(where?.labels?.none ?? []),
    opens: new Set(rule.opens),
    source: rule,
  };
}
