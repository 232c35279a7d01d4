import type { PlacedEvidence } from '../checks/types.ts';
import type { Content, ProductLine, Service } from '../content/types.ts';
import type { ListedParameter } from '../parameters/parameters.ts';
import type { Posture } from '../posture/types.ts';
import type { OscalVersion } from './names.ts';

/** A role that people or programs have in the system. */
export interface SystemRole {
  /** `security-officer` */
  readonly id: string;
  readonly title: string;
  /** What it may do, in words. At least one. */
  readonly does: readonly string[];
}

/** A check as the programme describes it to an assessor. */
export interface CheckFacts {
  readonly id: string;
  readonly title: string;
  readonly query: string;
  readonly every_s: number;
  readonly kind?: 'performed' | 'reported';
}

/** The customer whose plan rests on that of the platform. */
export interface Customer {
  /** UUID or another stable id of ours. */
  readonly id: string;
  readonly name: string;
  /** Date of the agreement, YYYY-MM-DD. */
  readonly since: string;
  readonly lines: readonly ProductLine[];
  readonly services: readonly Service[];
  /** What the customer says of what is left to them, by control id. Only what is answered here is called satisfied. */
  readonly answers?: ReadonlyMap<string, string>;
}

/** What all documents are made from. Nothing in it is changed, and no clock is read. */
export interface OscalInput {
  readonly content: Content;
  /** Last modified, milliseconds since the Unix epoch. */
  readonly at: number;
  /** Version of the product. */
  readonly version: string;
  /** Default 1.1.3. */
  readonly oscal?: OscalVersion;
  /** What is in force, and what the services run by; without it the values of the file. */
  readonly parameters?: readonly ListedParameter[];
  /** Default: the roles of the house. */
  readonly roles?: readonly SystemRole[];
  /** For the plans, results and open items. */
  readonly posture?: Posture;
  readonly checks?: ReadonlyMap<string, CheckFacts>;
  /** For the results: all evidence received in [from, until), in order. */
  readonly period?: { readonly from: number; readonly until: number; readonly evidence: readonly PlacedEvidence[] };
  /** For the plan of a customer. */
  readonly customer?: Customer;
}
