/**
 * The closed set of what can go wrong. `http` maps each kind to a status in one place; nothing else chooses a status.
 * A Fault carries two texts: `message` may leave the house, `cause` never does.
 */
export type FaultKind =
  | 'malformed' // 400: the bytes are not what the content type says
  | 'invalid' // 400: a parameter or an element is wrong
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'missing' // 404
  | 'method' // 405
  | 'unacceptable' // 406
  | 'timeout' // 408: the client was too slow
  | 'conflict' // 409
  | 'gone' // 410
  | 'stale' // 412: If-Match, or several matches of a condition
  | 'tooLarge' // 413
  | 'unsupported' // 415
  | 'unprocessable' // 422: well-formed, and against the rules
  | 'tooMany' // 429
  | 'internal' // 500: our own mistake
  | 'unavailable'; // 503: a part that is needed does not answer

/**
 * One finding about the input. `at` is a FHIRPath location (`Patient.name[0].family`); `code` an R4 issue-type code.
 */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: string;
  readonly text: string;
  readonly at?: string;
}

export interface FaultDetail {
  readonly issues?: readonly Issue[];
  readonly cause?: unknown;
  /** When to try again, seconds; 0 where the caller must not simply try again: what was asked may have happened. */
  readonly retry_after_s?: number;
}

export class Fault extends Error {
  readonly kind: FaultKind;
  readonly issues: readonly Issue[];
  readonly retry_after_s: number | undefined;

  constructor(kind: FaultKind, publicText: string, detail: FaultDetail = {}) {
    super(publicText, { cause: detail.cause });
    this.name = 'Fault';
    this.kind = kind;
    this.issues = detail.issues ?? [];
    this.retry_after_s = detail.retry_after_s;
  }
}

/** Makes a Fault. `publicText` is sent to the caller: no PHI, no internals. What must stay inside goes into `cause`. */
export const fault = (kind: FaultKind, publicText: string, detail?: FaultDetail): Fault =>
  new Fault(kind, publicText, detail);

export const isFault = (error: unknown): error is Fault => error instanceof Fault;
