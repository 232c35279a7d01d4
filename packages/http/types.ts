import type { Fault, JsonObject } from '@safeguard/kernel';

/** How surely a person was recognised (NIST SP 800-63B-4 2): nothing of a patient is reachable below level 2. */
export interface Assurance {
  readonly level: 1 | 2;
  /** When a factor was last shown, milliseconds since the Unix epoch. */
  readonly at: number;
  /** RFC 8176 names. */
  readonly methods: readonly string[];
}

/**
 * How much of a record an answer shows, the widest first. `without-identity`: clinical facts under pseudonyms, dates as
 * they are. `limited`: a limited data set (45 CFR 164.514(e)). `deidentified`: Safe Harbor (164.514(b)(2)). All but
 * `full` are answered from the clinical segment alone.
 */
export type View = 'full' | 'without-identity' | 'limited' | 'deidentified';

/**
 * What policies and grants make of a principal at the moment of a request. Made and read by `access` alone; for
 * everybody else it is a sealed box.
 */
export interface Standing {
  readonly kind: 'standing';
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
  /** What the answer shows at most. */
  readonly view: View;
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
  /** Of a user: the FHIR resource that stands for them: `Practitioner/<id>` … Absent: none. */
  readonly fhir_user?: string;
  /** What the account is: `proxy` and `patient` have `within`. */
  readonly account?: 'workforce' | 'patient' | 'proxy';
  /** Of a user: what the account may be beside its scopes (`administrator`). */
  readonly roles?: readonly string[];
  /**
   * Of a user: ids of the Patients that the account stands for. Present (even empty): nothing outside their
   * compartments is reachable, whatever the scopes say. Absent: workforce, limited by scopes alone.
   */
  readonly within?: readonly string[];
  /** Why they ask: a code of HL7's PurposeOfUse (`TREAT`), as the request or the role says. */
  readonly purpose?: string;
  /** What policies and grants permit; put there by `HttpPorts.entitle`. Absent: nothing of a patient for a user. */
  readonly standing?: Standing;
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
  readonly view: View;
  /** PurposeOfUse, where the request or the role said one. */
  readonly purpose?: string;
  /** What let it through, or stopped it: id of a rule of the policy, and of the grant that gave the role. */
  readonly rule?: string;
  readonly grant?: string;
  /**
   * Ids of the Patients in whose records the targets are, as far as they are known and beside Patients that are targets
   * themselves: `patientsOf` names them all. For "who looked at this record".
   */
  readonly patients?: readonly string[];
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
  /** Of a search: its type and the names of its parameters, never a value: `Observation?code&patient`. */
  readonly asked?: string;
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
  /** In whose records that is: ids of Patients. */
  readonly patients?: readonly string[];
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
  /** Of a search; see RequestEvent. */
  readonly asked?: string;
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

/** Ids of the rule of the policy, and of the grant that gave the role. */
export interface Because {
  readonly rule?: string;
  readonly grant?: string;
}

/** What of a request policies may depend on, beside who asks. */
export interface Occasion {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** The caller's network address. */
  readonly remote: string;
  /** The headers `Purpose-Of-Use` and `Safeguard-View`, as they were sent. */
  readonly purpose: string | undefined;
  readonly view: string | undefined;
}

/** What `http` needs of the packages above it; the composition root wires them. */
export interface HttpPorts {
  /** From an access token to a Principal, or a Fault `unauthenticated`. */
  authenticate(credential: Credential): Promise<Principal> | Principal;
  /**
   * Completes a principal with what policies and grants permit at this moment. Asked once a request, after it is known
   * who asks and before anything is decided. Fault `unavailable` when that cannot be known; `invalid` for a header
   * that says no purpose or view.
   */
  entitle?(principal: Principal, occasion: Occasion): Principal | Promise<Principal>;
  /** What of policies and grants let this principal's request through, as far as something did: for its event. */
  because?(principal: Principal): Because | undefined;
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
