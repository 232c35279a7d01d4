import { type Operation, operation, type Principal } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import { z } from 'zod';
import type { ReportRequests } from '../reports/requests/types.ts';
import type { Report, Reports, Wanted } from '../reports/types.ts';
import type { Actor } from '../workflow/types.ts';
import { checkHouse, iso, missing, scope } from './fields.ts';
import * as schemas from './report-schemas.ts';

export interface ReportsApi {
  readonly reports: Reports;
  readonly requests: ReportRequests;
  readonly clock: Clock;
  readonly actorOf: (principal: Principal) => Actor;
}

/** Times as text, and what was left out left out. */
export function wantedOf(given: z.output<typeof schemas.wanted>): Wanted {
  const { from, until, families, format, notes, kind } = given;
  return {
    ...{ kind, from: Date.parse(from), until: Date.parse(until) },
    ...(families === undefined ? {} : { families }),
    ...(format === undefined ? {} : { format }),
    ...(notes === undefined ? {} : { notes }),
  };
}

const endings = { 'application/pdf': 'pdf', 'text/html': 'html', 'application/zip': 'zip' } as const;

/** The name that a report is saved under. */
export const filenameOf = ({ kind, from, until, media }: Report): string =>
  `safeguard-${kind}-${iso(from).slice(0, 10)}-to-${iso(until - 1).slice(0, 10)}.${endings[media]}`;

const made = ({ reports, actorOf }: ReportsApi): Operation[] => [
  operation({
    method: 'POST',
    path: '/programme/reports',
    action: 'report-make',
    type: 'Report',
    scope,
    summary: 'Has a report over a period made',
    description:
      'Answers at once; `GET` of the id says how far it is, then the report. ' +
      'Its digest stands in the platform’s log. ' +
      'This process makes one report at a time and knows of those under way alone.',
    body: schemas.wanted,
    status: 202,
    answer: schemas.making,
    handle({ principal, body }) {
      checkHouse(principal);
      const started = reports.start(actorOf(principal), wantedOf(body));
      return { status: 202, body: schemas.makingView(started), targets: [{ type: 'Report', id: started.id }] };
    },
  }),
  operation({
    method: 'GET',
    path: '/programme/reports',
    action: 'report-list',
    type: 'Report',
    scope,
    summary: 'Lists the reports that were made, newest first, at most 200',
    status: 200,
    answer: schemas.reportPage,
    async handle({ principal }) {
      checkHouse(principal);
      return { status: 200, body: { items: (await reports.list()).map(schemas.reportView) } };
    },
  }),
  operation({
    method: 'GET',
    path: '/programme/reports/:id',
    params: { id: 'Report' },
    action: 'report-read',
    type: 'Report',
    scope,
    summary: 'Shows a report, or how far its making is',
    status: 200,
    answer: z.union([schemas.report, schemas.making]),
    async handle({ principal, params: { id = '' } }) {
      checkHouse(principal);
      const found = await reports.byId(id);
      if (found !== undefined) return { status: 200, body: schemas.reportView(found) };
      const making = reports.making(id);
      if (making === undefined) throw missing();
      return { status: 200, body: schemas.makingView(making) };
    },
  }),
  operation({
    method: 'GET',
    path: '/programme/reports/:id/file',
    params: { id: 'Report' },
    action: 'report-read',
    type: 'Report',
    scope,
    summary: 'Downloads a report',
    status: 200,
    files: ['application/pdf', 'text/html', 'application/zip'],
    async handle({ principal, params: { id = '' } }) {
      checkHouse(principal);
      const { report, bytes } = await reports.read(id);
      // As a file, never as a page of ours.
      const headers = { 'Content-Disposition': `attachment; filename="${filenameOf(report)}"` };
      return { status: 200, headers, file: { type: report.media, body: bytes } };
    },
  }),
];

const asked = ({ requests, actorOf }: ReportsApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/report-requests',
    action: 'report-request-list',
    type: 'Report',
    scope,
    summary: 'Lists who asked for a report, and how that stands, newest first, at most 200',
    status: 200,
    answer: schemas.requestPage,
    async handle({ principal }) {
      checkHouse(principal);
      return { status: 200, body: { items: (await requests.list()).map(schemas.requestView) } };
    },
  }),
  operation({
    method: 'POST',
    path: '/programme/report-requests/:id/link',
    params: { id: 'ReportRequest' },
    action: 'report-make',
    type: 'Report',
    scope,
    summary: 'Makes a link for an approved request, to be handed on; the one before ends',
    body: z.strictObject({}),
    status: 201,
    answer: schemas.downloadLink,
    async handle({ principal, params: { id = '' } }) {
      checkHouse(principal);
      const { url, expires_at } = await requests.link(actorOf(principal), id);
      return { status: 201, body: { url, expires_at: iso(expires_at) } };
    },
  }),
];

export const reportOperations = (api: ReportsApi): Operation[] => [...made(api), ...asked(api)];
