import { createRequire } from 'node:module';

/** What `@zxcvbn-ts/language-common` is: it has no typed entry for what is loaded later. */
interface Language {
  readonly dictionary: Readonly<Record<string, readonly string[]>>;
}

/**
 * Some 57,000 passwords that everybody tries first, and the words that passphrases are drawn from. Loaded at the first
 * password that is chosen, not at the start: 40 ms once, 5 MB of heap, up to 20 MB of memory while it is unpacked.
 */
let words: ReadonlySet<string> | undefined;

function dictionary(): ReadonlySet<string> {
  if (words === undefined) {
    const language = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as Language;
    words = new Set(Object.values(language.dictionary).flat().map(folded));
  }
  return words;
}

/** How passwords are compared with words: compatibility forms and case make no other password. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

const rows = ['abcdefghijklmnopqrstuvwxyz', '0123456789', 'qwertyuiopasdfghjklzxcvbnm', 'qwertzuiopasdfghjklyxcvbnm'];
const backwards = (text: string): string => [...text].reverse().join('');
/** Longer than any password: a sequence that begins anywhere and runs over the end is found in it. */
const sequences = rows.flatMap((row) => [row, backwards(row)]).map((row) => row.repeat(Math.ceil(600 / row.length)));

/** The shortest text of which the given one is a repetition, the last time perhaps cut off. */
function unitOf(characters: readonly string[]): readonly string[] {
  for (let length = 1; length < characters.length; length += 1) {
    if (characters.every((character, index) => character === characters[index % length])) {
      return characters.slice(0, length);
    }
  }
  return characters;
}

/** At most so many characters around a known word make no new password of it: `dragon2026!`. */
const mostAround = 5;

/** The text without digits and signs at both ends, where those are few. */
function coreOf(text: string): string {
  const core = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return text.length - core.length <= mostAround ? core : text;
}

const isTrivial = (text: string): boolean =>
  unitOf([...text]).length <= 4 || sequences.some((sequence) => sequence.includes(text));

/** True for a repetition of a few characters, a run of the alphabet, of digits or of keys, and for a known password. */
export function isCommon(text: string): boolean {
  const given = folded(text);
  return [given, coreOf(given)].some((form) => {
    const unit = unitOf([...form]).join('');
    return isTrivial(form) || dictionary().has(form) || dictionary().has(unit);
  });
}

/** The words that stand for a person or for us: parts of at least three characters. */
export function contextWords(texts: readonly string[]): string[] {
  const parts = texts.flatMap((text) => {
    const whole = folded(text).trim();
    return [whole, ...whole.split(/[^\p{L}\p{N}]+/u), whole.replace(/[^\p{L}\p{N}]+/gu, '')];
  });
  return [...new Set(parts.filter((part) => [...part].length >= 3))].sort((one, other) => other.length - one.length);
}

/** True when there is next to nothing in the text but these words. */
export function isMadeOf(text: string, words: readonly string[]): boolean {
  const given = folded(text);
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), given);
  return [...rest].length <= mostAround && 2 * rest.length < given.length;
}
