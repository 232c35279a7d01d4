import { component, pageQuery } from '@safeguard/http';
import { z } from 'zod';

/** A moment as it is sent. */
export const instant = z.iso.datetime({ offset: true });
export const roleName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,59}$/)
  .describe('A role of the policy.');
export const reason = z.string().min(10).max(2_000).describe('Why. Sealed at rest, and never in the log.');

/** Services give 200 at once at most, and one more than a page is asked for. */
export const accessPage = pageQuery.extend({
  count: z.coerce.number().int().min(1).max(100).default(50).describe('How many at most.'),
});

export const personReference = component(
  'PersonReference',
  z.strictObject({
    id: z.string().describe('Of an account; `operator`: at the machine itself.'),
    name: z.string().nullable().describe('null: the account is not known any more.'),
  }),
);

export const iso = (at: number): string => new Date(at).toISOString();
export const isoOr = (at: number | undefined): string | null => (at === undefined ? null : iso(at));
export const msOf = (text: string): number => Date.parse(text);
export const msOrNone = (text: string | undefined): number | undefined => (text === undefined ? undefined : msOf(text));
