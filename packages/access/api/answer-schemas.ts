import { component, time, uuid, views } from '@safeguard/http';
import { z } from 'zod';
import { personReference } from './fields.ts';

const type = z.string().regex(/^[A-Z][A-Za-z]{1,59}$/);

export const question = component(
  'AccessQuestion',
  z
    .strictObject({
      account: uuid.optional().describe('Of whom; absent with `client`: oneself. Others’: officers.'),
      client: uuid.optional().describe('Instead of an account.'),
      action: z
        .string()
        .regex(/^[a-z][a-z$-]{1,39}$/)
        .describe('An interaction of FHIR.'),
      type: type.describe('A type of FHIR.'),
      id: uuid.optional().describe('Of one resource; absent: of any of the type.'),
    })
    .refine(({ account, client }) => account === undefined || client === undefined, 'Either an account or a client.')
    .meta({ examples: [{ action: 'read', type: 'Observation', id: '5a2d3c4b-5a69-4788-9796-a5b4c3d2e1f0' }] }),
);
export const explanation = component(
  'AccessExplanation',
  z.strictObject({
    permit: z.boolean(),
    reason: z.string().describe('In fixed words.'),
    rule: z.string().nullable().describe('The rule of the policy that decided.'),
    why: z.string().nullable().describe('What the policy says the rule is for.'),
    role: z.string().nullable(),
    grant: uuid.nullable(),
    granted_by: z.array(personReference).describe('Who approved the grant.'),
    until: time.nullable(),
    view: z.enum(views).nullable().describe('How much the answer would show.'),
    consent: z.string().nullable().describe('The Consent that took it.'),
    rules: z
      .array(
        z.strictObject({
          rule: z.string(),
          effect: z.enum(['permit', 'forbid']),
          why: z.string(),
          through: z
            .strictObject({
              kind: z.enum(['role', 'group', 'user', 'client', 'everyone']),
              name: z.string().nullable(),
              grant: uuid.nullable(),
            })
            .nullable()
            .describe('null: it does not name them.'),
          failed: z.string().nullable().describe('The first condition that does not hold.'),
        }),
      )
      .describe('What was looked at, rule by rule.'),
    assumed: z
      .array(z.enum(['factor', 'network', 'purpose', 'app', 'patient']))
      .describe(
        'What was not known: a second factor shown just now, no network, the usual purpose, an app with all that the ' +
          'account may, the patient in context.',
      ),
  }),
);

export const viewers = component(
  'PatientViewers',
  z.strictObject({
    items: z.array(
      z.strictObject({
        kind: z.enum(['account', 'client']),
        id: uuid,
        name: z.string().nullable(),
        role: z.string().nullable(),
        rule: z.string(),
        grant: uuid.nullable(),
        until: time.nullable(),
        view: z.enum(views),
        letters: z.string().describe('Of `cruds`.'),
        when: z
          .array(z.enum(['purpose', 'network', 'hours', 'fresh']))
          .describe('What it depends on: another purpose than the usual one, the network, the hour, a fresh factor.'),
      }),
    ),
  }),
);
