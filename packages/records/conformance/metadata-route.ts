import type { Route } from '@safeguard/http';
import { fhirPath, formatOf, tellOutcome, writeAnswer } from '../negotiate.ts';
import type { ServedTypes } from '../served-elsewhere.ts';
import { searchables } from './capabilities.ts';
import { type Served, type ServedRoute, servedBy } from './interactions.ts';
import { createMetadata } from './metadata.ts';

/** What a table of full paths serves. */
export const servedOf = (table: readonly ServedRoute[]): Served =>
  servedBy(table.map((route) => ({ ...route, path: route.path.slice(fhirPath.length) })));

/** An app in a browser looks here before it is registered (SMART App Launch 2.2, "Considerations for CORS"). */
const forEveryPage = { 'Access-Control-Allow-Origin': '*' };

/** `GET /metadata` (FHIR R4 3.1.0.9): for everyone, so it tells of no tenant. */
export function metadataRoute(served: Served, date: string, elsewhere: ServedTypes = {}): Route {
  const metadata = createMetadata({
    served,
    elsewhere,
    date,
    parameters: (type) => searchables(type),
    // Both are a tenant's choice; these are what a tenant has that chose nothing.
    updateCreate: false,
    conditionalDelete: 'single',
    profiles: new Map(),
  });
  return {
    method: 'GET',
    path: `${fhirPath}/metadata`,
    action: 'capabilities',
    auth: 'none',
    errors: 'fhir',
    tell: tellOutcome,
    handle: (context) => {
      const format = formatOf(context);
      const text = metadata.text(`${context.base}${fhirPath}`, context.query.get('mode'));
      return { status: 200, ...writeAnswer(text, format), headers: forEveryPage };
    },
  };
}
