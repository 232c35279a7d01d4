import { type Answer, anonymous, type Principal, type RequestContext, type Route } from '@safeguard/http';
import { cookieOf } from '../sessions/cookies.ts';
import { deviceCookie, sessionCookie } from '../sessions/types.ts';
import { type From, flowCookie } from '../sign-in/types.ts';

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

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** A cookie of the request; undefined when it is absent or stands there twice. */
export const cookieIn = (context: RequestContext, name: string): string | undefined =>
  cookieOf(single(context.headers['cookie']), name);

export const fromOf = (context: RequestContext): From => ({
  remote: context.remote,
  agent: single(context.headers['user-agent']) ?? '',
  origin: context.base,
  device: cookieIn(context, deviceCookie),
  session: cookieIn(context, sessionCookie),
});

export const flowSecretOf = (context: RequestContext): string | undefined => cookieIn(context, flowCookie);

/** RFC 9110 15.4.4: what was posted is done, go and look. */
export const seeOther = (path: string, cookies: readonly string[] = []): Answer => ({
  status: 303,
  headers: { Location: path, 'Referrer-Policy': 'same-origin' },
  cookies,
});

export const json = (value: object, cookies: readonly string[] = []): Answer => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(value),
  cookies,
});

type Handle = (context: RequestContext) => Promise<Answer> | Answer;

interface Place {
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

/** Nobody yet, but at this tenant: its ledger is to hold the event. */
export const somebodyAt = (tenant: number): Principal => ({ ...anonymous, tenant });

/** Whoever came through all of a flow. */
export const personOf = (who: {
  readonly tenant: number;
  readonly account: string;
  readonly session: string;
}): Principal => ({
  tenant: who.tenant,
  kind: 'user',
  id: who.account,
  scopes: [],
  view: 'full',
  session: who.session,
});
