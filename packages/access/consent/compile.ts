import type { ConsentSnapshot } from '../standing/types.ts';
import type { Node, Side } from './provision.ts';
import { type ReadConsent, readConsent } from './read.ts';
import type { ConsentNote } from './types.ts';

/** Patients whose consents say the same, newest first. */
export interface Shape {
  readonly roots: readonly Node[];
  readonly patients: readonly string[];
  /** For each root, by the position of `patients`. */
  readonly consents: readonly (readonly string[])[];
}

/** A tenant's consents, ready for questions. Immutable. */
export interface CompiledConsents {
  readonly version: number;
  readonly shapes: readonly Shape[];
  /** Everything about a caller that some Consent asks for. */
  readonly tokens: ReadonlySet<string>;
  /** Milliseconds, rising: when something begins or ends. */
  readonly changes: readonly number[];
  /** Consents that are not, or not wholly, understood. */
  readonly notes: readonly ConsentNote[];
}

type Result = ReadConsent | ConsentNote | undefined;

/** What was read of a resource: it never changes. */
const readings = new WeakMap<object, { readonly result: Result }>();
const compiled = new WeakMap<ConsentSnapshot, CompiledConsents>();

function readingOf(resource: object): Result {
  let known = readings.get(resource);
  if (known === undefined) {
    known = { result: readConsent(resource) };
    readings.set(resource, known);
  }
  return known.result;
}

const rank = ({ root }: ReadConsent): number => (root?.type === 'deny' ? 0 : 1);

/** The newer one first. Of two that are alike the denial counts as newer. */
const newestFirst = (one: ReadConsent, other: ReadConsent): number =>
  other.given - one.given || other.stored - one.stored || rank(one) - rank(other) || (one.id < other.id ? -1 : 1);

function shapesOf(consents: readonly ReadConsent[]): Shape[] {
  const speaking = consents.filter(({ root }) => root !== undefined);
  const chains = [...Map.groupBy(speaking, ({ patient }) => patient).values()].map((own) => own.sort(newestFirst));
  const alike = Map.groupBy(chains, (chain) => chain.map(({ key }) => key).join('\n'));
  return [...alike.values()].map((group) => ({
    roots: (group[0] ?? []).flatMap(({ root }) => root ?? []),
    patients: group.flatMap(([newest]) => newest?.patient ?? []),
    consents: (group[0] ?? []).map((_, index) => group.flatMap((chain) => chain[index]?.id ?? [])),
  }));
}

function eachSide(node: Node, visit: (side: Side) => void): void {
  visit(node.may);
  if (node.must) visit(node.must);
  for (const child of node.children) eachSide(child, visit);
}

function vocabularyOf(shapes: readonly Shape[]): Pick<CompiledConsents, 'tokens' | 'changes'> {
  const tokens = new Set<string>();
  const changes = new Set<number>();
  const visit = ({ actors = [], purposes = [], from, until }: Side): void => {
    for (const token of [...actors.flat(), ...purposes]) tokens.add(token);
    for (const at of [from, until]) if (Number.isFinite(at)) changes.add(at);
  };
  for (const { roots } of shapes) for (const root of roots) eachSide(root, visit);
  return { tokens, changes: [...changes].sort((one, other) => one - other) };
}

const isRead = (result: Result): result is ReadConsent => result !== undefined && 'patient' in result;

/**
 * Reads a tenant's consents. A Consent that cannot be understood is read as denying what it might deny, and named in
 * `notes`. Remembered by the snapshot, and each resource by itself: a new snapshot costs what is new in it.
 */
export function compileConsents(snapshot: ConsentSnapshot): CompiledConsents {
  const known = compiled.get(snapshot);
  if (known !== undefined) return known;
  const results = snapshot.consents.map(readingOf);
  const shapes = shapesOf(results.filter(isRead));
  const notes = results.flatMap((result) => {
    if (result === undefined) return [];
    return isRead(result) ? result.notes : [result];
  });
  const made = { version: snapshot.version, shapes, ...vocabularyOf(shapes), notes };
  compiled.set(snapshot, made);
  return made;
}

/** When, after a moment, something begins or ends; undefined: never. Until then the effects stay what they are. */
export const nextChange = ({ changes }: CompiledConsents, at: number): number | undefined => changes[past(changes, at)];

/** How many of the changes were at or before a moment. */
export function past(changes: readonly number[], at: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
