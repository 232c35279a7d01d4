import type { RequestContext } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Preference } from './bundle/respond.ts';

/** Where the FHIR R4 API stands. */
export const fhirPath = '/fhir/R4';
export const bodyTypes = ['application/fhir+json', 'application/json'] as const;

const served = new Set(['application/fhir+json', 'application/json', 'application/*', '*/*', 'json', 'text/json']);

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** Refuses what cannot be answered in JSON: `_format` first, then Accept (FHIR R4 3.1.0.1.11). 406. */
export function requireJson({ query, headers }: RequestContext): void {
  const format = query.get('_format');
  const asked = format === null ? (one(headers.accept) ?? '*/*') : format.replace(' ', '+');
  const types = asked.split(',').map((part) => (part.split(';')[0] ?? '').trim().toLowerCase());
  if (!types.some((type) => served.has(type))) {
    throw fault('unacceptable', 'Only JSON is served: application/fhir+json');
  }
}

/** `Prefer: return=…`; unknown preferences are ignored, as RFC 7240 2 wants. */
export function preferenceOf({ headers }: RequestContext, otherwise: Preference): Preference {
  const wanted = /(?:^|[;,\s])return=(minimal|representation|OperationOutcome)\b/.exec(one(headers.prefer) ?? '')?.[1];
  return (wanted as Preference | undefined) ?? otherwise;
}

const conditionNames = ['if-match', 'if-none-match', 'if-none-exist', 'if-modified-since'] as const;

export const conditionsOf = ({ headers }: RequestContext): Record<string, string | undefined> =>
  Object.fromEntries(conditionNames.map((name) => [name, one(headers[name])]));
