import type { Answer, RequestContext, Route } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { fhirPath, formatOf, tellOutcome, written } from './fhir/answer.ts';
import { readEvent } from './read.ts';
import { formats } from './search/query.ts';
import { searchEvents } from './search/search.ts';
import type { House } from './types.ts';

/** The patients that a search names, told before anything is decided: a denial says of whom it was. */
function about(context: RequestContext, query: URLSearchParams): void {
  const ids = (query.get('patient') ?? '').split(',').map((value) => value.slice(value.lastIndexOf('/') + 1));
  context.about?.(ids.filter(isUuid).map((id) => ({ type: 'Patient', id })));
}

async function search(house: House, asked: RequestContext, query: URLSearchParams): Promise<Answer> {
  const context = { ...asked, query };
  about(asked, query);
  formatOf(context);
  const { bundle, patients, asked: name } = await searchEvents(house, context);
  asked.found?.({ asked: name });
  return { status: 200, ...written(bundle, context), targets: [], patients };
}

async function read(house: House, context: RequestContext): Promise<Answer> {
  const { id = '' } = context.params;
  if (/^[_$]/.test(id)) throw fault('method', 'AuditEvents are read and searched, and nothing else');
  if (isUuid(id)) context.about?.([{ type: 'AuditEvent', id }]);
  formatOf(context);
  if (![...context.query.keys()].every((name) => formats.includes(name))) {
    throw fault('invalid', `Unknown parameter. Known here: ${formats.join(', ')}`);
  }
  const { resource, patients } = await readEvent(house, context);
  return { status: 200, ...written(resource, context), targets: [{ type: 'AuditEvent', id }], patients };
}

const formType = 'application/x-www-form-urlencoded';

const served = { auth: 'either', errors: 'fhir', tell: tellOutcome } as const;

/**
 * AuditEvents at the FHIR base: read and searched, never written. The addresses are the type's own, so that every
 * other method on them is 405 with `Allow`, whoever asks.
 */
export const auditRoutes = (house: House): Route[] => [
  {
    ...served,
    method: 'GET',
    path: `${fhirPath}/AuditEvent`,
    action: 'audit-search',
    handle: (context) => search(house, context, context.query),
  },
  {
    ...served,
    method: 'POST',
    path: `${fhirPath}/AuditEvent/_search`,
    action: 'audit-search',
    accepts: [formType],
    handle: (context) =>
      search(
        house,
        context,
        new URLSearchParams([...context.query, ...new URLSearchParams(context.body.toString('utf8'))]),
      ),
  },
  {
    ...served,
    method: 'GET',
    path: `${fhirPath}/AuditEvent/:id`,
    action: 'audit-read',
    handle: (context) => read(house, context),
  },
];
