import { component, pageSchema, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { accessPage, personReference, reason } from './fields.ts';

const causes = [
  'recovery-link',
  'recovery-used',
  'invitation',
  'invitation-used',
  'login',
  'identity',
  'directory',
  'provider',
] as const;

export const holdQuery = accessPage.extend({
  account: uuid.optional().describe('Of this account.'),
  released: z.stringbool().default(false).describe('Released ones too.'),
});

export const hold = component(
  'AccessHold',
  z.strictObject({
    id: uuid,
    account: personReference,
    cause: z.enum(causes).describe('What opened a way into the account.'),
    by: z
      .strictObject({
        kind: z.enum(['user', 'client', 'operator', 'unknown']),
        id: uuid.nullable(),
        name: z.string().nullable().describe('Of a person.'),
      })
      .describe('Who did it: they never release it.'),
    made_at: time,
    released: z
      .strictObject({ by: personReference, at: time, reason: z.string() })
      .nullable()
      .describe('Null: it stands, and the account holds nothing.'),
  }),
);
export const holdPage = pageSchema('AccessHoldPage', hold);

export const newRelease = component(
  'NewAccessHoldRelease',
  z
    .strictObject({
      reason: reason.describe('How the person was identified.'),
      same_act: z
        .boolean()
        .default(false)
        .describe('True: with whatever else the same act put on hold, as far as the caller may.'),
    })
    .meta({ examples: [{ reason: 'Came to the office with her badge; the link was hers.' }] }),
);
