import { component, linkOf, type Operation, operation, pageOf, pageSchema, uuid } from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { z } from 'zod';
import type { NotedConsent } from '../consent/types.ts';
import type { ConsentNotesPort } from './answers.ts';
import { accessPage } from './fields.ts';

const notedConsent = component(
  'NotedConsent',
  z.strictObject({
    id: uuid.describe('Of the Consent.'),
    patient: uuid.nullable().describe('null: it names no patient of this server, and so takes nothing.'),
    reasons: z.array(z.string()).describe('What of it cannot be enforced, in fixed words.'),
  }),
);
const notedPage = pageSchema('NotedConsentPage', notedConsent);

/** A Consent may name anything: what is no id of ours is none. */
const patientOf = ({ patient }: NotedConsent): string | null =>
  patient !== undefined && isUuid(patient) ? patient : null;

export const consentOperations = (noted: ConsentNotesPort): Operation[] => [
  operation({
    method: 'GET',
    path: '/access/consents/notes',
    action: 'consent-notes',
    type: 'Consent',
    scope: 'safeguard/access',
    summary: 'Lists Consents of which something cannot be enforced, so that they deny what they might deny',
    query: accessPage,
    status: 200,
    answer: notedPage,
    async handle({ principal: { tenant }, query: { after = '', count }, context }) {
      const rest = (await noted(tenant)).filter(({ id }) => id > after);
      const { items, next } = pageOf(rest, count);
      const body = { items: items.map((one) => ({ id: one.id, patient: patientOf(one), reasons: one.reasons })), next };
      const targets = items.map(({ id }) => ({ type: 'Consent', id }));
      const patients = [...new Set(items.flatMap((one) => patientOf(one) ?? []))];
      return { status: 200, body, headers: linkOf(context, { items, next }), targets, patients };
    },
  }),
];
