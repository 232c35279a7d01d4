import { fault, type Issue } from '@safeguard/kernel';
import type { z } from 'zod';

const mostIssues = 20;
/** A key of the caller's own may be anything that they sent by mistake: only what looks like a field is told. */
const fieldForm = /^[A-Za-z_][A-Za-z0-9_-]{0,40}$/;

const escaped = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');
/** RFC 6901. */
const pointerOf = (path: readonly PropertyKey[]): string => path.map((part) => `/${escaped(part)}`).join('');

type Found = z.core.$ZodIssue;

/** What was expected, in words of ours: of what came, nothing is repeated. */
function textOf(found: Found): string {
  switch (found.code) {
    case 'invalid_type':
      return `Expected: ${found.expected}.`;
    case 'invalid_value':
      return `Expected one of: ${found.values.map(String).join(', ')}.`;
    case 'too_small':
      return `Expected at least ${found.minimum}.`;
    case 'too_big':
      return `Expected at most ${found.maximum}.`;
    case 'invalid_format':
      return `Expected the form: ${found.format}.`;
    case 'custom':
      return found.message;
    default:
      return 'Not as described.';
  }
}

function issuesOf(found: Found): Issue[] {
  const issue = (text: string, path: readonly PropertyKey[]): Issue => ({
    severity: 'error',
    code: 'invalid',
    text,
    at: pointerOf(path),
  });
  if (found.code !== 'unrecognized_keys') return [issue(textOf(found), found.path)];
  return found.keys.map((key) =>
    issue('There is no such field, or it cannot be set.', fieldForm.test(key) ? [...found.path, key] : found.path),
  );
}

const wrongShape = (what: string, issues: readonly Issue[]) =>
  fault('invalid', `The ${what} is not as described: see errors.`, { issues: issues.slice(0, mostIssues) });

/** The value as the schema makes it. Fault `invalid`: one issue per finding, each with its JSON pointer. */
export function checked<T extends z.ZodType>(schema: T, value: unknown, what: 'body' | 'query'): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw wrongShape(what, result.error.issues.flatMap(issuesOf));
}

/** What is given leaves out what is absent: a key that is undefined is no field. */
export const present = <T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;

/** The bytes as JSON, strictly UTF-8 (RFC 8259 8.1). Fault `malformed`. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw fault('malformed', 'The body is not JSON in UTF-8.', { cause });
  }
}

/** The parameters of a query, each once. Fault `invalid`. */
export function readQuery(query: URLSearchParams): Record<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of query) {
    if (found.has(name)) throw fault('invalid', 'A parameter stands in the query more than once.');
    found.set(name, value);
  }
  return Object.fromEntries(found);
}
