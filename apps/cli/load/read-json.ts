import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Source } from './find.ts';
import { postEntry, requestBundle } from './request-bundle.ts';
import type { Unit } from './unit.ts';

interface Entry {
  readonly fullUrl?: unknown;
  readonly resource?: { readonly resourceType?: unknown };
  readonly request?: { readonly method?: unknown; readonly url?: unknown; readonly ifNoneExist?: unknown };
}

const unzip = promisify(gunzip);
// One JSON text must fit one JavaScript string (V8: 2^29 - 24 characters).
const max_bytes = 500 * 1024 * 1024;

const typeOf = ({ resource, request }: Entry): string => {
  if (typeof resource?.resourceType === 'string') return resource.resourceType;
  const url = typeof request?.url === 'string' ? request.url : '';
  return /^[A-Za-z]+/.exec(url)?.[0] ?? 'unknown';
};

// A POST without a condition makes another one each time it is sent.
const repeats = ({ request }: Entry): boolean => request?.method !== 'POST' || typeof request.ifNoneExist === 'string';

/** Keeps every number as it is written: 1.50 stays 1.50. */
const exact = (_key: string, value: unknown, context?: { source?: string }): unknown => {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return typeof value === 'number' && context?.source !== undefined ? rawJSON(context.source) : value;
};

/** The entries of a bundle that is no request (collection, searchset …) as one transaction: its references hold. */
function asTransaction(text: string): { body: string; types: string[] } {
  const { entry } = JSON.parse(text, exact) as { entry: Entry[] };
  const sent = entry.filter(({ resource }) => resource !== undefined && resource.resourceType !== 'OperationOutcome');
  const posts = sent.map((one) => ({
    ...(one.fullUrl === undefined ? {} : { fullUrl: one.fullUrl }),
    resource: one.resource,
    request: { method: 'POST', url: typeOf(one) },
  }));
  return {
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: posts }),
    types: sent.map(typeOf),
  };
}

function unitOf(source: Source, bytes: Buffer): Unit {
  const text = bytes.toString('utf8');
  const parsed = JSON.parse(text) as { resourceType?: unknown; type?: unknown; entry?: unknown } | null;
  if (parsed === null || typeof parsed !== 'object' || typeof parsed.resourceType !== 'string') {
    return { source, reason: 'not a FHIR resource: there is no resourceType' };
  }
  if (parsed.resourceType !== 'Bundle') {
    const body = requestBundle('transaction', [postEntry(text, parsed.resourceType)]);
    return { source, body, types: [parsed.resourceType], first: 0, repeatable: true };
  }
  if (!Array.isArray(parsed.entry) || parsed.entry.length === 0) return { source, reason: 'a bundle without entries' };
  if (parsed.type === 'transaction' || parsed.type === 'batch') {
    const entries = parsed.entry as Entry[];
    const repeatable = parsed.type === 'transaction' || entries.every(repeats);
    return { source, body: bytes, types: entries.map(typeOf), first: 0, repeatable };
  }
  const { body, types } = asTransaction(text);
  return { source, body, types, first: 0, repeatable: true };
}

/** Reads one .json file as the bundle to send. Never throws for what stands in the file. */
export async function readJson(source: Source): Promise<Unit> {
  let bytes: Buffer;
  try {
    const raw = await readFile(source.path);
    bytes = source.zipped ? await unzip(raw, { maxOutputLength: max_bytes }) : raw;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ERR_BUFFER_TOO_LARGE') return { source, reason: 'larger than 500 MiB: give it as NDJSON' };
    return { source, reason: source.zipped && code.startsWith('Z') ? 'not a gzip file' : `cannot be read (${code})` };
  }
  if (bytes.length > max_bytes) return { source, reason: 'larger than 500 MiB: give it as NDJSON' };
  try {
    return unitOf(source, bytes);
  } catch {
    // The parser's own words would quote the content.
    return { source, reason: 'not JSON' };
  }
}
