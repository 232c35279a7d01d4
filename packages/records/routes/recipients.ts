import type { Answer, RequestContext, Route } from '@safeguard/http';
import type { Seal } from '@safeguard/seal';
import { recipientOf } from '../recipient.ts';
import { viewRules } from '../segments/index.ts';

/**
 * The one place where ids are told under other names. In the views `limited` and `deidentified` every recipient has
 * pseudonyms of its own: what comes in is read back before anything looks at it, what goes out is renamed after
 * everything else is done, wherever an id stands: bodies, links, headers. Within, all ids are the real ones, and so
 * they are in the ledger. An id that nobody told this recipient leads nowhere.
 */

const uuids = /(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])/gi;

type Rename = (text: string) => string;

/** Renames whatever has the form of an id. Texts are long and name the same things again and again. */
export function renamedText(one: (id: string) => string): Rename {
  const known = new Map<string, string>();
  const renamed = (id: string): string => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const name = one(id.toLowerCase());
    known.set(id, name);
    return name;
  };
  return (text) => text.replace(uuids, renamed);
}

/** Byte for byte, whatever the encoding: a UUID is ASCII. */
const inBytes = (bytes: Buffer, rename: Rename): Buffer => Buffer.from(rename(bytes.toString('latin1')), 'latin1');

const inValues = <T>(record: Readonly<Record<string, T>>, rename: Rename): Record<string, T | string> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, typeof value === 'string' ? rename(value) : value]),
  );

function readBack(context: RequestContext, rename: Rename): RequestContext {
  const { params, query, headers, body } = context;
  return {
    ...context,
    params: inValues(params, rename),
    query: new URLSearchParams([...query].map(([name, value]): [string, string] => [name, rename(value)])),
    headers: inValues(headers, rename),
    body: body.length === 0 ? body : inBytes(body, rename),
  };
}

/** When a resource was last written is a date of its own. */
function withoutTime({ 'last-modified': _time, ...headers }: Readonly<Record<string, string>>): Record<string, string> {
  return headers;
}

function renamed(answer: Answer, rename: Rename, years: boolean): Answer {
  const { headers = {}, body } = answer;
  return {
    ...answer,
    headers: inValues(years ? withoutTime(headers) : headers, rename),
    ...(typeof body === 'string' ? { body: rename(body) } : {}),
    ...(Buffer.isBuffer(body) ? { body: inBytes(body, rename) } : {}),
  };
}

/** A route that tells and takes ids under the caller's own pseudonyms, where the caller's view asks for that. */
export function forRecipients({ seal }: { readonly seal: Seal }, route: Route): Route {
  const handle = async (context: RequestContext): Promise<Answer> => {
    const { tenant, view } = context.principal;
    const recipient = recipientOf(context.principal);
    if (recipient === undefined) return route.handle(context);
    const names = (await seal.vault('clinical', tenant)).recipient(recipient);
    const answer = await route.handle(readBack(context, renamedText(names.resource)));
    return renamed(answer, renamedText(names.pseudonym), view !== 'full' && viewRules[view].years);
  };
  return { ...route, handle };
}
