/** Deepest nesting of lists and objects that is read at all. */
export const depth_limit = 200;

/** Most numbers of a text that may need to keep their form: each costs memory, and a body may be full of `-0`. */
export const odd_limit = 200_000;

/** A place in a list or an object: an index, or the byte range of a key. */
export type Step = number | readonly [start: number, end: number];

/** A list or object of the text that holds odd numbers; one for all of them, or the work would not be linear. */
export interface Holder {
  /** Undefined: the text itself is this list or object. */
  readonly parent: Holder | undefined;
  /** Where it stands in its parent. */
  readonly step: Step;
}

/** A number that JavaScript would not write back as it stands. Without a holder it is the whole text. */
export interface OddNumber {
  readonly start: number;
  readonly end: number;
  readonly holder: Holder | undefined;
  readonly step: Step;
}

export interface Scan {
  readonly numbers: readonly OddNumber[];
  /** A `\ud8xx`–`\udfxx` escape stands somewhere. */
  readonly surrogates: boolean;
  /** Byte offset of the bracket that is one too deep. */
  readonly deep_at?: number;
  /** Byte offset of the number that is one too many. */
  readonly many_at?: number;
}

const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;
const [letterU, bigD, smallD] = [0x75, 0x44, 0x64];

/**
 * Where the pass stands. For each level: -1 in an object, else the index in the list; the byte range of its last key.
 */
interface Levels {
  depth: number;
  textStart: number;
  textEnd: number;
  readonly index: Int32Array;
  readonly keyStart: Int32Array;
  readonly keyEnd: Int32Array;
  /** The list or object open at each level, once an odd number stood in it. */
  readonly holders: (Holder | undefined)[];
}

const isNumberByte = (byte: number | undefined): boolean =>
  byte !== undefined &&
  ((byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2d || byte === 0x2b || (byte | 0x20) === 0x65);

/** Largest number of digits that a double always gives back. */
const digits_limit = 15;

/**
 * True when a number's text may differ from what JavaScript writes for its value: an exponent, `-0`, a trailing zero
 * after the point, more than 15 digits, or smaller than 1e-6.
 */
export function isOdd(bytes: Uint8Array, start: number, end: number): boolean {
  return mayBeOdd(bytes, start, end) && !isWrittenAlike(bytes, start, end);
}

/** Most texts that look odd are what JavaScript writes: coordinates of 16 digits, say. Longer ones never are. */
function isWrittenAlike(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 25) return false;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  return String(Number(text)) === text;
}

function mayBeOdd(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > digits_limit + 2) return true;
  let point = -1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x2e) point = at;
    else if ((byte | 0x20) === 0x65) return true;
  }
  const first = bytes[start] === 0x2d ? start + 1 : start;
  const digits = end - first - (point < 0 ? 0 : 1);
  if (digits > digits_limit) return true;
  if (point < 0) return first > start && bytes[first] === 0x30;
  return bytes[end - 1] === 0x30 || (bytes[first] === 0x30 && digits > 6);
}

/** Where the pass stands inside of the list or object of a level. */
function stepAt({ index, keyStart, keyEnd }: Levels, level: number): Step {
  const at = index[level] ?? -1;
  return at >= 0 ? at : [keyStart[level] ?? 0, keyEnd[level] ?? 0];
}

function holderAt(levels: Levels, level: number): Holder | undefined {
  if (level === 0) return undefined;
  const known = levels.holders[level];
  if (known !== undefined) return known;
  const made = { parent: holderAt(levels, level - 1), step: stepAt(levels, level - 1) };
  levels.holders[level] = made;
  return made;
}

/**
 * The offset just behind the closing quote of the string that starts at `at`, and whether a surrogate escape is in it.
 */
function stringEnd(bytes: Uint8Array, at: number, found: { surrogates: boolean }): number {
  const length = bytes.length;
  let next = at + 1;
  while (next < length) {
    const byte = bytes[next];
    if (byte === quote) return next + 1;
    if (byte === backslash) {
      const hex = bytes[next + 2];
      if (bytes[next + 1] === letterU && (hex === smallD || hex === bigD)) found.surrogates = true;
      next += 2;
    } else next += 1;
  }
  return length;
}

function numberEnd(bytes: Uint8Array, at: number): number {
  let end = at + 1;
  while (isNumberByte(bytes[end])) end++;
  return end;
}

const isDigitOrMinus = (byte: number): boolean => byte === 0x2d || (byte >= 0x30 && byte <= 0x39);

/** Takes a bracket, colon or comma; false when it opens one level too many. */
function structure(byte: number, levels: Levels): boolean {
  const { depth, index } = levels;
  if (byte === 0x3a) {
    levels.keyStart[depth] = levels.textStart;
    levels.keyEnd[depth] = levels.textEnd;
  } else if (byte === 0x2c) {
    const now = index[depth] ?? -1;
    if (now >= 0) index[depth] = now + 1;
  } else if (byte === 0x7b || byte === 0x5b) {
    if (depth === depth_limit) return false;
    levels.depth = depth + 1;
    levels.holders[depth + 1] = undefined;
    index[depth + 1] = byte === 0x7b ? -1 : 0;
  } else if ((byte === 0x7d || byte === 0x5d) && depth > 0) levels.depth = depth - 1;
  return true;
}

const start = (): Levels => ({
  depth: 0,
  textStart: 0,
  textEnd: 0,
  index: new Int32Array(depth_limit + 1).fill(-1),
  keyStart: new Int32Array(depth_limit + 1),
  keyEnd: new Int32Array(depth_limit + 1),
  holders: [],
});

/**
 * One pass over the bytes, before anything is parsed: how deep it goes, where numbers stand that must keep their form,
 * whether surrogates must be looked at. Trusts nothing: on text that is no JSON the answer means nothing, and the
 * parser refuses it afterwards.
 */
export function scan(bytes: Uint8Array): Scan {
  const levels = start();
  const found = { surrogates: false };
  const numbers: OddNumber[] = [];
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      levels.textStart = at;
      at = stringEnd(bytes, at, found);
      levels.textEnd = at;
    } else if (isDigitOrMinus(byte)) {
      const end = numberEnd(bytes, at);
      if (isOdd(bytes, at, end)) {
        if (numbers.length === odd_limit) return { numbers, surrogates: found.surrogates, many_at: at };
        const { depth } = levels;
        numbers.push({ start: at, end, holder: holderAt(levels, depth), step: stepAt(levels, depth) });
      }
      at = end;
    } else {
      if (byte > space && !structure(byte, levels)) return { numbers, surrogates: found.surrogates, deep_at: at };
      at += 1;
    }
  }
  return { numbers, surrogates: found.surrogates };
}
