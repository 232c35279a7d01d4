import { createRequire } from 'node:module';
import { unitForm } from '../search/ucum.ts';
import { type Decimal, decimalOfDouble, times, toDouble } from './decimal.ts';

interface Converter {
  convertUnitTo(from: string, value: number, to: string): { readonly status: string; readonly toVal: number | null };
}

let converter: Converter | undefined;

/** Loaded when a unit is first converted: the tables take a while and some megabytes. */
function loaded(): Converter {
  if (!converter) {
    const library = createRequire(import.meta.url)('@lhncbc/ucum-lhc') as {
      UcumLhcUtils: { getInstance(): Converter };
    };
    converter = library.UcumLhcUtils.getInstance();
  }
  return converter;
}

/** The factor between two units; `false`: they do not convert; `curved`: not by a factor (°C, pH). */
type Factor = Decimal | false | 'curved';
const factors = new Map<string, Factor>();
const factors_limit = 2000;
/** Longer than any unit in use: parsing a hostile one takes time. */
const unit_limit = 60;

function convert(from: string, value: number, to: string): number | undefined {
  const { status, toVal } = loaded().convertUnitTo(from, value, to);
  return status === 'succeeded' && typeof toVal === 'number' ? toVal : undefined;
}

/** The library writes units that it cannot parse to the console: `unitForm` asks it in a way that does not. */
const known = (code: string): boolean => unitForm(code) !== undefined;

function measure(from: string, to: string): Factor {
  if (!known(from) || !known(to)) return false;
  const [one, thousand] = [convert(from, 1, to), convert(from, 1000, to)];
  if (one === undefined || thousand === undefined) return false;
  if (Math.abs(thousand - one * 1000) > Math.abs(thousand) * 1e-9) return 'curved';
  return decimalOfDouble(Number(one.toPrecision(13))) ?? false;
}

function factorOf(from: string, to: string): Factor {
  if (from.length > unit_limit || to.length > unit_limit) return false;
  const key = `${from} ${to}`;
  const before = factors.get(key);
  if (before !== undefined) return before;
  if (factors.size >= factors_limit) factors.clear();
  const made = measure(from, to);
  factors.set(key, made);
  return made;
}

/** A value from one UCUM unit in another; undefined where they do not convert. */
export function conversion(from: string, to: string, value: Decimal): Decimal | undefined {
  if (from === to) return value;
  const factor = factorOf(from, to);
  if (factor === false) return undefined;
  if (factor !== 'curved') return times(value, factor);
  const converted = convert(from, toDouble(value), to);
  return converted === undefined ? undefined : decimalOfDouble(Number(converted.toPrecision(12)));
}
