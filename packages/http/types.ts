import type { Fault, JsonObject } from '@safeguard/kernel';

/** How surely a person was recognised (NIST SP 800-63B-4 2): nothing of a patient is reachable below level 2. */
export interface Assurance {
  readonly level: 1 | 2;
  /** When a factor was last shown, milliseconds since the Unix epoch. */
  readonly at: number;
  /** RFC 8176 names. */
  readonly methods: readonly string[];
}

/** Who asks. Made by `identity`, judged by `access`, written down by `ledger`. */
export interface Principal {
  /** Tenant number; 0 is the platform itself. */
  readonly tenant: number;
  /** `user`: a person, through an app (`client`) or signed in at our own pages (`session`). */
  readonly kind: 'client' | 'user' | 'operator' | 'anonymous';
  /** Stable, never reused: the id of the client, or of the account. Never a name. */
  readonly id: string;
  /** Granted SMART v2 scopes, one each. */
  readonly scopes: readonly string[];
  /** `deidentified`: answered from the clinical segment alone. */
  readonly view: 'full' | 'deidentified';
  /**
   * Of a client: the id of the one patient whose compartment all its scopes are limited to. Of a user: the patient in
   * context, to whose compartment `patient/` scopes are limited (without one they permit nothing). Absent: none.
   */
  readonly patient?: string;
  /** What an operator granted beside the scopes: names of `access`'s table of permissions. */
  readonly permissions?: readonly string[];
  /** Of a user: the app that acts for them; absent at our own pages. */
  readonly client?: string;
  /** Of a user: the sign-in session it hangs on, where there is one. */
  readonly session?: string;
  /** Of a user. */
  readonly assurance?: Assurance;
  /** Of a user: what the account may be beside its scopes (`administrator`). */
  readonly roles?: readonly string[];
  /**
   * Of a user: ids of the Patients that the account stands for. Present (even empty): nothing outside their
   * compartments is reachable, whatever the scopes say. Absent: workforce, limited by scopes alone.
   */
  readonly within?: readonly string[];
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
  /** Values of Set-Cookie headers, one each. */
  readonly cookies?: readonly string[];
  /** What was touched, for the ledger. */
  readonly targets?: readonly Target[];
  /** The event as the handler stored it with its data, when it wrote; else `http` makes one. */
  readonly event?: RequestEvent;
  /** Called once the event is chained: the handler may forget its intent. Must not throw. */
  readonly chained?: () => void;
}

/** The certificate that a caller showed in the TLS handshake, unverified: whoever uses it says what it must be. */
export interface CallerCertificate {
  /** DER. */
  readonly raw: Buffer;
  /** Base64url SHA-256 of the DER: `x5t#S256` (RFC 8705 3.1). */
  readonly thumbprint: string;
}

/** What of a request shows who asks. */
export interface Credential {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  /** The User-Agent header. */
  readonly agent: string | undefined;
  /** The DPoP header (RFC 9449 4). */
  readonly dpop: string | undefined;
  readonly method: string;
  /** The full URL that was asked, on our public base: what a DPoP proof names. */
  readonly url: string;
  readonly remote: string;
  certificate(): CallerCertificate | undefined;
}

/** What a handler found out about its own request, as the ledger is to tell it. What is absent stays as it was. */
export interface Finding {
  /** Who it turned out to be: a sign-in knows it only after the first factor. */
  readonly principal?: Principal;
  /** A finer name than the route's: `token-issue`, `code-replay`. */
  readonly action?: string;
  readonly outcome?: RequestEvent['outcome'];
  /** In fixed words of ours. */
  readonly reason?: string;
  readonly targets?: readonly Target[];
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
  /** Says more of it: who, what, how it ended. For answers that are no fault in HTTP but one in substance. */
  found?(finding: Finding): void;
  /** The caller's certificate, where the settings ask for one. */
  certificate?(): CallerCertificate | undefined;
  /** Path and query as they were asked. */
  readonly url?: string;
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
  /**
   * `token`: an access token is required. `session`: somebody signed in at our pages. `either`: a token where an
   * Authorization header is, else a session. `none`: anyone.
   */
  readonly auth: 'token' | 'session' | 'either' | 'none';
  /** How errors are told: an OperationOutcome, an RFC 9457 problem, an OAuth error (RFC 6749 5.2), SCIM's, a page. */
  readonly errors: 'fhir' | 'problem' | 'oauth' | 'scim' | 'page';
  /**
   * True where another site may make a browser send this (a SAML response, an authorization request). Everywhere else
   * a request that changes something and hangs on a cookie, or comes to a page, must come from our own origin.
   */
  readonly crossSite?: boolean;
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

/** What is known of a request that ended in a fault, for a page that tells it. */
export interface PageError {
  readonly id: string;
  readonly status: number;
  readonly method: string;
  /** Path and query as they were asked, at most 2,000 characters of ours to judge: never shown as it is. */
  readonly url: string;
}

/** What `http` needs of the packages above it; the composition root wires them. */
export interface HttpPorts {
  /** From an access token to a Principal, or a Fault `unauthenticated`. */
  authenticate(credential: Credential): Promise<Principal> | Principal;
  /** From a session cookie to a Principal; undefined: nobody is signed in. Absent: no route has a session. */
  signedIn?(credential: Credential): Promise<Principal | undefined> | Principal | undefined;
  /**
   * Whether an approved app lives at this origin (`https://app.example`), whose pages may then read in a browser what
   * their token opens. Absent: none does.
   */
  origins?(origin: string): Promise<boolean> | boolean;
  /** A fault as a page for a person; for one who has to sign in first, the way there. Must not throw. */
  page?(told: Fault, asked: PageError): Answer;
  /**
   * Resolves when the event is durable and chained. Throws Fault `unavailable` when it cannot be within its deadline.
   */
  record(event: RequestEvent): Promise<void>;
}
