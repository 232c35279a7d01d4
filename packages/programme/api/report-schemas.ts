import { component, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { families } from '../content/types.ts';
import type { ReportRequest } from '../reports/requests/types.ts';
import { type Making, type Report, reportFormats, reportKinds } from '../reports/types.ts';
import { iso, isoOr } from './fields.ts';

export const report = component(
  'ProgrammeReport',
  z.strictObject({
    id: uuid,
    kind: z.enum(reportKinds),
    media: z.enum(['application/pdf', 'text/html', 'application/zip']),
    from: time,
    until: time.describe('Exclusive.'),
    families: z.array(z.enum(families)).describe('Empty: all.'),
    made_by: z.string(),
    made_at: time,
    digest: z.string().describe('SHA-256 of its bytes, hex.'),
    bytes: z.int(),
    entry: z.strictObject({ shard: z.int(), index: z.int() }).describe('Its leaf in the platform’s log.'),
  }),
);
export const reportPage = component('ProgrammeReportPage', z.strictObject({ items: z.array(report) }));

export const making = component(
  'ProgrammeReportMaking',
  z.strictObject({
    id: uuid.describe('Of the report that it will be.'),
    state: z.enum(['making', 'made', 'failed']),
    text: z.string().describe('What is being done; of a failed one why.'),
    share: z.number().describe('0 to 1.'),
  }),
);

export const wanted = z.strictObject({
  kind: z.enum(reportKinds).describe('`bundle`: evidence for auditors, a ZIP that verifies offline.'),
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).describe('Exclusive; not in the future.'),
  families: z.array(z.enum(families)).min(1).max(8).optional().describe('Of an audit report. Default: all.'),
  format: z.enum(reportFormats).optional().describe('Of an audit report. Default: pdf.'),
  notes: z.boolean().optional().describe('Of a bundle: with people’s notes on tasks. Default: without.'),
});

export const request = component(
  'ReportRequest',
  z.strictObject({
    id: uuid,
    task: uuid,
    at: time,
    state: z.enum(['waiting', 'approved', 'sent', 'downloaded', 'expired', 'closed']),
    kind: z.enum(reportKinds),
    name: z.string(),
    organization: z.string(),
    email: z.string(),
    report: uuid.nullable(),
    expires_at: time.nullable(),
    downloads: z.int(),
  }),
);
export const requestPage = component('ReportRequestPage', z.strictObject({ items: z.array(request) }));
export const downloadLink = component(
  'ReportDownloadLink',
  z.strictObject({ url: z.string().describe('Shown once; works once.'), expires_at: time }),
);

export function reportView({ from, until, at, place, parts: _, families: named, ...rest }: Report) {
  return { ...rest, families: [...named], from: iso(from), until: iso(until), made_at: iso(at), entry: { ...place } };
}
export const makingView = (one: Making) => ({ ...one });
export const requestView = ({ at, expires_at, report: of, ...rest }: ReportRequest) => ({
  ...{ ...rest, at: iso(at), report: of ?? null, expires_at: isoOr(expires_at) },
});
