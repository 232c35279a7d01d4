/** One HTTP request of a script, and what its answer must be. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** Any other status is an error, and an error makes the case fail. */
  readonly expected: number | readonly number[];
  /** What the request is worth: 1, or the resources of a bundle. */
  readonly units: number;
  /** Requests of one lane are sent by one connection only: two writers of one resource would be a case of its own. */
  readonly lane?: number;
  /** The body is the gunzipped bundle of this file, read when its turn comes; `units` is counted from it. */
  readonly file?: string;
  /** In lower case; in place of those that a request of FHIR has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a connection sends. */
export type Script =
  /** The list from its beginning, shared by all connections, round after round (`rounds` times when given). */
  | { readonly name: 'in turn'; readonly asks: readonly Ask[]; readonly rounds?: number }
  /** Any of the list, by chance that repeats. */
  | { readonly name: 'random'; readonly asks: readonly Ask[] }
  /** Each connection its own lanes, in turn. */
  | { readonly name: 'lanes'; readonly asks: readonly Ask[] }
  /** Nine linked resources: created, read, changed, deleted, without end. */
  | { readonly name: 'crud'; readonly base: string }
  /** People set up their accounts by one-time links, each link once: `kept` are `Somebody`s as JSON. */
  | { readonly name: 'join'; readonly origin: string; readonly links: readonly NewPerson[] }
  /** Password and code of an app; a unit is a whole sign-in. */
  | { readonly name: 'sign-in'; readonly origin: string; readonly people: readonly Somebody[] }
  /** From the app's request to its code, the first time through consent; a unit is a code, which is kept. */
  | {
      readonly name: 'authorize';
      readonly origin: string;
      readonly path: string;
      /** Of browsers that are signed in; a connection is one of them. */
      readonly cookies: readonly string[];
      /** Absent: without end. */
      readonly rounds?: number;
    }
  /** The list once; the answers are kept. */
  | { readonly name: 'redeem'; readonly asks: readonly Ask[] }
  /** Each connection goes from refresh token to refresh token, beginning with its own of the list. */
  | { readonly name: 'refresh'; readonly ask: Ask; readonly tokens: readonly string[] };

/** Whoever a one-time link is for; a link without an account makes one with this login. */
export interface NewPerson {
  readonly path: string;
  readonly login: string;
}

/** Whoever has set up an account: what they keep, and the cookies of their browser. */
export interface Somebody {
  readonly login: string;
  /** Base32, of the authenticator app. */
  readonly secret: string;
  /** The last step of 30 s whose code was used. */
  readonly step: number;
  readonly cookies: string;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  /** File of the certificate authority; null without TLS. */
  readonly ca: string | null;
  readonly token?: string;
}

/** A run of the load generator. */
export interface Plan {
  readonly target: Target;
  readonly script: Script;
  readonly connections: number;
  readonly warmup_ms: number;
  /** Absent: until the script has nothing more to send. */
  readonly measured_ms?: number;
  /** Sends so many a second, come what may; latencies count from when a request was due. Absent: as fast as it goes. */
  readonly per_second?: number;
  /** Connections come in turn from so many addresses of loopback's own network, 127.0.0.0/8; absent: from one. */
  readonly sources?: number;
  /** Report the patients that transactions make. */
  readonly collect?: boolean;
  /** Processes whose work is measured in the same window. */
  readonly watch: { readonly server: number; readonly postmaster: number };
}

export interface Report {
  readonly requests: number;
  readonly units: number;
  readonly seconds: number;
  readonly requests_per_s: number;
  readonly units_per_s: number;
  readonly latency_ms: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  /** CPU milliseconds of each in the measured window. */
  readonly cpu_ms: { readonly server: number; readonly postgres: number; readonly generator: number };
  /** Most memory that the server's process held in the window, sampled ten times a second. */
  readonly rss_peak_bytes: number;
  readonly errors: number;
  /** The first few, in words. */
  readonly told: readonly string[];
  /** The measured window on the machine's monotonic clock, microseconds: a profile is cut by it. */
  readonly window_us: readonly [from: number, to: number];
  /** With `collect`: `Patient/<id>` of those that transactions made, 100,000 at most. */
  readonly created: readonly string[];
  /** What a script keeps. */
  readonly kept: readonly string[];
  /** Answers in the window by their status. */
  readonly statuses: Readonly<Record<string, number>>;
}
