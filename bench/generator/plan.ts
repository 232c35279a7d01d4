/** One HTTP request of a script, and what its answer must be. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** Any other status is an error, and an error makes the case fail. */
  readonly expected: number;
  /** What the request is worth: 1, or the resources of a bundle. */
  readonly units: number;
  /** Requests of one lane are sent by one connection only: two writers of one resource would be a case of its own. */
  readonly lane?: number;
  /** The body is the gunzipped bundle of this file, read when its turn comes; `units` is counted from it. */
  readonly file?: string;
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
  | { readonly name: 'crud'; readonly base: string };

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
}
