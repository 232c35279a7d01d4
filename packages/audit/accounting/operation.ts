import { component, type Operation, operation, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { fhirPath } from '../fhir/answer.ts';
import type { Accounting, Asked } from './accounting.ts';
import type { AccessRow } from './rows.ts';

/** What the operation needs of the package; the access API describes it without. */
export interface AccountingPort {
  accounting(tenant: number, patient: string, asked: Asked): Promise<Accounting>;
  pdf(accounting: Accounting): Promise<Buffer>;
  bundle(tenant: number, patient: string, asked: Asked & { readonly base: string }): Promise<object>;
}

const party = component(
  'AccessParty',
  z.strictObject({ kind: z.enum(['person', 'client']), id: z.string(), name: z.string().nullable() }),
);

const row = component(
  'AccessToRecord',
  z.strictObject({
    id: uuid.describe('Of its AuditEvent.'),
    at: time,
    who: party,
    through: party.nullable().describe('The app that a person used.'),
    purpose: z.string().nullable().describe('A code of HL7 PurposeOfUse.'),
    action: z.string(),
    group: z.enum(['C', 'R', 'U', 'D', 'E']),
    outcome: z.enum(['permit', 'deny', 'fail']),
    what: z
      .array(z.strictObject({ type: z.string(), count: z.int() }))
      .nullable()
      .describe('Null: it was shown together with other patients’, and is not told.'),
    several: z.boolean().describe('The same answer showed other patients too; `what` counts all of it.'),
    rule: z.string().nullable(),
    grant: z.string().nullable(),
    disclosure: z.strictObject({ counts: z.boolean(), certain: z.boolean(), reason: z.string(), cite: z.string() }),
  }),
);

export const accountingSchema = component(
  'Accounting',
  z.strictObject({
    patient: uuid,
    from: time,
    to: time,
    generated_at: time,
    items: z.array(row),
    cut: z.boolean().describe('There are older accesses in the period: ask for a shorter one.'),
    checkpoints: z.array(z.strictObject({ origin: z.string(), size: z.int(), root: z.string(), note: z.string() })),
  }),
);

const isoOf = (at: number): string => new Date(at).toISOString();
const shown = (one: AccessRow): object => ({ ...one, at: isoOf(one.at) });

/** As the API tells it: times in ISO, roots in base64. */
export const accountingView = ({ rows, checkpoints, ...rest }: Accounting): object => ({
  ...rest,
  from: isoOf(rest.from),
  to: isoOf(rest.to),
  generated_at: isoOf(rest.generated_at),
  items: rows.map(shown),
  checkpoints: checkpoints.map(({ origin, size, root, note }) => ({
    origin,
    size,
    root: root.toString('base64'),
    note,
  })),
});

const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

export const accountingQuery = z.strictObject({
  from: moment.optional().describe('Default: six years before `to`.'),
  to: moment.optional().describe('Exclusive. Default: now.'),
  format: z.enum(['json', 'pdf', 'fhir']).default('json'),
});

export const accountingFiles = ['application/pdf', 'application/fhir+json'] as const;

const msOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

/** The period and the reader that a query and a patient come to. */
export function askedOf({ from, to }: z.output<typeof accountingQuery>, only?: readonly string[]): Asked {
  const [start, end] = [msOf(from), msOf(to)];
  return {
    ...(start === undefined ? {} : { from: start }),
    ...(end === undefined ? {} : { to: end }),
    ...(only === undefined ? {} : { only }),
  };
}

/** The accounting in the form that was asked for: an outcome of an operation. */
export async function accountingAnswer(
  port: AccountingPort,
  tenant: number,
  patient: string,
  { asked, format, base }: { readonly asked: Asked; readonly format: 'json' | 'pdf' | 'fhir'; readonly base: string },
) {
  const patients = [patient];
  if (format === 'fhir') {
    const bundle = await port.bundle(tenant, patient, { ...asked, base: `${base}${fhirPath}` });
    return { status: 200, patients, file: { type: 'application/fhir+json', body: JSON.stringify(bundle) } } as const;
  }
  const accounting = await port.accounting(tenant, patient, asked);
  if (format === 'json') return { status: 200, patients, body: accountingView(accounting) } as const;
  const headers = { 'Content-Disposition': 'attachment; filename="accounting.pdf"' };
  const file = { type: 'application/pdf', body: await port.pdf(accounting) };
  return { status: 200, patients, headers, file } as const;
}

/** `GET /api/v1/access/patients/:id/accesses`: who did, for officers. */
export const accountingOperations = (port: AccountingPort): readonly Operation[] => [
  operation({
    method: 'GET',
    path: '/access/patients/:id/accesses',
    action: 'who-did',
    type: 'Patient',
    scope: 'safeguard/access',
    summary: 'Who accessed this patient’s record',
    description:
      'All accesses of a period, newest first, at most 20,000; each says whether 45 CFR 164.528 counts it as a ' +
      'disclosure. As JSON, as PDF, or as a FHIR Bundle of AuditEvents.',
    params: { id: 'Patient' },
    query: accountingQuery,
    status: 200,
    answer: accountingSchema,
    files: accountingFiles,
    problems: [503],
    handle: ({ context, principal, params, query }) =>
      accountingAnswer(port, principal.tenant, params.id ?? '', {
        asked: askedOf(query),
        format: query.format,
        base: context.base,
      }),
  }),
];
