import { createHash } from 'node:crypto';
import type { Statement } from '@safeguard/store';

/** The values of a statement that is being written. Text goes into the statement, values never do. */
export interface Draft {
  readonly values: readonly unknown[];
  /** Keeps a value and answers its place, with its PostgreSQL type: `$3::int8`. */
  value(value: unknown, type: string): string;
  /** A name that no other part of the statement has. */
  alias(): string;
}

export function createDraft(): Draft {
  const values: unknown[] = [];
  let aliases = 0;
  return {
    values,
    alias: () => `a${++aliases}`,
    value: (value, type) => {
      values.push(value);
      return `$${values.length}::${type}`;
    },
  };
}

/** Tokens are 64 bits: they go to the driver as text, because a JavaScript number would lose digits. */
export function tokensOf(tokens: readonly bigint[]): readonly string[] {
  const known = texts.get(tokens);
  if (known !== undefined) return known;
  const made = tokens.map(String);
  texts.set(tokens, made);
  return made;
}

/** Lists that are asked for again and again: a care team's. */
const texts = new WeakMap<readonly bigint[], readonly string[]>();

/**
 * A value that the planner does not look at, not even when it plans for these values alone: for the first column of a
 * comparison of rows, of which it would misread the value as a bound on that column only, and expect next to nothing.
 */
export const opaque = (draft: Draft, value: unknown, type: string): string => `(select ${draft.value(value, type)})`;

/** A single token as one value, several as a list: PostgreSQL keeps the order of an index only for the former. */
export function isAnyOf(draft: Draft, column: string, tokens: readonly bigint[]): string {
  const [only] = tokens;
  if (tokens.length === 1) return `${column} = ${draft.value(String(only), 'int8')} and ${column} is not null`;
  return `${column} = any (${draft.value(tokensOf(tokens), 'int8[]')}) and ${column} is not null`;
}

/** Shapes that stay prepared on every connection; a shape beyond them is planned anew each time. */
const most_shapes = 1_000;
const shapes = new Map<string, Statement>();

/** A statement named by its text: the same shape is prepared once a connection, whatever its values. */
export function shaped(text: string): Statement {
  const known = shapes.get(text);
  if (known !== undefined) return known;
  if (shapes.size >= most_shapes) return { name: '', text };
  const name = `records-s-${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
  const statement = { name, text };
  shapes.set(text, statement);
  return statement;
}
