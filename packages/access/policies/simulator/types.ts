import type { View } from '@safeguard/http';
import type { Letter } from '../../interactions.ts';
import type { RowFacts } from '../../policy/row.ts';

/** One real resource, as `decide` judges it. */
export interface SampleRow {
  readonly type: string;
  readonly row: RowFacts;
}

/**
 * Resources of a tenant, chosen without regard to who asks, of as many types as there are; at most `most`. `queries`:
 * by type those that the rows will be asked.
 */
export type Sample = (
  tenant: number,
  most: number,
  queries: (type: string) => readonly string[],
) => Promise<readonly SampleRow[]>;

/** What a policy would change for the holders of one role, by one letter, on one type. */
export interface SimulatedChange {
  readonly change: 'opens' | 'closes' | 'view';
  readonly role: string;
  readonly type: string;
  readonly letter: Letter;
  /** Of those looked at: how many people or clients it is so for, and on how many resources. */
  readonly people: number;
  readonly resources: number;
  /** Of a view: what is shown now, and what would be. */
  readonly from?: View;
  readonly to?: View;
  /** At most 3, by id. */
  readonly examples: readonly { readonly holder: string; readonly resource?: string }[];
}

export interface Simulation {
  readonly version: number;
  /** What it was held against: the version in force. */
  readonly against: number;
  /** How many were looked at; `all`: nobody was left out. */
  readonly holders: { readonly count: number; readonly all: boolean };
  readonly resources: number;
  /** What opens first. */
  readonly changes: readonly SimulatedChange[];
  /** Of the version's own tests: their place and whether they hold. */
  readonly tests: readonly { readonly index: number; readonly holds: boolean }[];
}
