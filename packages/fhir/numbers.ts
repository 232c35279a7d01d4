import type { Holder, OddNumber, Step } from './scan.ts';

/** A number with its own spelling, made by `JSON.rawJSON`; `JSON.stringify` writes it back exactly. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** ECMAScript 2026; not yet in TypeScript's library. */
const engine = JSON as typeof JSON & { rawJSON(source: string): RawNumber; isRawJSON(value: unknown): boolean };

/** True for a number kept in its own form. No JSON text can forge one: the engine marks them inside. */
export const isRawNumber = (value: unknown): value is RawNumber => engine.isRawJSON(value);

/** The value of a JSON number in either shape; undefined for everything else. */
export function numberValue(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return isRawNumber(value) ? Number(value.rawJSON) : undefined;
}

/** The text of a JSON number in either shape, as it stood in the JSON; undefined for everything else. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return isRawNumber(value) ? value.rawJSON : undefined;
}

const text = (bytes: Buffer, start: number, end: number): string => bytes.toString('latin1', start, end);

const keyOf = (bytes: Buffer, step: Step): string | number =>
  typeof step === 'number' ? step : (JSON.parse(bytes.toString('utf8', step[0], step[1])) as string);

/** What an object or list itself holds under a key: never what its prototype lends. */
function at(holder: unknown, key: string | number): unknown {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, key)) return undefined;
  return (holder as Record<string | number, unknown>)[key];
}

/**
 * Puts the numbers that `scan` found back into the parsed value in their own spelling. Where a key stands twice in an
 * object the later one counts, for the parser as here; a place that holds something else by then is left alone.
 * Each list or object is looked up once, so that the work is linear in the text.
 */
export function keepNumbers(bytes: Buffer, value: unknown, numbers: readonly OddNumber[]): unknown {
  const found = new Map<Holder, unknown>();
  const opened = (holder: Holder): unknown => {
    if (found.has(holder)) return found.get(holder);
    const { parent, step } = holder;
    const here = parent === undefined ? value : at(opened(parent), keyOf(bytes, step));
    found.set(holder, here);
    return here;
  };
  const root = { value };
  for (const { start, end, holder, step } of numbers) {
    const raw = text(bytes, start, end);
    if (holder === undefined) replace(root, 'value', raw);
    else replace(opened(holder), keyOf(bytes, step), raw);
  }
  return root.value;
}

function replace(holder: unknown, key: string | number, raw: string): void {
  if (typeof holder !== 'object' || holder === null) return;
  const now = numberValue(at(holder, key));
  if (now === undefined || !Object.is(now, Number(raw))) return;
  // defineProperty and not assignment: a key may be `__proto__`.
  Object.defineProperty(holder, key, {
    value: engine.rawJSON(raw),
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
