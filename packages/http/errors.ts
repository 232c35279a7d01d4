import { type Fault, fault, type Issue, isFault, type JsonObject } from '@safeguard/kernel';
import { meaningOf, statusOf } from './status.ts';
import type { Answer, AskedForm, Route, TellOutcome } from './types.ts';

const internalText = 'The server failed in a way it did not foresee. The request id tells the operator where to look.';

/**
 * Anything thrown, as a fault that may leave: what is no Fault becomes `internal` with a fixed text, its own text
 * stays inside.
 */
export const asFault = (thrown: unknown): Fault =>
  isFault(thrown) ? thrown : fault('internal', internalText, { cause: thrown });

const issueOf = (issue: Issue): JsonObject => ({
  severity: issue.severity,
  code: issue.code,
  diagnostics: issue.text,
  ...(issue.at === undefined ? {} : { expression: [issue.at] }),
});

const issuesOf = (given: Fault): readonly Issue[] =>
  given.issues.length > 0
    ? given.issues
    : [{ severity: 'error', code: meaningOf(given.kind).code, text: given.message }];

/** An R4 OperationOutcome (http://hl7.org/fhir/R4/operationoutcome.html) of a fault or of a list of findings. */
export const operationOutcome = (told: Fault | readonly Issue[]): JsonObject => ({
  resourceType: 'OperationOutcome',
  issue: (isFault(told) ? issuesOf(told) : told).map(issueOf),
});

/** Problem details of a fault (RFC 9457 3.1); `errors` lists its issues. */
export const problem = (told: Fault, id: string): JsonObject => ({
  type: 'about:blank',
  title: meaningOf(told.kind).title,
  status: statusOf(told),
  detail: told.message,
  instance: `urn:uuid:${id}`,
  ...(told.issues.length === 0
    ? {}
    : { errors: told.issues.map(({ text, at, code }) => ({ detail: text, at, code })) }),
});

const oauthCodes = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'invalid_software_statement',
  'unapproved_software_statement',
  'unauthorized_client',
  'unsupported_grant_type',
  'access_denied',
]);

const scimTypes = new Set([
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
  'invalidVers',
  'sensitive',
]);

/** A SCIM error (RFC 7644 3.12): `scimType` is the code of the first issue that is one. */
export function scimError(told: Fault): JsonObject {
  const chosen = told.issues.find((issue) => scimTypes.has(issue.code));
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(statusOf(told)),
    ...(chosen === undefined ? {} : { scimType: chosen.code }),
    detail: chosen?.text ?? told.message,
  };
}

/** Where there are no pages, or none can be made: the text alone. */
const plainPage = (told: Fault): string => `${told.message}\n`;

/**
 * An OAuth error (RFC 6749 5.2). The handler chooses the error by the code of the fault's first issue
 * (`invalid_scope`, `unsupported_grant_type` …); else the kind does.
 */
export function oauthError(told: Fault): JsonObject {
  const chosen = told.issues.find((issue) => oauthCodes.has(issue.code));
  const text = (chosen?.text ?? told.message).replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
  return { error: chosen?.code ?? meaningOf(told.kind).oauth, error_description: text };
}

const has = (told: Fault, code: string): boolean => told.issues.some((issue) => issue.code === code);

/** A token that was shown and does not do: bound to a key that was not proven, too old a sign-in, or none at all. */
function bearerError(told: Fault): string {
  if (has(told, 'invalid_dpop_proof')) return 'DPoP realm="safeguard", error="invalid_dpop_proof"';
  if (has(told, 'reauthenticate')) return 'Bearer realm="safeguard", error="insufficient_user_authentication"';
  return 'Bearer realm="safeguard", error="invalid_token"';
}

/**
 * How a 401 asks for credentials: RFC 6750 3.1, RFC 9449 7.1 or RFC 9470 3 for a resource, RFC 6749 5.2 at the token
 * endpoint; a page asks for nothing.
 */
function challenge(told: Fault, style: Route['errors'], hadCredentials: boolean): string | undefined {
  if (style === 'page') return undefined;
  if (style === 'oauth') return 'Basic realm="safeguard"';
  return hadCredentials || has(told, 'reauthenticate') ? bearerError(told) : 'Bearer realm="safeguard"';
}

const retry_after_s = 2;

function errorHeaders(told: Fault, style: Route['errors'], hadCredentials: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  const asked = told.kind === 'unauthenticated' ? challenge(told, style, hadCredentials) : undefined;
  if (asked !== undefined) headers['WWW-Authenticate'] = asked;
  const wait_s = told.retry_after_s ?? retry_after_s;
  if ((told.kind === 'unavailable' || told.kind === 'tooMany') && wait_s > 0)
    headers['Retry-After'] = String(Math.ceil(wait_s));
  return headers;
}

const bodies = {
  fhir: {
    type: 'application/fhir+json; charset=utf-8',
    of: (told: Fault, id: string) => ({ ...operationOutcome(told), id }),
  },
  problem: { type: 'application/problem+json', of: problem },
  oauth: { type: 'application/json', of: (told: Fault, _id: string) => oauthError(told) },
  scim: { type: 'application/scim+json', of: (told: Fault, _id: string) => scimError(told) },
} as const;

export interface ErrorContext {
  readonly id: string;
  readonly style: Route['errors'];
  /** Whether the caller sent an Authorization header: decides the words of a 401. */
  readonly hadCredentials?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** How the route tells an OperationOutcome, and the form that was asked for. */
  readonly tell?: TellOutcome | undefined;
  readonly asked?: AskedForm;
  /** Where RFC 9110 has a finer status than the kind (414 for a target that is too long). */
  readonly status?: number;
  /** Makes the page of a fault, where pages are served. */
  readonly page?: ((told: Fault, asked: { id: string; status: number }) => Answer | undefined) | undefined;
}

function pageOfFault(told: Fault, context: ErrorContext): Answer {
  const status = context.status ?? statusOf(told);
  const page = context.page?.(told, { id: context.id, status });
  return page ?? { status, type: 'text/plain; charset=utf-8', body: plainPage(told) };
}

/** The answer that tells a fault in the words of its route: OperationOutcome, problem, OAuth or SCIM error, page. */
export function answerOfFault(told: Fault, context: ErrorContext): Answer {
  if (context.style === 'page') {
    const answer = pageOfFault(told, context);
    return {
      ...answer,
      headers: { ...errorHeaders(told, context.style, false), ...answer.headers, ...context.headers },
    };
  }
  const { type, of } = bodies[context.style];
  const body = of(told, context.id);
  const { tell, asked } = context;
  const other = tell && asked && context.style === 'fhir' ? tell(body, asked) : undefined;
  return {
    status: context.status ?? statusOf(told),
    headers: { ...errorHeaders(told, context.style, context.hadCredentials ?? false), ...context.headers },
    type: other?.type ?? type,
    body: other?.body ?? JSON.stringify(body),
  };
}
