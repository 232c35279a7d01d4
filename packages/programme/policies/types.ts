import type { PolicySection, PolicyText } from '../content/types.ts';
import type { Actor, Task } from '../workflow/types.ts';

/** A version of a policy of a tenant, as it was approved. The text is kept: it never changes. */
export interface PolicyVersion {
  /** UUID: what notices and their pages name (`/programme/versions/<id>`). */
  readonly id: string;
  readonly tenant: number;
  /** Id of the policy: `incident-response`. */
  readonly policy: string;
  /** 1, 2, … in each tenant and policy. */
  readonly number: number;
  readonly title: string;
  readonly state: 'draft' | 'in-review' | 'approved' | 'published' | 'superseded' | 'rejected';
  /** Front matter and sections, placeholders as written. */
  readonly content: PolicyText;
  /** SHA-256 of the text, hex: what people acknowledge. */
  readonly digest: string;
  /** Values of the parameters that were rendered into it when it was published. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Their units then, of those that have one. */
  readonly units: Readonly<Record<string, string>>;
  /** Parameters whose value is another one by now than the published text says: a new version is due. */
  readonly drifted: readonly string[];
  /** Of a customer: the version of the house that its locked sections are of. */
  readonly based_on?: number;
  /** Where the text came from: a commit of `program/` (as far as git can tell), or a draft of ours. */
  readonly source:
    | { readonly kind: 'repository'; readonly commit?: string; readonly path: string }
    | { readonly kind: 'draft' };
  readonly made_by: string;
  readonly made_at: number;
  readonly approved_by: readonly string[];
  readonly published_at?: number;
  /** Published ones are reviewed by then. */
  readonly review_due_at?: number;
  readonly task?: string;
}

export interface Acknowledgement {
  readonly account: string;
  readonly policy: string;
  readonly number: number;
  readonly digest: string;
  readonly at: number;
}

/** A policy of a customer that rests on an older text of the house. */
export interface OutdatedPolicy {
  readonly policy: string;
  /** Number of the customer's version, of the house's that it was made from, and of the house's in force. */
  readonly number: number;
  readonly based_on: number;
  readonly house: number;
  /** Ids of sections that differ, are new or are gone; `introduction` is what stands above the first of them. */
  readonly sections: readonly string[];
}

/** One difference for a redline: lines of Markdown. */
export interface Change {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

export interface Policies {
  /** Brings in what `program/policies` has and the house does not: each new text becomes a draft. Answers how many. */
  adopt(): Promise<number>;
  /**
   * Of each policy the published version, or else the newest. A customer's list has the house's published one (`tenant`
   * says so) where the customer has none of its own.
   */
  list(tenant: number): Promise<readonly PolicyVersion[]>;
  byId(tenant: number, id: string): Promise<PolicyVersion | undefined>;
  /** The published one (default; of a customer without its own that of the house), or this version. */
  read(tenant: number, policy: string, number?: number): Promise<PolicyVersion | undefined>;
  versions(tenant: number, policy: string): Promise<readonly PolicyVersion[]>;
  /** Of a customer: sections that are `locked` are those of the house, else Fault `invalid`, each of them named. */
  draft(actor: Actor, policy: string, markdown: string): Promise<PolicyVersion>;
  /** Opens the approval (kind `policy-approval`); the effect of the last one is publication. */
  submit(actor: Actor, policy: string, number: number, note?: string): Promise<Task>;
  /** Reviewed, and nothing to change: a task like any other approval; then due again after `review_months`. */
  review(actor: Actor, policy: string, note: string): Promise<Task>;
  /** Line by line. `from` 0: of a customer, what the house has published; else nothing. */
  redline(tenant: number, policy: string, from: number, to: number): Promise<readonly Change[]>;
  acknowledge(actor: Actor, policy: string, number: number, digest: string): Promise<Acknowledgement>;
  /** What a person has still to acknowledge, and by when. */
  owed(tenant: number, account: string): Promise<readonly { readonly version: PolicyVersion; readonly by: number }[]>;
  /** Of every active person of the workforce: how far they are. */
  acknowledgements(
    tenant: number,
  ): Promise<
    readonly { readonly account: string; readonly done: readonly Acknowledgement[]; readonly owed: readonly string[] }[]
  >;
  /** Tells people of what they owe and owners of reviews that are due; each once. */
  remind(): Promise<number>;
  /** HTML of a version: parameters rendered in, no raw HTML, no script, links of http(s) and # only. */
  html(version: PolicyVersion): string;
  pdf(version: PolicyVersion): Promise<Buffer>;
  /** The published set in force at a moment, by id. */
  publishedAt(tenant: number, at: number): Promise<ReadonlySet<string>>;
  /** What of a customer's policy is inherited. */
  sections(tenant: number, policy: string): Promise<readonly (PolicySection & { readonly from: 'house' | 'own' })[]>;
  /** Policies of a customer whose house text was published anew since: which locked sections differ by now. */
  outdated(tenant: number): Promise<readonly OutdatedPolicy[]>;
}
