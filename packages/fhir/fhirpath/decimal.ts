/** An exact decimal: `digits` × 10^-`scale`; `scale` ≥ 0 and kept as written, so that `1.50` has precision. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Beyond these a result overflows, which FHIRPath answers with empty (N1 6.6). */
const digits_limit = 10n ** 60n;
const scale_limit = 40;

export const powerOfTen = (exponent: number): bigint => 10n ** BigInt(exponent);

const form = /^(-?)(\d{1,60})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Undefined for text that is no decimal, or one beyond the limits. */
export function decimalOf(text: string): Decimal | undefined {
  const [, sign = '', whole, fraction = '', exponent = '0'] = form.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  if (scale < -60 || scale > 120) return undefined;
  return scale >= 0 ? bounded(digits, scale) : bounded(digits * powerOfTen(-scale), 0);
}

/** Of a whole number. */
export const whole = (value: number): Decimal => ({ digits: BigInt(value), scale: 0 });

/** Of a double, with at most 15 digits; undefined for NaN and the infinities. */
export const decimalOfDouble = (value: number): Decimal | undefined =>
  Number.isFinite(value) ? decimalOf(String(Number(value.toPrecision(15)))) : undefined;

export const toDouble = (value: Decimal): number => Number(decimalText(value));

export function decimalText({ digits, scale }: Decimal): string {
  if (scale === 0) return String(digits);
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return `${digits < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

const halfUp = (value: bigint, divisor: bigint): bigint => {
  const half = divisor / 2n;
  return value < 0n ? -((-value + half) / divisor) : (value + half) / divisor;
};

/** With `scale` digits after the point, halves away from zero. */
export const rounded = ({ digits, scale }: Decimal, to: number): Decimal =>
  to >= scale
    ? { digits: digits * powerOfTen(to - scale), scale: to }
    : { digits: halfUp(digits, powerOfTen(scale - to)), scale: to };

function bounded(digits: bigint, scale: number): Decimal | undefined {
  const value = scale > scale_limit ? rounded({ digits, scale }, scale_limit) : { digits, scale };
  return value.digits > digits_limit || value.digits < -digits_limit ? undefined : value;
}

/** Both with the larger scale. */
function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  if (a.scale === b.scale) return [a.digits, b.digits, a.scale];
  const scale = Math.max(a.scale, b.scale);
  return [a.digits * powerOfTen(scale - a.scale), b.digits * powerOfTen(scale - b.scale), scale];
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function plus(a: Decimal, b: Decimal): Decimal | undefined {
  const [left, right, scale] = aligned(a, b);
  return bounded(left + right, scale);
}

export const negated = ({ digits, scale }: Decimal): Decimal => ({ digits: -digits, scale });

export const times = (a: Decimal, b: Decimal): Decimal | undefined => bounded(a.digits * b.digits, a.scale + b.scale);

/** Without zeros at the end of the fraction. */
export function trimmed({ digits, scale }: Decimal): Decimal {
  let [value, places] = [digits, scale];
  for (; places > 0 && value % 10n === 0n; places--) value /= 10n;
  return { digits: value, scale: places };
}

/** To 20 digits after the point; undefined for a division by zero. */
export function over(a: Decimal, b: Decimal): Decimal | undefined {
  if (b.digits === 0n) return undefined;
  const [left, right] = aligned(a, b);
  const quotient = halfUp(left * powerOfTen(20) * (right < 0n ? -1n : 1n), right < 0n ? -right : right);
  const made = bounded(quotient, 20);
  return made && trimmed(made);
}

/** The whole quotient, towards zero, and what is left; undefined for a division by zero. */
export function divided(a: Decimal, b: Decimal): { readonly quotient: Decimal; readonly rest: Decimal } | undefined {
  const [left, right, scale] = aligned(a, b);
  if (right === 0n) return undefined;
  return { quotient: { digits: left / right, scale: 0 }, rest: { digits: left % right, scale } };
}

/** Towards minus infinity, with `to` digits after the point. */
export function floored({ digits, scale }: Decimal, to: number): Decimal {
  if (to >= scale) return { digits: digits * powerOfTen(to - scale), scale: to };
  const divisor = powerOfTen(scale - to);
  const quotient = digits / divisor;
  return { digits: digits < 0n && digits % divisor !== 0n ? quotient - 1n : quotient, scale: to };
}

/** Towards plus infinity, with `to` digits after the point. */
export const ceiled = (value: Decimal, to: number): Decimal => negated(floored(negated(value), to));
