import { z } from 'zod';
import type { Evidence } from './types.ts';

const time = z.int().positive();
const words = z.string().min(1).max(500);

/** How much of a finding is kept. */
export const bounds = { text: 500, exceptions: 20, exception: 200 } as const;

/** An entry of kind `evidence`: what the log holds is read in this form or not at all. */
const evidence = z.strictObject({
  kind: z.literal('evidence'),
  id: z.uuid(),
  check: z
    .string()
    .max(100)
    .regex(/^[a-z]+\.[a-z][a-z0-9-]*$/),
  at: time,
  from: time,
  until: time,
  result: z.enum(['met', 'unmet', 'unknown']),
  examined: z.int().min(0),
  saw: words,
  todo: words.optional(),
  exceptions: z.array(z.string().max(bounds.exception)).max(bounds.exceptions).optional(),
  more: z.int().min(0).optional(),
  query: z.string().min(1).max(2_000),
  how: z.enum(['performed', 'reported']),
  why: z.enum(['schedule', 'start', 'change', 'asked']),
  took_ms: z.number().min(0),
  code: z.strictObject({
    version: z.string().max(100),
    digest: z.string().max(100),
    programme: z.string().max(100),
  }),
});

/** The evidence that an entry is; undefined: it is something else. */
export function evidenceOf(event: object): Evidence | undefined {
  const { success, data } = evidence.safeParse(event);
  return success ? (data as Evidence) : undefined;
}
