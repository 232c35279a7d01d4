import { component, pageSchema, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { accessPage, instant, personReference, reason, roleName } from './fields.ts';

const patients = z.array(uuid).min(1).max(100).describe('Ids of Patients. Absent: not limited by the grant.');
const opens = z.array(roleName).min(1).max(20).describe('Sensitive categories that it opens, by name.');
const states = ['open', 'approved', 'rejected', 'withdrawn', 'lapsed'] as const;

const wanted = {
  role: roleName,
  patients: patients.optional(),
  opens: opens.optional(),
  reason,
  until: instant.describe('The end, exclusive: every right has one.'),
};

export const newRequest = component(
  'NewAccessRequest',
  z
    .strictObject({
      account: uuid.optional().describe('For whom; absent: for oneself.'),
      ...wanted,
      from: instant.optional().describe('Absent: at once.'),
    })
    .meta({
      examples: [{ role: 'clinician', reason: 'Joins the cardiology ward.', until: '2027-06-30T00:00:00Z' }],
    }),
);
export const newElevation = component(
  'NewElevation',
  z
    .strictObject(wanted)
    .meta({ examples: [{ role: 'operator', reason: 'Restores a backup.', until: '2026-11-22T20:00:00Z' }] }),
);
export const requestDecision = component(
  'NewRequestDecision',
  z
    .strictObject({ verdict: z.enum(['approve', 'reject']), reason: reason.optional().describe('Of a rejection.') })
    .meta({ examples: [{ verdict: 'approve' }, { verdict: 'reject', reason: 'Not on this ward.' }] }),
);

export const listQuery = accessPage.extend({
  of: z
    .enum(['asked', 'mine', 'to-decide', 'all'])
    .default('asked')
    .describe('What I asked, what is for me, what I may decide, or (officers and programs) everybody’s.'),
  state: z.enum(states).optional(),
  account: uuid.optional().describe('With `of=all`: for whom.'),
});

export const accessRequest = component(
  'AccessRequest',
  z.strictObject({
    id: uuid,
    kind: z.enum(['standing', 'elevation', 'break-glass']),
    state: z.enum(states).describe('`lapsed`: nobody decided in time.'),
    account: personReference,
    role: z.string(),
    patients: z.array(uuid).nullable(),
    opens: z.array(z.string()).nullable(),
    reason: z.string(),
    from: time.nullable(),
    until: time,
    asked_by: personReference,
    asked_at: time,
    needed: z.int().describe('How many must approve.'),
    decisions: z.array(
      z.strictObject({
        by: personReference,
        verdict: z.enum(['approve', 'reject']),
        reason: z.string().nullable(),
        at: time,
      }),
    ),
    grant: uuid.nullable().describe('What came of it.'),
  }),
);
export const requestPage = pageSchema('AccessRequestPage', accessRequest);
