import type { SegmentName } from './types.ts';

/** Owns every schema and table, and cannot log in: migrations take it on with SET ROLE. */
export const ownerRole = 'safeguard_owner';

/** A role that serves requests: it can log in to the database of its segment, and to no other. */
export interface RuntimeRole {
  readonly name: string;
  readonly segment: SegmentName;
}

/** Reads the ledger for the verifier. */
export const readerRole = 'safeguard_ledger_reader';

export const runtimeRoles: readonly RuntimeRole[] = [
  { name: 'safeguard_identity', segment: 'identity' },
  { name: 'safeguard_clinical', segment: 'clinical' },
  { name: 'safeguard_ledger', segment: 'ledger' },
  { name: readerRole, segment: 'ledger' },
];

/** The runtime role that serves a segment. */
export const roleOf = (segment: SegmentName): string => `safeguard_${segment}`;

/** The name of a segment's database. */
export const databaseOf = (prefix: string, segment: SegmentName): string => `${prefix}${segment}`;
