import { letters } from './interactions.ts';
import { unionOf } from './restriction.ts';
import { type Level, placeOf, productScopes, readScope, type Scope, type Vocabulary } from './scope.ts';

/** A permit with the scope that gave it; made once per scope list, handed out unchanged. */
export interface Permit {
  readonly permit: true;
  readonly reason: 'scope';
  readonly rule: string;
}

/** What a letter on a type is granted. */
export interface Cell {
  readonly decision: Permit;
  /** FHIR queries, one of which a resource must fulfil; undefined: any resource. */
  readonly queries: readonly string[] | undefined;
}

/** Five places, c r u d s. */
export type Row = readonly (Cell | undefined)[];

/** What the scopes of one level grant: the row of `*`, and of each type that is named with what `*` adds to it. */
export interface Table {
  readonly all: Row;
  readonly byType: ReadonlyMap<string, Row>;
  readonly any: boolean;
}

/** What a list of scopes grants. */
export interface Grants extends Readonly<Record<Level, Table>> {
  readonly product: ReadonlySet<string>;
  readonly any: boolean;
}

const levels: readonly Level[] = ['patient', 'user', 'system'];

function cellOf(scopes: readonly Scope[]): Cell | undefined {
  const [first] = scopes;
  if (first === undefined) return undefined;
  const whole = scopes.find(({ conditions }) => conditions.length === 0);
  const decision: Permit = Object.freeze({ permit: true, reason: 'scope', rule: (whole ?? first).text });
  const queries = whole ? undefined : Object.freeze(unionOf(scopes.map(({ conditions }) => conditions)));
  return { decision, queries };
}

function rowOf(scopes: readonly Scope[]): Row {
  return [...letters].map((_, place) =>
    cellOf(scopes.filter((one) => one.letters.some((each) => placeOf(each) === place))),
  );
}

function tableOf(scopes: readonly Scope[]): Table {
  const wild = scopes.filter(({ type }) => type === '*');
  const byType = Map.groupBy(
    scopes.filter(({ type }) => type !== '*'),
    ({ type }) => type,
  );
  const rows = [...byType].map(([type, own]): [string, Row] => [type, rowOf([...own, ...wild])]);
  return { all: rowOf(wild), byType: new Map(rows), any: scopes.length > 0 };
}

/** Compiles a list of scopes. A text that is no scope of ours grants nothing. */
export function compileGrants(scopes: readonly string[], vocabulary: Vocabulary): Grants {
  const read = scopes.map((text) => readScope(text, vocabulary)).filter((one) => typeof one !== 'string');
  const [patient, user, system] = levels.map((level) => tableOf(read.filter((one) => one.level === level)));
  const product = new Set(scopes.filter((text) => productScopes.has(text)));
  return { patient, user, system, product, any: read.length > 0 } as Grants;
}

/**
 * Compiles each list once. Only a frozen list is remembered: one that could still change would go on granting
 * what was taken out of it.
 */
export function createGrants(vocabulary: Vocabulary): (scopes: readonly string[]) => Grants {
  const known = new WeakMap<readonly string[], Grants>();
  return (scopes) => {
    const before = known.get(scopes);
    if (before !== undefined) return before;
    const grants = compileGrants(scopes, vocabulary);
    if (Object.isFrozen(scopes)) known.set(scopes, grants);
    return grants;
  };
}

/** Of a table what a letter (by its place) is granted on a type. */
export const cellIn = ({ byType, all }: Table, type: string, place: number): Cell | undefined =>
  (byType.get(type) ?? all)[place];
