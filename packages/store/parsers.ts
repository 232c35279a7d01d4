import pg from 'pg';

type Parse = (text: string) => unknown;

/** OID of int8 (pg_type). */
const int8 = 20;
const int8Array = 1016;

/**
 * int8 as a number. Ours are counters, sizes and times in milliseconds; a value past 2^53 would silently change, and is
 * refused instead.
 */
function parseInt8(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError('int8 beyond the safe integers');
}

const parseInt8Array: Parse = (text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(parseElement));
const parseElement = (text: string): number | null => (text === 'NULL' ? null : parseInt8(text));

/** Types of this package's connections only: `pg`'s global parsers stay as they are. */
export const parsers = {
  getTypeParser(oid: number, format: 'text' | 'binary' = 'text'): Parse {
    if (format === 'text' && oid === int8) return parseInt8 as Parse;
    if (format === 'text' && oid === int8Array) return parseInt8Array;
    return pg.types.getTypeParser(oid, format) as Parse;
  },
};
