import type { JsonObject } from '@safeguard/kernel';

/** Who asks. Made by `identity`, judged by `access`, written down by `ledger`. */
export interface Principal {
  /** Tenant number; 0 is the platform itself. */
  readonly tenant: number;
  readonly kind: 'client' | 'operator' | 'anonymous';
  /** Stable, never reused: the client id. Never a name. */
  readonly id: string;
  /** Granted SMART v2 scopes, one each. */
  readonly scopes: readonly string[];
  /** `deidentified`: answered from the clinical segment alone. */
  readonly view: 'full' | 'deidentified';
  /** The id of the one patient whose compartment the caller is limited to; absent: no such limit. */
  readonly patient?: string;
  /** What an operator granted beside the scopes: names of `access`'s table of permissions. */
  readonly permissions?: readonly string[];
}

export const anonymous: Principal = { tenant: 0, kind: 'anonymous', id: 'anonymous', scopes: [], view: 'deidentified' };

/** One object that a request touched. `type` is a FHIR type or a name of ours (`Client`, `Tenant`); `id` its id. */
export interface Target {
  readonly type: string;
  readonly id: string;
  readonly version?: number;
}

/** What the ledger keeps of one request. Holds no value of any resource: ids, counts and outcomes only. */
export interface RequestEvent {
  /** The request id (UUID): also the id of its entry. */
  readonly id: string;
  /** Start of the request, milliseconds since the Unix epoch. */
  readonly at: number;
  readonly kind: 'request';
  readonly tenant: number;
  readonly actor: string;
  readonly view: 'full' | 'deidentified';
  /**
   * The interaction that the route table names: `read`, `create`, `search-type`, `token` …; `none` where no route
   * fits.
   */
  readonly action: string;
  readonly outcome: 'permit' | 'deny' | 'fail';
  readonly status: number;
  /** Why it was denied or failed, in fixed words of ours. */
  readonly reason?: string;
  readonly from: string;
  /** Of an entry of a batch: the id of the request that it came in. */
  readonly within?: string;
  readonly targets: readonly Target[];
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is; undefined is no body. */
  readonly body?: string | Buffer;
  /** Default `application/fhir+json; charset=utf-8` where a body is. */
  readonly type?: string;
  /** What was touched, for the ledger. */
  readonly targets?: readonly Target[];
  /** The event as the handler stored it with its data, when it wrote; else `http` makes one. */
  readonly event?: RequestEvent;
  /** Called once the event is chained: the handler may forget its intent. Must not throw. */
  readonly chained?: () => void;
}

export interface RequestContext {
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly principal: Principal;
  readonly method: string;
  /** Path parameters as the route table names them. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The raw body; empty when there is none. */
  readonly body: Buffer;
  readonly remote: string;
  /** Public base of this server, no trailing slash: `https://localhost:8443`. */
  readonly base: string;
  /** Aborts at the deadline or when the caller is gone. */
  readonly signal: AbortSignal;
  /** Says what the request is about before it is known whether it may be: the event of a fault then names it too. */
  about?(targets: readonly Target[]): void;
  /** The event of this request as it will stand in the ledger, for a handler that writes it with its data. */
  event(status: number, targets: readonly Target[]): RequestEvent;
}

/** What a request said of the form of its answer: `Accept`, and the parameter `_format`. */
export interface AskedForm {
  readonly accept: string | undefined;
  readonly format: string | null;
}

/** An error's body in another form than JSON; undefined: JSON will do. Must not throw. */
export type TellOutcome = (
  outcome: JsonObject,
  asked: AskedForm,
) => { readonly type: string; readonly body: string } | undefined;

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` parameters, as fastify spells them. */
  readonly path: string;
  /** The interaction's name in the field's own words; it is what the ledger and the CapabilityStatement say. */
  readonly action: string;
  /** `token`: a bearer token is required. `none`: anyone. */
  readonly auth: 'token' | 'none';
  /** How errors are told: an OperationOutcome, an RFC 9457 problem, or an OAuth error (RFC 6749 5.2). */
  readonly errors: 'fhir' | 'problem' | 'oauth';
  /** Writes the OperationOutcome of an error in the form that was asked for; only for `fhir`. */
  readonly tell?: TellOutcome;
  /** Media types that the body may have; absent: no body is read. */
  readonly accepts?: readonly string[];
  /** Largest body in bytes; default from the settings. */
  readonly limit_bytes?: number;
  /** Deadline in milliseconds; default from the settings. */
  readonly deadline_ms?: number;
  /** False for probes that would flood the ledger: `/healthz`, `/readyz`, `/metrics`. Default true. */
  readonly ledger?: boolean;
  handle(context: RequestContext): Promise<Answer> | Answer;
}

/** What `http` needs of the packages above it; the composition root wires them. */
export interface HttpPorts {
  /** From the Authorization header to a Principal, or a Fault `unauthenticated`. */
  authenticate(authorization: string | undefined, remote: string): Promise<Principal> | Principal;
  /**
   * Resolves when the event is durable and chained. Throws Fault `unavailable` when it cannot be within its deadline.
   */
  record(event: RequestEvent): Promise<void>;
}
