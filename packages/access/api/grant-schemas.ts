import { component, pageSchema, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { accessPage, personReference, reason, roleName } from './fields.ts';
import { accessRequest } from './request-schemas.ts';

export const listQuery = accessPage.extend({
  of: z.enum(['mine', 'all']).default('mine').describe('My own, or (officers and programs) everybody’s.'),
  account: uuid.optional().describe('With `of=all`: whose.'),
  role: roleName.optional(),
  ended: z.stringbool().default(false).describe('True: with those that are over.'),
});

export const grant = component(
  'Grant',
  z.strictObject({
    id: uuid,
    kind: z.enum(['standing', 'elevation', 'break-glass', 'relationship']),
    account: personReference,
    role: z.string(),
    patients: z.array(uuid).nullable(),
    opens: z.array(z.string()).nullable(),
    from: time,
    until: time,
    in_force: z.boolean().describe('At the moment of this answer.'),
    request: uuid.describe('Why it is held: who asked and who approved.'),
    ended_at: time.nullable().describe('Before its time.'),
    ended_why: z.string().nullable(),
    used_at: time.nullable().describe('When it last let a request through, to the minute.'),
  }),
);
export const grantPage = pageSchema('GrantPage', grant);

export const newEmergency = component(
  'NewEmergency',
  z
    .strictObject({
      patient: uuid.describe('The one patient whose record is opened.'),
      reason,
      minutes: z.int().min(1).max(60).optional().describe('How long; absent: an hour.'),
    })
    .meta({
      examples: [
        {
          patient: '5a2d3c4b-5a69-4788-9796-a5b4c3d2e1f0',
          reason: 'Unconscious in the emergency room.',
          minutes: 30,
        },
      ],
    }),
);
export const emergencyOpened = component(
  'EmergencyOpened',
  z.strictObject({
    grant: grant.nullable(),
    request: accessRequest
      .nullable()
      .describe('Instead of a grant: an earlier use was not reviewed in time, so this one needs an approver.'),
  }),
);

export const usesQuery = accessPage.extend({
  reviewed: z.stringbool().optional().describe('Absent: both.'),
});
export const emergencyUse = component(
  'EmergencyUse',
  z.strictObject({
    id: uuid.describe('Of the grant.'),
    grant,
    reason: z.string(),
    review_by: time.describe('By when somebody has to have looked at it.'),
    reviewed: z
      .strictObject({
        by: personReference,
        at: time,
        verdict: z.enum(['justified', 'unjustified']),
        reason: z.string(),
      })
      .nullable(),
  }),
);
export const usePage = pageSchema('EmergencyUsePage', emergencyUse);
export const newUseReview = component(
  'NewEmergencyReview',
  z
    .strictObject({ verdict: z.enum(['justified', 'unjustified']), reason })
    .meta({ examples: [{ verdict: 'justified', reason: 'Seen in the ward book.' }] }),
);
