import type { Principal } from '@safeguard/http';

/**
 * What a patient (or whoever acts for them) may ask of the house. `export`: a copy of the record (45 CFR 164.524).
 * `amendment`: a correction (164.526). `objection`: to somebody's look at the record, found in the list of accesses.
 */
export type RightKind = 'export' | 'amendment' | 'objection';

/**
 * `open` → `fulfilled` (the copy was fetched or handed over; the correction was made; the objection was answered) |
 * `denied` | `withdrawn`.
 */
export type RightState = 'open' | 'fulfilled' | 'denied' | 'withdrawn';

export interface NewRightRequest {
  readonly kind: RightKind;
  /** Id of the Patient. */
  readonly patient: string;
  /** What is wrong, what should stand there, why: 10 to 4,000 characters, sealed. Not for an export. */
  readonly text?: string;
  /** Of an amendment: `Type/id` of the resource; of an objection: id of the entry of the log. */
  readonly about?: string;
  /** Of an export that somebody of the house writes down for a patient who asked on paper: when they asked. */
  readonly received_at?: number;
}

/** Why an amendment may be denied (164.526(a)(2)), or a copy (164.524(a)(2)-(3)). */
export const denialBases = [
  'not created by us',
  'not part of the record',
  'not available for inspection',
  'accurate and complete',
  'psychotherapy notes',
  'prepared for legal proceedings',
  'danger to life or safety',
] as const;
export type DenialBasis = (typeof denialBases)[number];

export interface RightRequest extends NewRightRequest {
  /** UUID. */
  readonly id: string;
  readonly tenant: number;
  /** Id of the account that asked, or that wrote it down. */
  readonly asked_by: string;
  /** Somebody of the house wrote it down for a patient. */
  readonly on_paper: boolean;
  /** Milliseconds since the Unix epoch, as all times here. The clock runs from here. */
  readonly asked_at: number;
  /**
   * The last day: 30 days for a copy (164.524(b)(2)), 60 for an amendment (164.526(b)(2)), 30 for an objection (ours).
   */
  readonly due_at: number;
  /** Extended once by 30 days, with reasons told to the patient (164.524(b)(2)(ii), 164.526(b)(2)(ii)). */
  readonly extension?: { readonly at: number; readonly by: string; readonly reason: string };
  readonly state: RightState;
  readonly closed_at?: number;
  readonly closed_by?: string;
  readonly answer?: { readonly text: string; readonly basis?: DenialBasis };
  /** Of a denied amendment: what the patient wants to stand beside the record (164.526(d)(2)). */
  readonly disagreement?: { readonly at: number; readonly text: string };
  /** Times a copy was fetched by the patient. */
  readonly fetched?: readonly number[];
}

export interface RightFilter {
  readonly kind?: RightKind;
  readonly state?: RightState;
  /** Of this account alone. */
  readonly account?: string;
  readonly patients?: readonly string[];
  readonly overdue?: boolean;
  readonly after?: string;
  readonly count?: number;
}

/**
 * Faults: `invalid`; `missing` (also: of a patient that the account does not stand for); `conflict` (closed already,
 * extended already, the same copy is open already); `forbidden` (decides their own).
 */
export interface Rights {
  ask(by: Principal, wanted: NewRightRequest): Promise<RightRequest>;
  byId(tenant: number, id: string): Promise<RightRequest | undefined>;
  list(tenant: number, filter?: RightFilter): Promise<RightRequest[]>;
  withdraw(by: Principal, id: string): Promise<RightRequest>;
  extend(by: Principal, id: string, reason: string): Promise<RightRequest>;
  answer(
    by: Principal,
    id: string,
    answer: { readonly verdict: 'fulfilled' | 'denied'; readonly text: string; readonly basis?: DenialBasis },
  ): Promise<RightRequest>;
  disagree(by: Principal, id: string, text: string): Promise<RightRequest>;
  /** Tells the officers of what is due within a week, once. Answers how many requests that are. For a timer. */
  remind(tenant: number): Promise<number>;
  /** The copy itself, as NDJSON of FHIR resources; the first fetch fulfils the request. */
  fetch(by: Principal, id: string): Promise<{ readonly request: RightRequest; readonly lines: string }>;
}
