import type { Source } from './find.ts';

/** One bundle to send. */
export interface Sendable {
  readonly source: Source;
  readonly body: Buffer | string;
  /** The resource type of each entry, in order. */
  readonly types: readonly string[];
  /** Position of the first entry in the file, counted from 0. */
  readonly first: number;
  /** Sending it twice stores nothing twice once it was refused as a whole. */
  readonly repeatable: boolean;
}

/** What cannot be sent. */
export interface Unsendable {
  readonly source: Source;
  readonly reason: string;
}

export type Unit = Sendable | Unsendable;

export const isSendable = (unit: Unit): unit is Sendable => 'body' in unit;
