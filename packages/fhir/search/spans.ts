import { dateTimeSpan, instantSpan, type Span } from '../time.ts';
import type { Prefix, Test } from './types.ts';
import { inBase, rounded, unitForm } from './ucum.ts';
import { ucum_system } from './values-quantity.ts';

const prefixForm = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d+.-])/;

/** A value with its prefix; without one it is `eq`. */
export function prefixed(text: string): [Prefix, string] {
  const found = prefixForm.exec(text)?.[1];
  return found === undefined ? ['eq', text] : [found as Prefix, text.slice(2)];
}

const minuteForm = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+ -]\d\d:\d\d)?$/;

/**
 * The span of a date in a query: as in resources, and a time may lack its seconds and its zone, which then is UTC. A
 * plus sign that a careless client left unescaped arrives as a space.
 */
export function querySpan(text: string): Span | undefined {
  const match = minuteForm.exec(text);
  if (!match) return text.length <= 10 ? dateTimeSpan(text) : undefined;
  const [, minute = '', seconds, zone = 'Z'] = match;
  const span = instantSpan(`${minute}${seconds ?? ':00'}${zone.replace(' ', '+')}`);
  return span && seconds === undefined ? { start: span.start, end: span.start + 60_000 } : span;
}

type DateTest = Extract<Test, { kind: 'date' }>;

/** `ap`: 10 % of the distance between now and the date, on both sides (R4 3.1.1.4.5). */
export function dateTest(text: string, now: number): DateTest | undefined {
  const [prefix, rest] = prefixed(text);
  const span = querySpan(rest);
  if (!span) return undefined;
  const wider = prefix === 'ap' ? Math.abs(now - span.start) / 10 : 0;
  return { kind: 'date', prefix, low: span.start - wider, high: span.end + wider };
}

export interface NumberSpan {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const numberForm = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * A number and what its digits span: half a unit of the last digit to both sides (R4 3.1.1.4.6: 100 is [99.5, 100.5),
 * 100.00 is [99.995, 100.005)). With an exponent the last digit counts as if one more stood there: R4 has 1e2 span
 * [95, 105). Computed on the digits, since a binary fraction would miss the ends.
 */
export function numberSpan(text: string): NumberSpan | undefined {
  const match = numberForm.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = ''] = match;
  const isShort = exponent !== '' && fraction === '';
  const digits = `${whole}${fraction}${isShort ? '0' : ''}`;
  const power = (exponent === '' ? 0 : Number(exponent)) - fraction.length - (isShort ? 1 : 0);
  const tenths = BigInt(`${digits}0`) * (sign === '-' ? -1n : 1n);
  const at = (shift: bigint): number => Number(`${tenths + shift}e${power - 1}`);
  const span = { value: Number(text), low: at(-5n), high: at(5n) };
  return Number.isFinite(span.value) && Number.isFinite(span.high) && Number.isFinite(span.low) ? span : undefined;
}

/** `ap`: 10 % of the value, and never less than its digits span. */
function approximate({ value, low, high }: NumberSpan): NumberSpan {
  const wider = Math.abs(value) / 10;
  return { value, low: Math.min(low, rounded(value - wider)), high: Math.max(high, rounded(value + wider)) };
}

export function numberTest(text: string): Extract<Test, { kind: 'number' }> | undefined {
  const [prefix, rest] = prefixed(text);
  const span = numberSpan(rest);
  return span && { kind: 'number', prefix, ...(prefix === 'ap' ? approximate(span) : span) };
}

type QuantityTest = Extract<Test, { kind: 'quantity' }>;

/** `number`, `number|system|code` or `number||code`. */
export function quantityTest(parts: readonly string[]): QuantityTest | undefined {
  const [text = '', system = '', code = ''] = parts;
  const number = numberTest(text);
  if (!number || (parts.length !== 1 && parts.length !== 3)) return undefined;
  if (parts.length === 1 || (system === '' && code === '')) return { ...number, kind: 'quantity' };
  if (code === '') return undefined;
  if (system === '') return { ...number, kind: 'quantity', code };
  const form = system === ucum_system ? unitForm(code) : undefined;
  const canonical = form && {
    unit: form.unit,
    value: inBase(form, number.value),
    low: inBase(form, number.low),
    high: inBase(form, number.high),
  };
  return { ...number, kind: 'quantity', system, code, ...(canonical ? { canonical } : {}) };
}
