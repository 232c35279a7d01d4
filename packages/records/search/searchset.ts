import { parseWritten, type SearchRequest, subset, typeName, writeJson } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Hit } from './found.ts';
import { included_most } from './include.ts';

/** What a Bundle of type searchset tells. */
export interface Searchset {
  readonly base: string;
  readonly total: number | undefined;
  readonly links: readonly { readonly relation: string; readonly url: string }[];
  readonly hits: readonly Hit[];
  readonly included: readonly Hit[];
  readonly cut: boolean;
  readonly request: Pick<SearchRequest, 'summary' | 'elements' | 'ignored'>;
}

/** A resource as far as `_summary` and `_elements` show it. */
function shownText(hit: Hit, { summary, elements }: Searchset['request']): string {
  const part = summary === 'true' || summary === 'text' || summary === 'data' ? summary : undefined;
  if (part === undefined && elements.length === 0) return hit.text;
  const resource = hit.resource ?? (parseWritten(hit.text) as JsonObject);
  return writeJson(
    subset(resource, { ...(part ? { summary: part } : {}), ...(elements.length > 0 ? { elements } : {}) }),
  );
}

const entry = (base: string, mode: string, hit: Hit, text: string): string =>
  `{"fullUrl":"${base}/${typeName(hit.row.type)}/${hit.row.id}","resource":${text},"search":{"mode":"${mode}"}}`;

function warning(code: string, texts: readonly string[]): string {
  const issue = texts.map((diagnostics) => ({ severity: 'warning', code, diagnostics }));
  const resource = { resourceType: 'OperationOutcome', issue };
  return `{"resource":${JSON.stringify(resource)},"search":{"mode":"outcome"}}`;
}

/** The Bundle as text: resources are put in as they were opened, without being parsed. */
export function searchsetText({ base, total, links, hits, included, cut, request }: Searchset): string {
  const head = {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total === undefined ? {} : { total }),
    link: links,
  };
  const entries = [
    ...hits.map((hit) => entry(base, 'match', hit, shownText(hit, request))),
    ...included.map((hit) => entry(base, 'include', hit, shownText(hit, request))),
  ];
  if (cut) {
    entries.push(warning('incomplete', [`A page includes at most ${included_most} resources: not all are here`]));
  }
  if (request.ignored.length > 0) {
    entries.push(
      warning(
        'not-supported',
        request.ignored.map((name) => `Ignored: ${name}`),
      ),
    );
  }
  return `${JSON.stringify(head).slice(0, -1)}${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`;
}
