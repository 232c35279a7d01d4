import { fault } from '@safeguard/kernel';
import { z } from 'zod';
import type { RequestContext } from '../types.ts';

/** The query of every list: where to go on, and how many. */
export const pageQuery = z.strictObject({
  after: z.guid().optional().describe('The id of the last one seen: `next` of the page before.'),
  count: z.coerce.number().int().min(1).max(200).default(50).describe('How many at most.'),
});

export interface Page<T> {
  readonly items: readonly T[];
  /** What `after` has to be for the next page; null: this is the last. */
  readonly next: string | null;
}

/** A cursor of another tenant's, or of nobody's, is none. */
export const badCursor = () =>
  fault('invalid', 'The query is not as described: see errors.', {
    issues: [{ severity: 'error', code: 'invalid', text: 'This was never a cursor here.', at: '/after' }],
  });

/** `found` holds one more than `count` when there is more. */
export function pageOf<T extends { readonly id: string }>(found: readonly T[], count: number): Page<T> {
  const items = found.slice(0, count);
  return { items, next: found.length > count ? (items.at(-1)?.id ?? null) : null };
}

/** A page of a list that is at hand whole. Fault `invalid` for a cursor that is not in it. */
export function slice<T extends { readonly id: string }>(
  all: readonly T[],
  { after, count }: { readonly after?: string | undefined; readonly count: number },
): Page<T> {
  const at = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && at === 0) throw badCursor();
  return pageOf(all.slice(at, at + count + 1), count);
}

/** RFC 8288: the next page as a link, for callers that follow links. */
export function linkOf({ base, url = '' }: RequestContext, { next }: Page<unknown>): Record<string, string> {
  if (next === null) return {};
  const target = new URL(url, base);
  target.searchParams.set('after', next);
  return { Link: `<${base}${target.pathname}${target.search}>; rel="next"` };
}
