import type { Condition, Criterion, Modifier, Test } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';

/** What is known of terminology: see `Profiles` of @safeguard/fhir. Undefined: it cannot be told here. */
export interface Terms {
  expand(valueSet: string): readonly { readonly system: string; readonly code: string }[] | undefined;
  below(system: string, code: string): readonly string[] | undefined;
  above(system: string, code: string): readonly string[] | undefined;
}

/** Codes that one criterion may come to. */
export const most_codes = 2_000;

type Code = { readonly system: string; readonly code: string };

const byTerms: ReadonlySet<Modifier | undefined> = new Set<Modifier>(['in', 'not-in', 'above', 'below']);

const needs = ({ parameter, modifier }: Condition): boolean => parameter.type === 'token' && byTerms.has(modifier);

/** Whether a criterion names a value set or a hierarchy of codes anywhere. */
export function needsTerms(criterion: Criterion): boolean {
  switch (criterion.kind) {
    case 'condition':
      return needs(criterion);
    case 'and':
    case 'or':
      return criterion.all.some(needsTerms);
    case 'not':
      return needsTerms(criterion.one);
    case 'chain':
      return criterion.links.some(({ where }) => needsTerms(where));
    case 'has':
      return needsTerms(criterion.link.where);
    default:
      return false;
  }
}

function codesOf(name: string, modifier: Modifier | undefined, test: Test, terms: Terms): readonly Code[] {
  if (test.kind === 'value-set') {
    const all = terms.expand(test.url);
    if (all !== undefined) return all;
    throw fault('invalid', `${name}: the value set is not held here, or its codes cannot be counted out here`);
  }
  if (test.kind !== 'token' || !test.system || test.code === undefined) {
    throw fault('invalid', `${name}: expected system|code`);
  }
  const { system, code } = test;
  const codes = modifier === 'below' ? terms.below(system, code) : terms.above(system, code);
  if (codes !== undefined) return codes.map((one) => ({ system, code: one }));
  throw fault('invalid', `${name}: the code system does not hold the code here`);
}

/** The codes themselves in place of what names them. Of none: what no resource fulfils, or each one does. */
function counted(condition: Condition, terms: Terms): Criterion {
  const { parameter, modifier, tests } = condition;
  const name = `${parameter.code}:${modifier}`;
  const codes = tests.flatMap((test) => codesOf(name, modifier, test, terms));
  if (codes.length > most_codes) throw fault('invalid', `${name}: more than ${most_codes} codes are meant`);
  const denied = modifier === 'not-in';
  if (codes.length === 0) return { kind: denied ? 'and' : 'or', all: [] };
  const plain = codes.map(({ system, code }): Test => ({ kind: 'token', system, code }));
  return { kind: 'condition', parameter, tests: plain, ...(denied ? { modifier: 'not' as const } : {}) };
}

/**
 * A criterion in which `:in`, `:not-in`, `:above` and `:below` of tokens (FHIR R4 3.1.1.4.10) are replaced by the codes
 * that they mean. Fault `invalid` where these cannot be told here, or are too many.
 */
export function expandTerms(criterion: Criterion, terms: Terms): Criterion {
  if (!needsTerms(criterion)) return criterion;
  const inside = (one: Criterion): Criterion => expandTerms(one, terms);
  switch (criterion.kind) {
    case 'condition':
      return counted(criterion, terms);
    case 'and':
    case 'or':
      return { ...criterion, all: criterion.all.map(inside) };
    case 'not':
      return { ...criterion, one: inside(criterion.one) };
    case 'chain':
      return { ...criterion, links: criterion.links.map((link) => ({ ...link, where: inside(link.where) })) };
    case 'has':
      return { ...criterion, link: { ...criterion.link, where: inside(criterion.link.where) } };
    default:
      return criterion;
  }
}
