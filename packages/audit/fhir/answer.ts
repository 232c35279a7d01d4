import { type Format, formatOf as formatAsked, parseWritten, writeXml } from '@safeguard/fhir';
import type { Answer, RequestContext, TellOutcome } from '@safeguard/http';
import { fault, type JsonObject } from '@safeguard/kernel';

/** Where the FHIR R4 API stands. */
export const fhirPath = '/fhir/R4';

const types: Readonly<Record<Format, string>> = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
};

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** What the answer is written in: `_format` first, then Accept (FHIR R4 3.1.0.1.11). 406: neither JSON nor XML. */
export function formatOf({ query, headers }: Pick<RequestContext, 'query' | 'headers'>): Format {
  const format = formatAsked(one(headers.accept), query.get('_format'));
  if (format === undefined) {
    throw fault('unacceptable', 'Served are application/fhir+json and application/fhir+xml, of FHIR 4.0');
  }
  return format;
}

/** Errors in XML for who asked for XML. */
export const tellOutcome: TellOutcome = (outcome, { accept, format }) =>
  formatAsked(accept, format) === 'xml' ? { type: types.xml, body: writeXml(outcome) } : undefined;

/** A resource as the answer's body. */
export function written(resource: object, context: RequestContext): Pick<Answer, 'type' | 'body'> {
  const format = formatOf(context);
  const pretty = context.query.get('_pretty') === 'true';
  const text = JSON.stringify(resource, null, pretty ? 2 : undefined);
  return { type: types[format], body: format === 'xml' ? writeXml(parseWritten(text) as JsonObject) : text };
}
