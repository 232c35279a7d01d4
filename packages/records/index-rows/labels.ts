import { type Parameter, typeNumber } from '@safeguard/fhir';
import type { Vault } from '@safeguard/seal';

/** What makes tokens: a vault, of the segment in which they stand. */
export type Tokens = Pick<Vault, 'token'>;

/** The token of a resource (`self`), of a compartment's Patient (`own`), and below a mask of a reference to it. */
export const refToken = (vault: Tokens, type: string, id: string): bigint => vault.token('ref', `${type}/${id}`);

/** The same of what is referred to by an absolute address. */
export const urlToken = (vault: Tokens, url: string): bigint => vault.token('ref', url);

/**
 * Distinguishes the references of one parameter from those of others, and is taken off again in SQL:
 * `target.self = source.c3 # mask`.
 */
export const referenceMask = ({ of, number }: Parameter): bigint => (BigInt(typeNumber(of)) << 32n) | BigInt(number);

/** Two texts as one, so that no other two give the same. */
export const pair = (system: string, value: string): string => `${system.length}|${system}|${value}`;

/** `code` of the parameter whose tokens these are. */
export const clinicalLabel = (of: string, code: string): string => `${of}.${code}`;
export const identityLabel = (of: string, code: string, form: string): string => `${of}.${code}.${form}`;

/** Where an ordered value stands: how its key is told apart by span, see ordered.ts. */
export interface OrderedKeys {
  readonly narrow: bigint;
  readonly wide: bigint;
}

/** The key of a parameter's narrow or wide values in `records.ordered`. */
export const orderedKey = (vault: Tokens, { of, code }: Parameter, unit: string, isNarrow: boolean): bigint =>
  vault.token(`${of}.${code}.order${isNarrow ? '' : '.wide'}`, unit);

/**
 * Both keys of a parameter; `unit` of a quantity as `unitOf` gives it, '' of dates and numbers. To sort by a date or
 * number, ask for the rows of both.
 */
export const orderedKeys = (vault: Tokens, parameter: Parameter, unit = ''): OrderedKeys => ({
  narrow: orderedKey(vault, parameter, unit, true),
  wide: orderedKey(vault, parameter, unit, false),
});

interface Unit {
  readonly system?: string;
  readonly code?: string;
  readonly canonical?: { readonly unit: string };
}

/** The unit under which a quantity is ordered: canonical UCUM, else system and code; undefined: it is not. */
export function unitOf({ system, code, canonical }: Unit): string | undefined {
  if (canonical !== undefined) return `ucum|${canonical.unit}`;
  return system === undefined || code === undefined ? undefined : `code|${pair(system, code)}`;
}
