import type { Answer, RequestContext, Route } from '../types.ts';

export const formType = 'application/x-www-form-urlencoded';
/** A passkey's answer holds a certificate chain at most; a form of text is far smaller. */
const formLimit_bytes = 65_536;
const mostCharacters = 40_000;

/** The fields of a form as text, without control characters; what stands twice or is too long counts as not given. */
export type Fields = (name: string) => string;

export function fieldsOf(context: RequestContext): Fields {
  const given = new URLSearchParams(context.body.toString('utf8'));
  return (name) => {
    const [value = '', ...more] = given.getAll(name);
    return more.length > 0 || value.length > mostCharacters ? '' : value;
  };
}

/** For what people type or paste into a line: no spaces around it. Never for passwords. */
export const line = (text: string): string => text.trim().slice(0, 320);

/** RFC 9110 15.4.4: what was posted is done, go and look. */
export const seeOther = (path: string, cookies: readonly string[] = []): Answer => ({
  status: 303,
  headers: { Location: path, 'Referrer-Policy': 'same-origin' },
  cookies,
});

type Handle = (context: RequestContext) => Promise<Answer> | Answer;

export interface Place {
  readonly path: string;
  /** The name in the ledger. */
  readonly action: string;
  readonly auth?: 'session' | 'none';
}

/** A page that is looked at: it changes nothing that lasts. */
export const shown = ({ auth = 'none', ...place }: Place, handle: Handle): Route => ({
  method: 'GET',
  ...place,
  auth,
  errors: 'page',
  handle,
});

/** A form that is sent: from our own pages alone (the lifecycle refuses another origin). */
export const sent = ({ auth = 'none', ...place }: Place, handle: Handle): Route => ({
  method: 'POST',
  ...place,
  auth,
  errors: 'page',
  accepts: [formType],
  limit_bytes: formLimit_bytes,
  handle,
});
