/** The programme as content: what `program/` says, read, checked and frozen. Nothing here is state. */

/** Control families: one file of `program/controls/` each. */
export const families = [
  'general',
  'administrative',
  'physical',
  'technical',
  'organizational',
  'documentation',
  'breach',
  'privacy',
] as const;
export type Family = (typeof families)[number];

/** What a customer buys or an operator runs: who carries a control differs by it. */
export const productLines = ['api', 'hosting', 'interfaces', 'messages'] as const;
export type ProductLine = (typeof productLines)[number];

/** Services that a customer opts into; some controls are inherited only with them. */
export const services = ['backup', 'logging', 'ids', 'dr'] as const;
export type Service = (typeof services)[number];

export type Carrier = 'platform' | 'shared' | 'customer' | 'not-applicable';

export interface Carried {
  readonly by: Carrier;
  /** Carried by the platform only where all of these are opted into; without them by the customer. */
  readonly with?: readonly Service[];
  /** What is left to the customer, where it is shared or theirs. */
  readonly customer?: string;
}

export interface Mechanism {
  /** A package of the house (`ledger`), or `organization` for what people do. */
  readonly package: string;
  readonly does: string;
  /** Names of parameters that it works by. */
  readonly parameters: readonly string[];
}

/** One standard, specification or rule. */
export interface Control {
  /** As in OSCAL: `164.308-a-1-ii-D`. */
  readonly id: string;
  /** `45 CFR 164.308(a)(1)(ii)(D)` */
  readonly citation: string;
  readonly title: string;
  readonly family: Family;
  /** `rule`: 164.306, the Breach Notification and the Privacy Rule, which know no specifications. */
  readonly kind: 'standard' | 'specification' | 'rule';
  /** Of a specification: id of its standard. */
  readonly standard?: string;
  /** Of a specification as labelled; a standard without specifications is itself required (`required`), else `none`. */
  readonly level: 'required' | 'addressable' | 'none';
  /** The requirement in our words. */
  readonly requirement: string;
  /** What we do about it; may hold `{{parameter}}`. */
  readonly approach: string;
  /** `<policy>#<section>`: each must exist. */
  readonly policies: readonly string[];
  readonly mechanisms: readonly Mechanism[];
  /** Ids of checks; none: it rests on documents. */
  readonly checks: readonly string[];
  readonly carried: Readonly<Record<ProductLine, Carried>>;
  /** Of an addressable one: the default of the decision that 164.306(d)(3) wants. */
  readonly decision?: { readonly default: DecisionKind; readonly why: string };
  /**
   * Only where a condition of the operator holds (`clearinghouse`, `group-health-plan`, `government-entity`); else not
   * applicable.
   */
  readonly applies?: { readonly when: string; readonly otherwise: string };
  /** `unverified`: the citation was not held against the regulation's text. */
  readonly verified: 'yes' | 'unverified';
  /** File and line that it begins at, for errors. */
  readonly place: string;
}

export const decisionKinds = ['implemented', 'alternative', 'not-reasonable'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** One number (or word) of the programme. */
export interface Parameter {
  /** `group.name_unit`: `sessions.idle_minutes`. */
  readonly name: string;
  readonly title: string;
  /** As in the file, after formulas: a number, or a word of `choices`. */
  readonly value: number | string;
  readonly unit?: string;
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
  /** A setting of `@safeguard/config` that it is: `sessions.idle_s`, and what the value is multiplied by to be it. */
  readonly setting?: { readonly name: string; readonly times: number };
  /** Computed from another parameter: `= backups.retention_days * 24`; cycles are refused. */
  readonly formula?: string;
  /** Citations that it serves. */
  readonly serves: readonly string[];
  readonly why: string;
  readonly place: string;
}

/** A policy as written in `program/policies/<id>.md`. */
export interface PolicyText {
  readonly id: string;
  readonly title: string;
  /** Ids of controls. */
  readonly satisfies: readonly string[];
  /** Role that keeps it: `security-officer`. */
  readonly owner: string;
  /** Roles whose approval it needs. */
  readonly approver: readonly string[];
  /** Months between two reviews. */
  readonly review_months: number;
  /** Who has to acknowledge it: `everyone`, or roles. */
  readonly acknowledge: readonly string[];
  /** From each heading of the second level to the next; each says whether customers may edit it in their own set. */
  readonly sections: readonly PolicySection[];
  /** Markdown without front matter, placeholders as written. */
  readonly text: string;
  /** SHA-256 of the whole file, hex. */
  readonly digest: string;
  readonly place: string;
}

export interface PolicySection {
  /** From its heading: `activity-review`. */
  readonly id: string;
  readonly title: string;
  readonly inherited: 'locked' | 'editable';
  /** Markdown of the section, heading included. */
  readonly text: string;
}

/** One row of an optional profile (the proposed rule of January 2025) or a crosswalk. */
export interface ProfileRow {
  readonly citation: string;
  readonly title: string;
  readonly requirement: string;
  readonly controls: readonly string[];
  readonly checks: readonly string[];
  readonly verified: 'yes' | 'unverified';
}
export interface Profile {
  readonly id: string;
  readonly title: string;
  /** `proposed`: not law, never claimed as met duty. */
  readonly status: 'in-force' | 'proposed' | 'framework';
  readonly note: string;
  readonly rows: readonly ProfileRow[];
}
/** `nist-800-53r5`, `csf-2.0`, `hitrust`: ids by control id, no texts. */
export interface Crosswalk {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly ids: ReadonlyMap<string, readonly string[]>;
}

/** A row of the public summary. */
export interface Need {
  readonly id: string;
  readonly title: string;
  readonly approach: string;
  readonly controls: readonly string[];
  readonly checks: readonly string[];
}

export interface Subprocessor {
  readonly name: string;
  readonly purpose: string;
  readonly country: string;
  /** Whether it touches ePHI; then a BAA has to be recorded. */
  readonly ephi: boolean;
  /** Date of the agreement (YYYY-MM-DD) and its reference; absent: none. */
  readonly agreement?: { readonly date: string; readonly reference: string };
}

export interface Content {
  readonly controls: ReadonlyMap<string, Control>;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly policies: ReadonlyMap<string, PolicyText>;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly crosswalks: ReadonlyMap<string, Crosswalk>;
  readonly needs: readonly Need[];
  readonly subprocessors: readonly Subprocessor[];
  /** Conditions of the operator that hold (`program/organization.yaml`), and how the organization is called. */
  readonly organization: {
    readonly name: string;
    readonly conditions: readonly string[];
    readonly contact: string;
    /** Product lines that are run. */
    readonly lines: readonly ProductLine[];
  };
  /** SHA-256 over all files in order of their paths, hex. */
  readonly digest: string;
}
