import { z } from 'zod';
import { decisionKinds } from '../content/types.ts';

export const decisionKind = 'decision';
export const waiverKind = 'waiver';

const prose = z
  .string()
  .min(20)
  .max(4_000)
  .regex(/^(?:[^\p{C}]|[\n\r\t])+$/u);
const control = z.string().regex(/^[0-9A-Za-z.-]{3,60}$/);

export const decisionSubject = z.strictObject({
  control,
  kind: z.enum(decisionKinds),
  why: prose,
  factors: prose,
});
export type DecisionSubject = z.infer<typeof decisionSubject>;

export const waiverSubject = z.strictObject({
  control,
  /** Id of the account that answers for it. */
  owner: z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  why: prose,
  /** Milliseconds since the Unix epoch. */
  until: z.int().positive(),
});
export type WaiverSubject = z.infer<typeof waiverSubject>;

/** What is told at each field that is wrong. */
export const expected: Readonly<Record<string, string>> = {
  control: 'the id of a control',
  kind: `one of ${decisionKinds.join(', ')}`,
  why: '20 to 4,000 printable characters',
  factors: '20 to 4,000 printable characters',
  owner: 'the id of an account',
  until: 'a moment, in milliseconds since the Unix epoch',
};
