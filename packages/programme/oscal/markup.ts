/**
 * Texts as OSCAL's markup (CommonMark with `~`, `^`, `"` and `{{ insert: param, id }}`): what could be read as markup
 * is escaped, so that a text is shown as the text that it is, and comes back as it was.
 */

/** What an empty text is written as: OSCAL lines are never empty. No other text becomes it: its `&` is escaped. */
const nothing = '&zwnj;';
const special = /[\\`*_~^[\]<>&{}"|]/g;
/** What begins a block where a line begins. */
const atStart = /^(?:(\d{1,9})([.)])|[#+=:-])/;
/** White space that is dropped at the ends of a line, and what ends a line beside LF. */
const lost = /^[^\S\n]+|[^\S\n]+$|[\r\u2028\u2029]/g;

const coded = (found: string): string => [...found].map((char) => `&#${char.codePointAt(0)};`).join('');

const lineOf = (one: string): string =>
  one
    .replace(special, '\\$&')
    .replace(atStart, (whole, digits?: string, sign?: string) => (digits ? `${digits}\\${sign}` : `\\${whole}`))
    .replace(lost, coded);

/** markup-multiline: lines stay lines. */
export const text = (given: string): string => (given === '' ? nothing : given.split('\n').map(lineOf).join('\n'));

/** markup-line: on one line, whatever it holds. */
export const line = (given: string): string => text(given).replaceAll('\n', '&#10;');

const escaped = /\\([!-/:-@[-`{-~])|&#(\d{1,7});/g;
const original = (_: string, char?: string, code?: string): string => char ?? charOf(Number(code));
const charOf = (code: number): string => (code <= 0x10_ff_ff ? String.fromCodePoint(code) : '\ufffd');

/** The text that `text` or `line` was given. */
export const plain = (markup: string): string => (markup === nothing ? '' : markup.replace(escaped, original));

/** Several texts as paragraphs: each is one, whatever it holds. */
export const paragraphs = (texts: readonly string[]): string =>
  texts.map((one) => (/\n\n|^\n|\n$/.test(one) ? line(one) : text(one))).join('\n\n');
export const plainParagraphs = (markup: string): string[] => markup.split('\n\n').map(plain);

const name = '[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*';
const placeholder = new RegExp(`\\{\\{(${name})(\\|words)?\\}\\}`, 'g');
const escapedPlaceholder = /\\\{\\\{([a-z](?:[a-z0-9]|\\_)*\.[a-z](?:[a-z0-9]|\\_)*)(\\\|words)?\\\}\\\}/g;
const insertion = new RegExp(`(\\{\\{ insert: param, ${name}(?:\\.words)? \\}\\})`);
const insertedName = new RegExp(`^\\{\\{ insert: param, (${name})(\\.words)? \\}\\}$`);

/** A parameter in words (`15 minutes`) is a parameter of its own in OSCAL. */
export const wordsParam = (parameter: string): string => `${parameter}.words`;

/** Ids of the parameters that a text of ours inserts, each once. */
export const insertedIn = (given: string): string[] => [
  ...new Set([...given.matchAll(placeholder)].map(([, of = '', words]) => (words ? wordsParam(of) : of))),
];

/** A text with placeholders: each `{{parameter}}` becomes an insertion, all else is text. */
export const template = (given: string): string =>
  text(given).replace(escapedPlaceholder, (_, of: string, words?: string) => {
    const bare = of.replaceAll('\\', '');
    return `{{ insert: param, ${words ? wordsParam(bare) : bare} }}`;
  });

/** What `template` was given. */
export function plainTemplate(markup: string): string {
  const parts = markup.split(insertion).map((part) => {
    const [, of, words] = insertedName.exec(part) ?? [];
    return of === undefined ? plain(part) : `{{${of}${words ? '|words' : ''}}}`;
  });
  return parts.join('');
}
