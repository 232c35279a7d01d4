import { createRequire } from 'node:module';

/** How a UCUM unit leads to its base units: value × factor + offset. */
export interface UnitForm {
  /** Base units and powers in one order, such as `g.m-3`; '1' for none. Equal for units that can be compared. */
  readonly unit: string;
  readonly factor: number;
  readonly offset: number;
}

/** What we use of @lhncbc/ucum-lhc, which has no types of its own. */
interface Unit {
  readonly isArbitrary_: boolean;
  readonly moleExp_: number;
  readonly equivalentExp_: number;
}
interface Library {
  readonly UcumLhcUtils: {
    getInstance(): {
      readonly uStrParser_: { parseString(code: string, action: 'validate'): unknown };
      getSpecifiedUnit(code: string, action: 'validate'): { readonly unit: Unit | null };
      convertToBaseUnits(
        code: string,
        value: number,
      ): { readonly status: string; readonly magnitude: number; readonly unitToExp?: Readonly<Record<string, number>> };
    };
  };
}

/** UCUM's mole as a number of things; R4's quantities are compared per mole, so a count is no amount of substance. */
const mole = 6.0221367e23;
const cache_limit = 5_000;
const length_limit = 100;

/** The library's tables take 30 ms and some megabytes to load: only who meets a unit pays. */
let library: ReturnType<Library['UcumLhcUtils']['getInstance']> | undefined;
const load = (): NonNullable<typeof library> => {
  library ??= (createRequire(import.meta.url)('@lhncbc/ucum-lhc') as Library).UcumLhcUtils.getInstance();
  return library;
};

const cache = new Map<string, UnitForm | undefined>();

const power = (name: string, exponent: number): string => (exponent === 1 ? name : `${name}${exponent}`);

function nameOf(exponents: Readonly<Record<string, number>>, unit: Unit): string {
  const all = [...Object.entries(exponents), ['mol', unit.moleExp_] as const, ['eq', unit.equivalentExp_] as const];
  const used = all.filter(([, exponent]) => exponent !== 0).map(([name, exponent]) => power(name, exponent));
  return used.length === 0 ? '1' : used.sort().join('.');
}

/** Twelve digits: more than any measurement has, and few enough to hide what binary fractions add. */
export const rounded = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(12)) : value);

/**
 * The library writes what it cannot parse to the console, and a unit's text may be anything: it is asked only for what
 * its parser takes without throwing.
 */
function parses(code: string): boolean {
  try {
    load().uStrParser_.parseString(code, 'validate');
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function measure(code: string): UnitForm | undefined {
  if (!parses(code)) return undefined;
  const { unit } = load().getSpecifiedUnit(code, 'validate');
  if (!unit || unit.isArbitrary_) return undefined;
  const [zero, one, two] = [0, 1, 1000].map((value) => load().convertToBaseUnits(code, value));
  if (zero?.status !== 'succeeded' || one?.status !== 'succeeded' || two?.status !== 'succeeded') return undefined;
  const scale = mole ** (unit.moleExp_ + unit.equivalentExp_);
  const offset = rounded(zero.magnitude / scale);
  const factor = rounded((one.magnitude - zero.magnitude) / scale);
  const far = factor * 1000 + offset;
  const straight = factor > 0 && Math.abs(far - two.magnitude / scale) <= Math.abs(far) * 1e-9;
  return straight ? { unit: nameOf(zero.unitToExp ?? {}, unit), factor, offset } : undefined;
}

/**
 * The form of a UCUM unit; undefined for what is none, for arbitrary units (`[iU]`), and for those that are neither
 * linear nor affine (pH, decibel). Cached for the first 5,000 units met.
 */
export function unitForm(code: string): UnitForm | undefined {
  if (code.length === 0 || code.length > length_limit) return undefined;
  if (cache.has(code)) return cache.get(code);
  const form = measure(code);
  if (cache.size < cache_limit) cache.set(code, form);
  return form;
}

/** A value in base units. Infinite stays infinite. */
export const inBase = (form: UnitForm, value: number): number => rounded(value * form.factor + form.offset);
