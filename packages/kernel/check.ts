/**
 * What a check found. Texts hold no value of a patient, no secret and no name of a person: ids, counts, fixed words.
 */
export interface CheckResult {
  /**
   * `met`: what was tried behaved as required, for everything that was examined. `unmet`: something did not.
   * `unknown`: it could not be told. Met with nothing examined counts as unknown, whoever says otherwise.
   */
  readonly result: 'met' | 'unmet' | 'unknown';
  /** How many things were examined (the population), 0 and up: rows, accounts, requests, files. */
  readonly examined: number;
  /**
   * One sentence: what was seen. Of an unmet one the cause, in words that an officer understands. At most 500
   * characters.
   */
  readonly saw: string;
  /** What to do about it; expected of what is unmet or unknown. At most 500 characters. */
  readonly todo?: string;
  /**
   * The exceptions one by one: ids, table names, paths. At most 20 of 200 characters each; `more` counts the others.
   */
  readonly exceptions?: readonly string[];
  readonly more?: number;
  /**
   * The time that the finding speaks for, milliseconds since the Unix epoch, where it is another than the moment of
   * the run.
   */
  readonly from?: number;
  readonly until?: number;
}

export interface CheckContext {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /**
   * A parameter of the programme (`program/parameters.yaml`), a number in the unit of its name. Throws for an unknown
   * one.
   */
  readonly number: (parameter: string) => number;
  /** Aborted when the check has used up its time: it is `unknown` then, whatever it answers later. */
  readonly signal: AbortSignal;
}

/**
 * One live check: it performs an act (asks without a token and wants 401) or examines a population, and says what it
 * saw. Pure towards the programme: it writes no evidence itself. Whatever it throws is `unknown`.
 */
export interface Check {
  /** `package.what`, lower case, never given to another check: `http.plaintext-refused`. */
  readonly id: string;
  /** A few words: "Plain HTTP is refused". */
  readonly title: string;
  /**
   * What is asked, for the auditor who wants to repeat it: the act and the population. Fixed words, one or two
   * sentences.
   */
  readonly query: string;
  /** Seconds between two runs. Evidence older than twice that is stale, and the check is unknown. */
  readonly every_s: number;
  /**
   * `performed` (default): Safeguard tried it itself. `reported`: it judges what a tool beside Safeguard left (a
   * backup,
   * a scan), re-checking what can be re-checked; readers are told the difference.
   */
  readonly kind?: 'performed' | 'reported';
  /** Longest time of a run, default 30 s. */
  readonly limit_ms?: number;
  run(context: CheckContext): Promise<CheckResult>;
}

/** An answer of the platform to a check that asked as anybody would, over the network. */
export interface ProbeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Id of the request (`X-Request-Id`): also of its entry in the log. */
  readonly id: string;
}

/** How checks ask the running platform: over its own address, its own TLS, its own guard. */
export interface Probe {
  /** Where it listens: `https://localhost:8443`. */
  readonly url: string;
  /** PEM of the authority that signed its certificate; undefined: the system's, or TLS is off. */
  readonly ca?: string | undefined;
  /** Numbers of the two tenants that are the checks' own; they hold no real patients and are marked as test tenants. */
  tenants(): Promise<readonly [number, number]>;
  /**
   * Asks. `as`: without credentials, or as a client of the first or second tenant of the checks
   * (`system/*.cruds`), or as a client of the first with a de-identified view. Throws for a broken connection.
   */
  ask(request: {
    readonly method?: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly as?: 'nobody' | 'first' | 'second' | 'deidentified';
  }): Promise<ProbeAnswer>;
  /**
   * The entry of a request in a tenant's log, opened (RequestEvent of `http`); undefined within a few seconds: none.
   */
  entryOf(tenant: number, id: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Something that is written before a check and must be nowhere in clear afterwards: the text itself, made anew. */
  canary(): string;
}
