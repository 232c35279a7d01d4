/** R4's integer types: JSON numbers. */
const integers: ReadonlySet<string> = new Set(['integer', 'positiveInt', 'unsignedInt']);
const wholeNumber = /^-?(?:0|[1-9][0-9]{0,14})$/;
/** JSON's own number, which is R4's decimal too; longer ones are refused by validation as text. */
const decimalNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const decimal_limit = 64;

/** ECMAScript 2026; not yet in TypeScript's library. */
const engine = JSON as typeof JSON & { rawJSON(source: string): unknown };

/** A decimal with its digits: plain where JavaScript writes it alike. */
function decimal(text: string, odd: () => void): unknown {
  const plain = Number(text);
  if (String(plain) === text) return plain;
  odd();
  return engine.rawJSON(text);
}

/**
 * The JSON value of a primitive's `value` attribute; null without one. What is no number (no boolean) stays a text, for
 * validation to name with its location.
 */
export function primitiveValue(type: string, text: string | undefined, odd: () => void): unknown {
  if (text === undefined) return null;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (integers.has(type)) return wholeNumber.test(text) ? Number(text) : text;
  if (type !== 'decimal' || text.length > decimal_limit || !decimalNumber.test(text)) return text;
  return decimal(text, odd);
}
