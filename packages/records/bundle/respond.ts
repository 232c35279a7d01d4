import type { Outcome } from '../call.ts';
import { etag, reasonPhrase } from '../respond.ts';

/** `return=` of the Prefer header (FHIR R4 3.1.0.1.7). */
export type Preference = 'minimal' | 'representation' | 'OperationOutcome';

/** A Bundle.entry of the response, as text: bodies are spliced in as they are. */
export function entryText(base: string, outcome: Outcome, withResource: boolean): string {
  const { status, head } = outcome;
  const response = {
    status: `${status} ${reasonPhrase(status)}`,
    ...(head ? { location: `${base}/${head.type}/${head.id}/_history/${head.version}` } : {}),
    ...(head ? { etag: etag(head.version), lastModified: head.at.toISOString() } : {}),
  };
  const fullUrl = head ? `"fullUrl":"${base}/${head.type}/${head.id}",` : '';
  const text = withResource ? outcome.text : undefined;
  const resource = text === undefined ? '' : `"resource":${text},`;
  return `{${fullUrl}${resource}"response":${JSON.stringify(response)}}`;
}

export const failureText = (status: number, outcome: object): string =>
  JSON.stringify({ response: { status: `${status} ${reasonPhrase(status)}`, outcome } });

export const bundleText = (type: string, entries: readonly string[]): string =>
  `{"resourceType":"Bundle","type":"${type}"${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`;
