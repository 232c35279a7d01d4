import type { JsonObject } from '@safeguard/kernel';
import { type Context, report } from './context.ts';
import { isObject } from './object.ts';

/** bdl-3, bdl-4 (R4 bundle.html): which kinds of Bundle carry `entry.request`, and which `entry.response`. */
const requested = new Set(['batch', 'transaction', 'history']);
const answered = new Set(['batch-response', 'transaction-response', 'history']);

type Say = (text: string, ...rest: (string | number)[]) => void;

function checkEntry(entry: JsonObject, index: number, type: string, say: Say): void {
  if (Object.hasOwn(entry, 'request') !== requested.has(type)) {
    say('expected request in a batch, transaction or history, and nowhere else (bdl-3)', index);
  }
  if (Object.hasOwn(entry, 'response') !== answered.has(type)) {
    say('expected response in a batch-response, transaction-response or history, and nowhere else (bdl-4)', index);
  }
  if (Object.hasOwn(entry, 'search') && type !== 'searchset') {
    say('expected search in a searchset only (bdl-2)', index, 'search');
  }
  const { resource, request, response, fullUrl } = entry;
  if (resource === undefined && request === undefined && response === undefined) {
    say('expected a resource, or a request or a response (bdl-5)', index);
  }
  if (typeof fullUrl === 'string' && fullUrl.includes('/_history/')) {
    say('expected a fullUrl without a version (bdl-8)', index, 'fullUrl');
  }
}

const versionOf = (resource: unknown): string => {
  const meta = isObject(resource) ? resource['meta'] : undefined;
  const version = isObject(meta) ? meta['versionId'] : undefined;
  return typeof version === 'string' ? version : '';
};

function checkFullUrls(entries: readonly JsonObject[], say: Say): void {
  const seen = new Set<string>();
  for (const [index, { fullUrl, resource }] of entries.entries()) {
    if (typeof fullUrl !== 'string') continue;
    const key = `${fullUrl} ${versionOf(resource)}`;
    if (seen.has(key)) say('expected a fullUrl that no other entry has (bdl-7)', index, 'fullUrl');
    seen.add(key);
  }
}

/** bdl-9 to bdl-12: what a document and a message begin with. */
function checkStart(bundle: JsonObject, entries: readonly JsonObject[], say: (text: string) => void): void {
  const { type, identifier, timestamp } = bundle;
  const first = entries[0]?.['resource'];
  const firstType = isObject(first) ? first['resourceType'] : undefined;
  if (type === 'message' && firstType !== 'MessageHeader') say('expected a MessageHeader first in a message (bdl-12)');
  if (type !== 'document') return;
  if (firstType !== 'Composition') say('expected a Composition first in a document (bdl-11)');
  if (timestamp === undefined) say('expected a timestamp in a document (bdl-10)');
  const named = isObject(identifier) && identifier['system'] !== undefined && identifier['value'] !== undefined;
  if (!named) say('expected an identifier with system and value in a document (bdl-9)');
}

/** The structure of a Bundle: R4's invariants bdl-1 to bdl-12, as code. */
export function bundleRule(bundle: JsonObject, context: Context): void {
  const type = bundle['type'];
  if (typeof type !== 'string') return;
  const entries = Array.isArray(bundle['entry']) ? bundle['entry'].map((one) => (isObject(one) ? one : {})) : [];
  if (bundle['total'] !== undefined && type !== 'searchset' && type !== 'history') {
    report(context, 'invariant', 'expected total in a searchset or history only (bdl-1)', 'total');
  }
  const say: Say = (text, ...rest) => report(context, 'invariant', text, 'entry', ...rest);
  for (const [index, entry] of entries.entries()) checkEntry(entry, index, type, say);
  if (type !== 'history') checkFullUrls(entries, say);
  checkStart(bundle, entries, (text) => report(context, 'invariant', text));
}
