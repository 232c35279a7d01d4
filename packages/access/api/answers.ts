import type { Principal, View } from '@safeguard/http';
import type { Assumption } from '../answers/asker.ts';
import type { When } from '../answers/viewers/types.ts';
import type { NotedConsent } from '../consent/types.ts';
import type { Explanation } from '../policy/explain.ts';

/** Who asks about whom: may this account or client do this, to this resource or to any of the type? */
export interface Question {
  readonly tenant: number;
  /** Who asks: of themselves the answer is for this very request, through this app and in this context. */
  readonly by: Principal;
  /** Id of an account, or of a client: one of the two. */
  readonly account?: string;
  readonly client?: string;
  /** An interaction of FHIR: `read`, `search-type` … */
  readonly action: string;
  readonly type: string;
  readonly id?: string;
}

/** An answer in fixed words of ours, names of the policy and ids. */
export interface Explained {
  readonly permit: boolean;
  readonly reason: string;
  /** Id of the rule that decided; absent: none did. */
  readonly rule?: string;
  /** What the policy says the rule is for. */
  readonly why?: string;
  readonly role?: string;
  /** Id of the grant that the role is held by, who approved it, and until when, ms since the Unix epoch. */
  readonly grant?: string;
  readonly granted_by?: readonly string[];
  readonly until?: number;
  readonly view?: View;
  /** Id of the Consent that took it. */
  readonly consent?: string;
  /** What was looked at, rule by rule. */
  readonly rules: Explanation['rules'];
  /** What could not be known and was taken as usual; absent: nothing. */
  readonly assumed?: readonly Assumption[];
  /** Ids of Patients in whose records the resource is, for the ledger. */
  readonly patients?: readonly string[];
}

/** Undefined: there is no such account, client or resource in the tenant. */
export type ExplainPort = (question: Question) => Promise<Explained | undefined>;

/** Somebody who may see something of a patient at this moment, by one of their roles, groups, or by being named. */
export interface Viewer {
  readonly kind: 'account' | 'client';
  /** Of the account, of the client. */
  readonly id: string;
  /** Of a client; of accounts `people` tells it. */
  readonly name?: string;
  /** Of the rules that let them the first, by the widest view. */
  readonly rule: string;
  readonly role?: string;
  readonly grant?: string;
  readonly until?: number;
  /** The widest in which they see anything. */
  readonly view: View;
  /** Of `cruds`: what they may with any of the patient's resources. */
  readonly letters: string;
  /**
   * What it depends on besides: they see it from some networks, at some hours, with a fresh factor, or when they say
   * another purpose than their usual one. Absent: nothing.
   */
  readonly when?: readonly When[];
}

/**
 * The complete list. Everybody is judged when it is made; an entry is put together when it is read, so that a list of
 * 100,000 people costs what is shown of it.
 */
export interface ViewerList extends Iterable<Viewer> {
  /** How many people and programs are in it. */
  readonly size: number;
  /** Those from a place on, so many at most, each with every way in which they see anything. */
  page(from: number, count: number): readonly (readonly Viewer[])[];
}

/** Undefined: there is no such patient. */
export type ViewersPort = (tenant: number, patient: string) => Promise<ViewerList | undefined>;

/** Consents of a tenant that are not, or not wholly, understood; by id. As of a second ago at most. */
export type ConsentNotesPort = (tenant: number) => Promise<readonly NotedConsent[]>;
