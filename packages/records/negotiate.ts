import {
  bodyFormatOf,
  type Format,
  formatOf as formatAsked,
  parseJson,
  parseWritten,
  parseXml,
  writeXml,
} from '@safeguard/fhir';
import type { RequestContext, TellOutcome } from '@safeguard/http';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Preference } from './bundle/respond.ts';

/** Where the FHIR R4 API stands. */
export const fhirPath = '/fhir/R4';

export const jsonTypes = ['application/fhir+json', 'application/json', 'text/json'] as const;
export const xmlTypes = ['application/fhir+xml', 'application/xml', 'text/xml'] as const;
/** Media types in which a resource may come. */
export const bodyTypes = [...jsonTypes, ...xmlTypes] as const;
export const formType = 'application/x-www-form-urlencoded';

/** What an answer is written in. */
export interface Written {
  readonly syntax: Format;
  readonly pretty: boolean;
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** What the answer is written in: `_format` first, then Accept (FHIR R4 3.1.0.1.11). 406: neither JSON nor XML. */
export function formatOf({ query, headers }: Pick<RequestContext, 'query' | 'headers'>): Written {
  const syntax = formatAsked(one(headers.accept), query.get('_format'));
  if (syntax === undefined) {
    throw fault('unacceptable', 'Served are application/fhir+json and application/fhir+xml, of FHIR 4.0');
  }
  return { syntax, pretty: query.get('_pretty') === 'true' };
}

/** Errors in XML for who asked for XML. */
export const tellOutcome: TellOutcome = (outcome, { accept, format }) =>
  formatAsked(accept, format) === 'xml' ? { type: answerTypes.xml, body: writeXml(outcome) } : undefined;

const answerTypes = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
} as const;

/** A resource's JSON text as the answer's body. */
export function writeAnswer(
  text: string,
  { syntax, pretty }: Written,
): { readonly body: string; readonly type: string } {
  const type = answerTypes[syntax];
  if (syntax === 'xml') return { type, body: writeXml(parseWritten(text) as JsonObject) };
  return { type, body: pretty ? JSON.stringify(parseWritten(text), null, 2) : text };
}

/** The resource that was sent, by its Content-Type. 415: of another version of FHIR. */
export function bodyOf({ headers, body }: Pick<RequestContext, 'headers' | 'body'>): unknown {
  const format = bodyFormatOf(one(headers['content-type']));
  if (format === undefined) throw fault('unsupported', 'Expected a body in JSON or XML, of FHIR 4.0');
  return format === 'xml' ? parseXml(body) : parseJson(body);
}

/** `Prefer: return=…`; unknown preferences are ignored, as RFC 7240 2 wants. */
export function preferenceOf({ headers }: RequestContext, otherwise: Preference): Preference {
  const wanted = /(?:^|[;,\s])return=(minimal|representation|OperationOutcome)\b/.exec(one(headers.prefer) ?? '')?.[1];
  return (wanted as Preference | undefined) ?? otherwise;
}

/** `Prefer: handling=lenient`: unknown search parameters are ignored (FHIR R4 3.1.1.3). */
export const isLenient = ({ headers }: RequestContext): boolean =>
  /(?:^|[;,\s])handling=lenient\b/.test(one(headers.prefer) ?? '');

const conditionNames = ['if-match', 'if-none-match', 'if-none-exist', 'if-modified-since'] as const;

export const conditionsOf = ({ headers }: RequestContext): Record<string, string | undefined> =>
  Object.fromEntries(conditionNames.map((name) => [name, one(headers[name])]));
