import { unanswerable } from './refuse.ts';
import { type Program, programOf, run } from './regular/machine.ts';
import { type Read, readRegular } from './regular/syntax.ts';

type Spend = (steps: number) => void;

/** A regular expression of an expression: `.` takes line ends as well (N1 5.6.8), case counts, Unicode. */
export interface Regular {
  test(text: string, spend: Spend): boolean;
  /** Every match by `by`, in which `$1`, `${1}`, `${name}` stand for groups, `$&` for the match, `$$` for `$`. */
  replace(text: string, by: string, spend: Spend): string;
}

/** Below this a simple pattern (one part of any length) cannot keep the engine's own matcher busy. */
const native_limit = 2000;
const pattern_limit = 2000;

type Group = (name: string) => string;

const filled = (by: string, group: Group): string =>
  by.replace(/\$(?:(\$)|(&)|(\d)|\{(\w+)\}|<(\w+)>)/g, (_, dollar, all, digit, braced, angled) =>
    dollar ? '$' : group(all ? '0' : (digit ?? braced ?? angled)),
  );

function replace(program: Program, { groups, names }: Read, text: string, by: string, spend: Spend): string {
  const slots = (groups + 1) * 2;
  const parts: string[] = [];
  let from = 0;
  let kept = 0;
  while (from <= text.length) {
    const found = run(program, slots, text, from, spend);
    if (!found) break;
    const [start = 0, end = 0] = found;
    const group: Group = (name) => {
      const slot = (names.get(name) ?? Number(name)) * 2;
      const [first = -1, last = -1] = [found[slot], found[slot + 1]];
      return first < 0 ? '' : text.slice(first, last);
    };
    parts.push(text.slice(kept, start), filled(by, group));
    kept = end;
    from = end > start ? end : end + 1;
  }
  return parts.join('') + text.slice(kept);
}

function native(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'su');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function make(pattern: string): Regular {
  const read = readRegular(pattern);
  const program = programOf(read.rule);
  const quick = read.simple ? native(pattern) : undefined;
  return {
    test(text, spend) {
      if (!quick || text.length > native_limit)
        return run(program, (read.groups + 1) * 2, text, 0, spend) !== undefined;
      spend(text.length);
      return quick.test(text);
    },
    replace: (text, by, spend) => replace(program, read, text, by, spend),
  };
}

const cache = new Map<string, Regular>();
const cache_limit = 200;

/**
 * Reads a pattern that a tenant may have written. No pattern can hang: what is not plainly harmless runs on a machine
 * whose time is linear in the text. Look-around and back references are refused with Fault `unprocessable`.
 */
export function regularExpression(pattern: string): Regular {
  const known = cache.get(pattern);
  if (known) return known;
  if (pattern.length > pattern_limit)
    throw unanswerable(`a regular expression is longer than ${pattern_limit} characters`);
  const made = make(pattern);
  if (cache.size >= cache_limit) cache.clear();
  cache.set(pattern, made);
  return made;
}
