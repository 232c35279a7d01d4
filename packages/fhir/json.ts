import { isUtf8 } from 'node:buffer';
import { fault } from '@safeguard/kernel';
import { keepNumbers } from './numbers.ts';
import { errorPosition } from './position.ts';
import { odd_limit, scan } from './scan.ts';

const refuse = (what: string, at?: number): never => {
  throw fault('malformed', `The body is not valid JSON: ${what}${at === undefined ? '' : ` at character ${at}`}.`);
};

function native(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The engine's own message quotes the text, so neither it nor the error goes along as a cause.
    return refuse('unexpected text or end', errorPosition(text));
  }
}

/**
 * Reads JSON strictly by RFC 8259: UTF-8 without a byte order mark, no lone surrogates, at most 200 levels deep. A
 * number that JavaScript would write differently (`1.00`, `1e-7`, 20 digits) comes as a raw number (`JSON.rawJSON`), so
 * that FHIR's decimals keep their precision (R4 json.html); `numberValue` reads it. Throws Fault `malformed`, with a
 * position and without the text.
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) refuse('it is not UTF-8');
  const found = scan(bytes);
  if (found.deep_at !== undefined) refuse('it is nested deeper than 200 levels', found.deep_at);
  if (found.many_at !== undefined) {
    throw fault(
      'tooLarge',
      `The body has more than ${odd_limit} numbers with a form of their own (such as 1.0 or -0).`,
    );
  }
  const text = bytes.toString('utf8');
  const value = native(text);
  if (found.surrogates && !wellFormed(value)) refuse('a string holds half of a surrogate pair');
  return found.numbers.length === 0 ? value : keepNumbers(bytes, value, found.numbers);
}

/** Walks at most as deep as `scan` let pass. */
function wellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, one]) => key.isWellFormed() && wellFormed(one));
}

/** Writes JSON; raw numbers exactly as they came. */
export const writeJson = (value: unknown): string => JSON.stringify(value);

/** A number in compact JSON that may be one to keep in its form; strings that look alike only cost time. */
const oddNumber = /(?:":|[[,])(-0(?=[,}\]])|-?\d+\.\d*0(?=[,}\]])|-?\d+(?:\.\d+)?[eE][+-]?\d+|-?[\d.]{16,})/g;

/** JavaScript would write the number as it stands. */
const isWrittenAlike = (number: string): boolean => String(Number(number)) === number;

function hasOddNumber(text: string): boolean {
  for (const [, number = ''] of text.matchAll(oddNumber)) if (!isWrittenAlike(number)) return true;
  return false;
}

/**
 * Reads an object or list that `writeJson` wrote, faster than `parseJson`: only for text whose origin is authenticated,
 * such as an opened body. Raw numbers come back raw.
 */
export const parseWritten = (text: string): unknown =>
  hasOddNumber(text) ? parseJson(Buffer.from(text)) : JSON.parse(text);
