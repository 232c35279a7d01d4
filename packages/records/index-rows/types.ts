/** A bound on one end of a stored value. */
export interface Bound {
  readonly on: 'low' | 'high';
  readonly op: '<' | '<=' | '>' | '>=';
  readonly value: number;
}

/** Rows of `records.ordered` under `key` that fulfil every bound. */
export interface OrderedRange {
  readonly key: bigint;
  readonly bounds: readonly Bound[];
}

/**
 * What a condition asks of the index. `exact`: whoever fulfils it fulfils the condition, and the other way round (but
 * for the chance that two 64-bit tokens are equal). Not exact: it lets in too many, never too few; open the resource
 * and ask `matches`.
 *
 * - `clinical`: some row of the resource in `records.search` carries one of the tokens in that column.
 * - `ordered`: some row of the resource in `records.ordered` lies in one of the ranges.
 * - `present`: bit `bit` of `present` in row 0 is set, or (`present: false`) not set.
 * - `identity`: `records.token` of the identity segment has one of the tokens for the resource's pseudonym.
 * - `all`: nothing narrows. `none`: nothing matches.
 * - `and`, `or`, `not`: of probes. What stands under `not` is exact.
 */
export type Probe =
  | { readonly in: 'clinical'; readonly exact: boolean; readonly any: readonly ColumnToken[] }
  | { readonly in: 'ordered'; readonly exact: boolean; readonly ranges: readonly OrderedRange[] }
  | { readonly in: 'present'; readonly exact: boolean; readonly bit: number; readonly present: boolean }
  | { readonly in: 'identity'; readonly exact: false; readonly any: readonly bigint[] }
  | { readonly in: 'all'; readonly exact: false }
  | { readonly in: 'none'; readonly exact: true }
  | { readonly in: 'and' | 'or'; readonly exact: boolean; readonly all: readonly Probe[] }
  | { readonly in: 'not'; readonly exact: true; readonly one: Probe };

export interface ColumnToken {
  /** `c0` … `c11`. */
  readonly column: string;
  readonly token: bigint;
}

/**
 * Where a reference parameter's tokens stand: `target.self = source.<column> # mask` joins a resource to what it refers
 * to. A parameter that lies within others has one for each of these, and then `target.type` must be asked as well; one
 * whose lists are endless (`Provenance.target`) has all columns.
 */
export interface ReferenceColumn {
  readonly column: string;
  readonly mask: bigint;
}

/**
 * Where a parameter's values are kept: `identity`: blind tokens of the identity segment. `clinical`: the clinical
 * segment. `masked`: clinical too, but words that the de-identified view does not show.
 * A caller without identity access must be refused the first and the last.
 */
export type ParameterSegment = 'identity' | 'clinical' | 'masked';
