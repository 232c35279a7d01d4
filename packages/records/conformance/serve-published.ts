import { parseWritten, publishedTypes, writeJson } from '@safeguard/fhir';
import { isUuid, type JsonObject } from '@safeguard/kernel';
import { type Call, type Outcome, type Shelf, targetOf } from '../call.ts';
import type { Line, Verb } from '../routes/answer.ts';
import { readShape, shaped, shapedText } from '../verbs/shape.ts';
import type { Published, PublishedResource } from './published.ts';

const outcomeOf = (call: Call, { text, ...head }: PublishedResource): Outcome => {
  const targets = [targetOf(head)];
  const known = (call.conditions['if-none-match'] ?? '').split(',').some((tag) => /^(W\/)?"1"$/.test(tag.trim()));
  return known ? { status: 304, head, targets } : { status: 200, head, text, targets };
};

/** What nobody stored and everybody has: ids of R4's own are no UUIDs, so they hide nothing that is stored. */
const reading =
  (shelf: Shelf, published: Published, action: 'read' | 'vread', verb: Verb): Verb =>
  (call, context, type) => {
    const { id = '', version = '1' } = context.params;
    const found = isUuid(id) || version !== '1' ? undefined : published.read(type, id, call.base);
    if (found === undefined) return verb(call, context, type);
    return shaped(context.query, async () => {
      shelf.guard(call.principal, action, { type });
      return outcomeOf(call, found);
    });
  };

interface Entry {
  readonly fullUrl?: string;
  readonly resource?: { readonly url?: unknown };
}

/** Adds to the one page of a searchset what it does not have yet under the same canonical url. */
function added(text: string, found: readonly PublishedResource[], call: Call, query: URLSearchParams): string {
  const bundle = parseWritten(text) as JsonObject & { link?: { relation: string }[]; entry?: Entry[]; total?: unknown };
  if (bundle.link?.some(({ relation }) => relation === 'next' || relation === 'previous')) return text;
  const shape = readShape(query, ['count']);
  const entries = found.map((one) => ({
    fullUrl: `${call.base}/${one.type}/${one.id}`,
    resource: parseWritten(shapedText(one.text, shape)),
    search: { mode: 'match' },
  }));
  const total = bundle.total === undefined ? {} : { total: Number(String(bundle.total)) + entries.length };
  const entry = shape.summary === 'count' ? {} : { entry: [...(bundle.entry ?? []), ...entries] };
  return writeJson({ ...bundle, ...total, ...entry });
}

/** A search by nothing but `url` or `_id` finds R4's own too. */
const searching =
  (published: Published, verb: Verb): Verb =>
  async (call, context, type) => {
    const outcome = await verb(call, context, type);
    const found = publishedTypes.includes(type) ? published.find(type, context.query, call.base) : [];
    if (found.length === 0 || outcome.text === undefined) return outcome;
    return { ...outcome, text: added(outcome.text, found, call, context.query) };
  };

/** A line of the route table that also serves R4's own conformance resources, where it reads or searches a type. */
export function withPublished(shelf: Shelf, published: Published, line: Line): Line {
  const [method, path, action, verb, more] = line;
  const wrapped =
    action === 'read' || action === 'vread'
      ? reading(shelf, published, action, verb)
      : method === 'GET' && path === '/:type'
        ? searching(published, verb)
        : verb;
  return more === undefined ? [method, path, action, wrapped] : [method, path, action, wrapped, more];
}
