const space = /[ \t\n\r]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 section 7 refuses exactly these
const plain = /[^"\\\u0000-\u001f]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** What may come next: a value, a value or the end of the list or object, or a comma or an end. */
type Awaits = 'value' | 'first' | 'next';

/** A reader that keeps its own stack, so that no nesting can exhaust the engine's. */
interface Reader {
  readonly text: string;
  readonly open: ('{' | '[')[];
  at: number;
}

function take(reader: Reader, pattern: RegExp): boolean {
  pattern.lastIndex = reader.at;
  const matched = pattern.test(reader.text);
  if (matched) reader.at = pattern.lastIndex;
  return matched;
}

function takeCharacter(reader: Reader, character: string): boolean {
  take(reader, space);
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function takeString(reader: Reader): boolean {
  if (!takeCharacter(reader, '"')) return false;
  do take(reader, plain);
  while (take(reader, escaped));
  return takeCharacter(reader, '"');
}

/** One value, or the opening of one. */
function takeValue(reader: Reader): Awaits | undefined {
  for (const bracket of ['{', '['] as const) {
    if (!takeCharacter(reader, bracket)) continue;
    reader.open.push(bracket);
    return 'first';
  }
  const isString = reader.text[reader.at] === '"';
  return (isString ? takeString(reader) : take(reader, scalar)) ? 'next' : undefined;
}

function takeEnd(reader: Reader): boolean {
  if (!takeCharacter(reader, reader.open.at(-1) === '{' ? '}' : ']')) return false;
  reader.open.pop();
  return true;
}

function step(reader: Reader, awaits: Awaits): Awaits | undefined {
  if (reader.open.length > 0) {
    if (awaits !== 'value' && takeEnd(reader)) return 'next';
    if (awaits === 'next') return takeCharacter(reader, ',') ? 'value' : undefined;
    if (reader.open.at(-1) === '{' && !(takeString(reader) && takeCharacter(reader, ':'))) return undefined;
  } else if (awaits === 'next') return undefined;
  return takeValue(reader);
}

/**
 * Where a text stops being JSON (RFC 8259), as a character offset. Run only after the parser has refused the text,
 * whose own message would quote it.
 */
export function errorPosition(text: string): number {
  const reader: Reader = { text, open: [], at: 0 };
  let awaits: Awaits | undefined = 'value';
  while (awaits !== undefined) awaits = step(reader, awaits);
  return reader.at;
}
