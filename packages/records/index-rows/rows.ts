import {
  type CustomParameter,
  compartmentPatients,
  createExtractor,
  type Extractor,
  type Parameter,
  type SearchValue,
} from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { isTokened, putTokens } from './clinical.ts';
import { identityTokens } from './identity.ts';
import { refToken, type Tokens } from './labels.ts';
import { type OrderedRow, orderedRow } from './ordered.ts';
import { column_count, type Planned, planOf } from './plan.ts';

/** One row of `records.search`, but for its resource: sparse columns 0 to 11. */
export interface SearchRow {
  own?: bigint;
  readonly columns: (bigint | undefined)[];
}

/** What the clinical segment's index holds of a resource. */
export interface IndexRows {
  readonly self: bigint;
  readonly present: bigint;
  /** At least one. */
  readonly rows: readonly SearchRow[];
  readonly ordered: readonly OrderedRow[];
}

export interface Indexed {
  readonly clinical: IndexRows;
  /** Distinct tokens for the identity segment. */
  readonly identity: readonly bigint[];
}

export interface IndexVaults {
  readonly clinical: Tokens;
  readonly identity: Tokens;
}

/** Reads a resource's index rows out of it: the whole resource, before it is split. */
export type MakeRows = (vaults: IndexVaults, id: string, resource: JsonObject) => Indexed;

type Values = ReadonlyMap<string, readonly SearchValue[]>;

/** Values of a parameter that lies within others are theirs. */
function isPresent({ parameter }: Planned, values: Values): boolean {
  const { within, only } = parameter;
  if (within === undefined) return values.has(parameter.code);
  return within.some((code) => {
    const found = values.get(code) ?? [];
    return only === undefined ? found.length > 0 : found.some((one) => one.kind === 'reference' && one.type === only);
  });
}

function presentBits(plan: readonly Planned[], values: Values): bigint {
  let [low, high] = [0, 0]; // two halves of 32 bits: cheaper than 63 shifts of a bigint
  for (const one of plan) {
    if (one.bit === undefined || !isPresent(one, values)) continue;
    if (one.bit < 32) low += 2 ** one.bit;
    else high += 2 ** (one.bit - 32);
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

interface Grid {
  put(column: number | undefined, token: bigint): void;
  own(token: bigint): void;
  /** All rows, once everything is put. */
  rows(): readonly SearchRow[];
}

/** Puts each token into the first row that has room in its column, and each patient into a row of its own. */
function createGrid(): Grid {
  const rows: SearchRow[] = [{ columns: [] }];
  const loose = new Set<bigint>();
  const rowWhere = (isFree: (row: SearchRow) => boolean): SearchRow => {
    const free = rows.find(isFree);
    if (free !== undefined) return free;
    const made: SearchRow = { columns: [] };
    rows.push(made);
    return made;
  };
  /** What may stand anywhere fills the holes, and then whole rows. */
  const placeLoose = (): void => {
    let [row, column] = [0, 0];
    for (const token of loose) {
      while (rows[row]?.columns[column] !== undefined) {
        column += 1;
        if (column === column_count) [row, column] = [row + 1, 0];
      }
      rows[row] ??= { columns: [] };
      (rows[row] as SearchRow).columns[column] = token;
    }
    loose.clear();
  };
  return {
    put: (column, token) => {
      if (column === undefined) loose.add(token);
      else if (!rows.some((row) => row.columns[column] === token)) {
        rowWhere((row) => row.columns[column] === undefined).columns[column] = token;
      }
    },
    own: (token) => {
      rowWhere((row) => row.own === undefined).own = token;
    },
    rows: () => {
      placeLoose();
      return rows;
    },
  };
}

function addOrdered(vault: Tokens, parameter: Parameter, values: readonly SearchValue[], out: OrderedRow[]): void {
  for (const value of values) {
    const row = orderedRow(vault, parameter, value);
    if (row === undefined) continue;
    if (!out.some((one) => one.key === row.key && one.low === row.low && one.high === row.high)) out.push(row);
  }
}

/** What is gathered of one resource. */
interface Gathered {
  readonly grid: Grid;
  readonly ordered: OrderedRow[];
  readonly tokens: Set<bigint>;
}

type Fill = (vaults: IndexVaults, found: readonly SearchValue[], into: Gathered) => void;

/** What a parameter's values add; undefined: nothing, or another parameter adds it. */
function fillOf({ parameter, place }: Planned): Fill | undefined {
  if (place.in === 'ordered') {
    return ({ clinical }, found, { ordered }) => addOrdered(clinical, parameter, found, ordered);
  }
  if (isTokened(place)) {
    return ({ clinical }, found, { grid }) => {
      for (const one of found) putTokens(clinical, parameter, place, one, grid.put);
    };
  }
  if (place.in !== 'identity' || place.carrier !== parameter.code) return undefined;
  return ({ identity }, found, { tokens }) => {
    for (const one of found) {
      for (const token of identityTokens(identity, parameter, place.carrier, place.form, one)) tokens.add(token);
    }
  };
}

function maker(type: string, custom: readonly CustomParameter[]): MakeRows {
  const plan = planOf(type, custom);
  const extract: Extractor = createExtractor(type, custom);
  const fills = new Map(plan.map((one) => [one.parameter.code, fillOf(one)]));
  return (vaults, id, resource) => {
    const values = extract(resource);
    const gathered: Gathered = { grid: createGrid(), ordered: [], tokens: new Set() };
    const patients = type === 'Patient' ? [id] : compartmentPatients(resource);
    for (const patient of patients) gathered.grid.own(refToken(vaults.clinical, 'Patient', patient));
    for (const [code, found] of values) fills.get(code)?.(vaults, found, gathered);
    const self = refToken(vaults.clinical, type, id);
    const rows = gathered.grid.rows();
    const clinical = { self, present: presentBits(plan, values), rows, ordered: gathered.ordered };
    return { clinical, identity: [...gathered.tokens] };
  };
}

const base = new Map<string, MakeRows>();
const customised = new WeakMap<readonly CustomParameter[], Map<string, MakeRows>>();

/** Makes, once for each type and list of custom parameters, what indexes its resources. */
export function rowsOf(type: string, custom: readonly CustomParameter[]): MakeRows {
  let known = base;
  if (custom.length > 0) {
    known = customised.get(custom) ?? new Map<string, MakeRows>();
    customised.set(custom, known);
  }
  let make = known.get(type);
  if (make === undefined) {
    make = maker(type, custom);
    known.set(type, make);
  }
  return make;
}
