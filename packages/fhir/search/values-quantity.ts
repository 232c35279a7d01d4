import type { JsonObject } from '@safeguard/kernel';
import { numberValue } from '../numbers.ts';
import { isObject } from '../object.ts';
import type { QuantityValue, SearchValue } from './types.ts';
import { inBase, rounded, unitForm } from './ucum.ts';
import { type Convert, textAt } from './values-token.ts';

export const ucum_system = 'http://unitsofmeasure.org';
const [below, above] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

interface UnitOf {
  readonly system?: string;
  readonly code?: string;
  readonly unit?: string;
}

function unitOf(value: JsonObject): UnitOf {
  const [system, code, unit] = [textAt(value, 'system'), textAt(value, 'code'), textAt(value, 'unit')];
  return {
    ...(system === undefined ? {} : { system }),
    ...(code === undefined ? {} : { code }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function push(low: number, high: number, unit: UnitOf, out: SearchValue[]): void {
  const form = unit.system === ucum_system && unit.code !== undefined ? unitForm(unit.code) : undefined;
  const value: QuantityValue = { kind: 'quantity', low, high, ...unit };
  out.push(
    form ? { ...value, canonical: { unit: form.unit, low: inBase(form, low), high: inBase(form, high) } } : value,
  );
}

/** A comparator opens one end: `< 5` lies anywhere from below up to 5. */
function quantity(value: JsonObject, out: SearchValue[]): void {
  const number = numberValue(value['value']);
  if (number === undefined) return;
  const comparator = textAt(value, 'comparator') ?? '';
  const low = comparator.startsWith('<') ? below : number;
  const high = comparator.startsWith('>') ? above : number;
  push(low, high, unitOf(value), out);
}

function money(value: JsonObject, out: SearchValue[]): void {
  const number = numberValue(value['value']);
  const code = textAt(value, 'currency');
  const unit = code === undefined ? {} : { system: 'urn:iso:std:iso:4217', code };
  if (number !== undefined) push(number, number, unit, out);
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly unit: UnitOf;
}

function rangeBounds(value: JsonObject): Bounds | undefined {
  const low = isObject(value['low']) ? value['low'] : {};
  const high = isObject(value['high']) ? value['high'] : {};
  const ends = [numberValue(low['value']), numberValue(high['value'])] as const;
  if (ends[0] === undefined && ends[1] === undefined) return undefined;
  const unit = unitOf(ends[0] === undefined ? high : low);
  return { low: ends[0] ?? below, high: ends[1] ?? above, unit };
}

function range(value: JsonObject, out: SearchValue[]): void {
  const bounds = rangeBounds(value);
  if (bounds) push(bounds.low, bounds.high, bounds.unit, out);
}

/** R4 Observation, value-quantity: of sampled data only the bounds count. `E` is no value; `L`, `U` are the limits. */
function sampled(value: JsonObject, out: SearchValue[]): void {
  const origin = isObject(value['origin']) ? value['origin'] : {};
  const zero = numberValue(origin['value']) ?? 0;
  const factor = numberValue(value['factor']) ?? 1;
  const limits = { L: numberValue(value['lowerLimit']) ?? below, U: numberValue(value['upperLimit']) ?? above };
  let [low, high] = [above, below];
  for (const word of (textAt(value, 'data') ?? '').split(' ')) {
    const raw = word === 'L' || word === 'U' ? limits[word] : word === '' ? Number.NaN : Number(word);
    if (Number.isNaN(raw)) continue;
    const one = word === 'L' || word === 'U' ? raw : rounded(zero + raw * factor);
    [low, high] = [Math.min(low, one), Math.max(high, one)];
  }
  if (low <= high) push(low, high, unitOf(origin), out);
}

const byType: Readonly<Record<string, (value: JsonObject, out: SearchValue[]) => void>> = {
  Money: money,
  Range: range,
  SampledData: sampled,
};

export function quantityConvert(type: string): Convert {
  const convert = byType[type] ?? quantity;
  return (value, out) => void (isObject(value) && convert(value, out));
}

/** Numbers have no precision of their own where they are stored (R4 3.1.1.4.6): the value is a point. */
export const numberConvert: Convert = (value, out) => {
  const number = numberValue(value);
  if (number !== undefined) out.push({ kind: 'number', low: number, high: number });
  else if (isObject(value)) {
    const bounds = rangeBounds(value);
    const one = numberValue(value['value']);
    if (bounds) out.push({ kind: 'number', low: bounds.low, high: bounds.high });
    else if (one !== undefined) out.push({ kind: 'number', low: one, high: one });
  }
};
