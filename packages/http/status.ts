import type { Fault, FaultKind } from '@safeguard/kernel';

interface Meaning {
  readonly status: number;
  /** R4 issue-type code (http://hl7.org/fhir/R4/valueset-issue-type.html). */
  readonly code: string;
  /** OAuth error (RFC 6749 5.2, 4.1.2.1). */
  readonly oauth: string;
  /** Title of the problem (RFC 9457 3.1.3): the status's name in RFC 9110. */
  readonly title: string;
}

/** The one table from what went wrong to what the outside is told. */
const meanings: Readonly<Record<FaultKind, Meaning>> = {
  malformed: { status: 400, code: 'structure', oauth: 'invalid_request', title: 'Bad Request' },
  invalid: { status: 400, code: 'invalid', oauth: 'invalid_request', title: 'Bad Request' },
  unauthenticated: { status: 401, code: 'login', oauth: 'invalid_client', title: 'Unauthorized' },
  forbidden: { status: 403, code: 'forbidden', oauth: 'access_denied', title: 'Forbidden' },
  missing: { status: 404, code: 'not-found', oauth: 'invalid_request', title: 'Not Found' },
  method: { status: 405, code: 'not-supported', oauth: 'invalid_request', title: 'Method Not Allowed' },
  unacceptable: { status: 406, code: 'not-supported', oauth: 'invalid_request', title: 'Not Acceptable' },
  timeout: { status: 408, code: 'timeout', oauth: 'invalid_request', title: 'Request Timeout' },
  conflict: { status: 409, code: 'conflict', oauth: 'invalid_request', title: 'Conflict' },
  gone: { status: 410, code: 'deleted', oauth: 'invalid_request', title: 'Gone' },
  stale: { status: 412, code: 'conflict', oauth: 'invalid_request', title: 'Precondition Failed' },
  tooLarge: { status: 413, code: 'too-long', oauth: 'invalid_request', title: 'Content Too Large' },
  unsupported: { status: 415, code: 'not-supported', oauth: 'invalid_request', title: 'Unsupported Media Type' },
  unprocessable: { status: 422, code: 'processing', oauth: 'invalid_request', title: 'Unprocessable Content' },
  tooMany: { status: 429, code: 'throttled', oauth: 'temporarily_unavailable', title: 'Too Many Requests' },
  internal: { status: 500, code: 'exception', oauth: 'server_error', title: 'Internal Server Error' },
  unavailable: { status: 503, code: 'transient', oauth: 'temporarily_unavailable', title: 'Service Unavailable' },
};

export const meaningOf = (kind: FaultKind): Meaning => meanings[kind];

/** The HTTP status of a fault: also for the entries of a batch. */
export const statusOf = (fault: Fault): number => meanings[fault.kind].status;
