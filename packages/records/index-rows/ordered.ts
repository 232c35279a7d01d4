import type { DateValue, NumberValue, Parameter, Prefix, QuantityValue, SearchValue, Test } from '@safeguard/fhir';
import { orderedKey, orderedKeys, type Tokens, unitOf } from './labels.ts';
import type { Bound, OrderedRange } from './types.ts';

/** A row of `records.ordered`, but for its resource. */
export interface OrderedRow {
  readonly key: bigint;
  readonly low: number;
  readonly high: number;
}

/** The widest span of a narrow date: a day. A narrow number is a point. */
const narrow_ms = 86_400_000;

type Ordered = DateValue | NumberValue | QuantityValue;

const isOrdered = (value: SearchValue): value is Ordered =>
  value.kind === 'date' || value.kind === 'number' || value.kind === 'quantity';

function isNarrow(kind: Ordered['kind'], low: number, high: number): boolean {
  return kind === 'date' ? high >= low && high - low <= narrow_ms : low === high;
}

/**
 * Narrow values (nearly all) and wide ones (periods, ranges) stand under different keys: of a narrow one a bound on
 * `high` is a bound on `low` as well, so that the index, which is ordered by `low`, serves both.
 */
export function orderedRow(vault: Tokens, parameter: Parameter, value: SearchValue): OrderedRow | undefined {
  if (!isOrdered(value)) return undefined;
  const unit = value.kind === 'quantity' ? unitOf(value) : '';
  if (unit === undefined) return undefined;
  const { low, high } = (value.kind === 'quantity' ? value.canonical : undefined) ?? value;
  return { key: orderedKey(vault, parameter, unit, isNarrow(value.kind, low, high)), low, high };
}

const low = (op: Bound['op'], value: number): Bound => ({ on: 'low', op, value });
const high = (op: Bound['op'], value: number): Bound => ({ on: 'high', op, value });

interface Asked {
  readonly prefix: Prefix;
  readonly low: number;
  readonly high: number;
  readonly value: number;
}

/** Alternatives, each of bounds that must all hold. The tables of packages/fhir/search/ranges.ts in bounds. */
function dateBounds({ prefix, low: from, high: until }: Asked): Bound[][] {
  const within = [low('>=', from), high('<=', until)];
  switch (prefix) {
    case 'eq':
      return [within];
    case 'ne':
      return [[low('<', from)], [high('>', until)]];
    case 'gt':
      return [[high('>', until)]];
    case 'lt':
      return [[low('<', from)]];
    case 'ge':
      return [within, [high('>', until)]];
    case 'le':
      return [within, [low('<', from)]];
    case 'sa':
      return [[low('>=', until)]];
    case 'eb':
      return [[high('<=', from)]];
    default:
      return [[low('<', until), high('>', from)]];
  }
}

function numberBounds({ prefix, low: from, high: until, value }: Asked): Bound[][] {
  switch (prefix) {
    case 'eq':
      return [[low('>=', from), high('<', until)]];
    case 'ne':
      return [[low('<', from)], [high('>=', until)]];
    case 'gt':
      return [[high('>', value)]];
    case 'lt':
      return [[low('<', value)]];
    case 'ge':
      return [[high('>=', value)]];
    case 'le':
      return [[low('<=', value)]];
    case 'sa':
      return [[low('>', value)]];
    case 'eb':
      return [[high('<', value)]];
    default:
      return [[high('>=', from), low('<', until)]];
  }
}

/** What a bound on a narrow date's `high` says of its `low`: high - a day <= low <= high. */
const narrowDate = (bound: Bound): Bound[] => {
  if (bound.on === 'low') return [bound];
  return bound.op.startsWith('<') ? [bound, low('<=', bound.value)] : [bound, low('>=', bound.value - narrow_ms)];
};
const point = (bound: Bound): Bound[] => [{ ...bound, on: 'low' }];

/** The rows that a test finds; undefined: the index does not tell (a quantity without a unit, or with one in words). */
export function orderedRanges(vault: Tokens, parameter: Parameter, test: Test): OrderedRange[] | undefined {
  if (test.kind !== 'date' && test.kind !== 'number' && test.kind !== 'quantity') return undefined;
  const unit = test.kind === 'quantity' ? askedUnit(test) : '';
  if (unit === undefined) return undefined;
  const asked: Asked =
    test.kind === 'quantity' && test.canonical ? { ...test, ...test.canonical } : { value: 0, ...test };
  const alternatives = test.kind === 'date' ? dateBounds(asked) : numberBounds(asked);
  const keys = orderedKeys(vault, parameter, unit);
  const implied = test.kind === 'date' ? narrowDate : point;
  return alternatives.flatMap((bounds) => [
    { key: keys.narrow, bounds: bounds.flatMap(implied) },
    { key: keys.wide, bounds },
  ]);
}

/** `||unit` means a code or words of any system, and no unit any: neither is one key. */
const askedUnit = (test: Extract<Test, { kind: 'quantity' }>): string | undefined =>
  test.system === undefined || test.code === undefined ? undefined : unitOf(test);
