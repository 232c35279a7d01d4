import type { Condition, Parameter, Test } from '@safeguard/fhir';
import { parametersOf } from '@safeguard/fhir';
import { askedColumns, columnsOf, isTokened } from './clinical.ts';
import { askedTokens } from './identity.ts';
import { referenceMask, type Tokens } from './labels.ts';
import { orderedRanges } from './ordered.ts';
import { plannedOf } from './plan.ts';
import type { ColumnToken, OrderedRange, Probe, ReferenceColumn } from './types.ts';

/** `identity` may be absent where the caller has refused identity parameters (see `segmentOf`). */
export interface ProbeVaults {
  readonly clinical: Tokens;
  readonly identity?: Tokens;
}

const all: Probe = { in: 'all', exact: false };
const none: Probe = { in: 'none', exact: true };

/** Whoever fulfils a condition on a value has a value. */
function present(parameter: Parameter): Probe {
  const { bit } = plannedOf(parameter);
  return bit === undefined ? all : { in: 'present', exact: false, bit, present: true };
}

function missing(condition: Condition): Probe {
  const { bit } = plannedOf(condition.parameter);
  if (bit === undefined) return all;
  const asked = condition.tests.flatMap((test) => (test.kind === 'missing' ? [test.missing] : []));
  return either([...new Set(asked)].map((one): Probe => ({ in: 'present', exact: true, bit, present: !one })));
}

const kinds = (probes: readonly Probe[]): ReadonlySet<Probe['in']> => new Set(probes.map((one) => one.in));

/** One probe for any of several: those of one kind join. */
function either(probes: readonly Probe[]): Probe {
  const some = probes.filter((one) => one.in !== 'none');
  const [first] = some;
  if (first === undefined) return none;
  if (some.length === 1) return first;
  if (some.some((one) => one.in === 'all')) return all;
  const exact = some.every((one) => one.exact);
  if (kinds(some).size > 1) return { in: 'or', exact, all: some };
  if (first.in === 'clinical') return { in: 'clinical', exact, any: some.flatMap((one) => (one as typeof first).any) };
  if (first.in === 'identity') {
    return { in: 'identity', exact: false, any: some.flatMap((one) => (one as typeof first).any) };
  }
  if (first.in === 'ordered') {
    return { in: 'ordered', exact, ranges: some.flatMap((one) => (one as typeof first).ranges) };
  }
  return { in: 'or', exact, all: some };
}

const columns = (any: readonly ColumnToken[], exact: boolean): Probe => ({ in: 'clinical', exact, any });
const ranges = (some: readonly OrderedRange[]): Probe => ({ in: 'ordered', exact: true, ranges: some });

/** Modifiers under which the tests ask for the beginning of a value, or for a value as a whole. */
const whole = new Set<Condition['modifier']>([undefined, 'not', 'exact', 'equals', 'of-type']);

/** One alternative, asked of the parameter's own place in the index. */
function testProbe(vaults: ProbeVaults, parameter: Parameter, test: Test): Probe {
  const { place } = plannedOf(parameter);
  if (place.in === 'ordered') {
    const found = orderedRanges(vaults.clinical, parameter, test);
    return found ? ranges(found) : present(parameter);
  }
  if (place.in === 'identity') {
    const tokens = vaults.identity && askedTokens(vaults.identity, parameter, place.carrier, place.form, test);
    return tokens ? { in: 'identity', exact: false, any: tokens } : present(parameter);
  }
  const asked = isTokened(place) ? askedColumns(vaults.clinical, parameter, place, test) : undefined;
  return asked ? columns(asked.any, asked.exact) : present(parameter);
}

const parts = (parameter: Parameter): readonly Parameter[] => {
  const all = parametersOf(parameter.of);
  return (parameter.within ?? []).flatMap((code) => all.get(code) ?? []);
};

const superset = (probe: Probe): Probe => {
  switch (probe.in) {
    case 'none':
    case 'identity':
    case 'all':
      return probe;
    case 'not':
      return all;
    default:
      return { ...probe, exact: false };
  }
};

/**
 * A parameter that lies within others is asked of them. That is exact where all their values are its own; where only
 * references to one type are, it is when such a one is asked for.
 */
function withinProbe(vaults: ProbeVaults, parameter: Parameter, test: Test): Probe {
  const { only } = parameter;
  const asked =
    only !== undefined && test.kind === 'reference' && (test.types.length === 0 || test.types.includes(only))
      ? { ...test, types: [only] }
      : test;
  if (only !== undefined && test.kind === 'reference' && asked === test) return none;
  const found = either(parts(parameter).map((part) => anyTest(vaults, part, asked)));
  return only === undefined || asked.kind === 'reference' ? found : superset(found);
}

function compositeProbe(vaults: ProbeVaults, parameter: Parameter, test: Test): Probe {
  if (test.kind !== 'composite') return present(parameter);
  const found = (parameter.components ?? []).flatMap((component, index) => {
    const part = test.parts[index];
    return part === undefined ? [] : [superset(anyTest(vaults, component.parameter, part))];
  });
  const narrowing = [present(parameter), ...found].filter((one) => one.in !== 'all');
  return { in: 'and', exact: false, all: narrowing };
}

function anyTest(vaults: ProbeVaults, parameter: Parameter, test: Test): Probe {
  if (parameter.components !== undefined) return compositeProbe(vaults, parameter, test);
  return parameter.within === undefined ? testProbe(vaults, parameter, test) : withinProbe(vaults, parameter, test);
}

/** What a condition asks of the index. */
export function probe(condition: Condition, vaults: ProbeVaults): Probe {
  const { parameter, modifier, tests } = condition;
  if (modifier === 'missing') return missing(condition);
  if (modifier === 'not-in') return all;
  const found = whole.has(modifier)
    ? either(tests.map((test) => anyTest(vaults, parameter, test)))
    : present(parameter);
  if (modifier !== 'not') return found;
  return found.exact ? { in: 'not', exact: true, one: found } : all;
}

/**
 * Where a reference parameter's values stand, to join along it in SQL: mostly one column. Empty: it cannot be followed
 * there (references kept in identity, or a parameter of another kind).
 */
export function referenceColumns(parameter: Parameter): readonly ReferenceColumn[] {
  if (parameter.within !== undefined) return parts(parameter).flatMap(referenceColumns);
  const mask = referenceMask(parameter);
  return columnsOf(plannedOf(parameter).place).map((column) => ({ column, mask }));
}
