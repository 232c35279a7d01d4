import type { JsonObject } from '@safeguard/kernel';
import type { Driver } from './driver.ts';
import type { Draft } from './sql.ts';

/** What is true of a resource that is known by its number, as SQL: `seq` is an expression of the statement. */
export type Predicate = (draft: Draft, seq: string) => string;

/** An opened resource that is being verified; `facts`: what the statement that found it said of some leaves. */
export interface Opened {
  readonly resource: JsonObject;
  /** As it was stored, where the caller's view is not the whole of it: what rules are asked of. */
  readonly stored?: JsonObject;
  readonly facts: ReadonlyMap<Leaf, boolean>;
}

/** A condition, ready to be asked. */
export interface Leaf {
  readonly kind: 'leaf';
  /** True for whatever fulfils the condition; where `verify` is there, maybe for more. Absent: nothing narrows. */
  readonly sql?: Predicate;
  /** Ways to find candidates by an index. */
  readonly drivers: readonly Driver[];
  /** Its one driver says all that `sql` says: what it leads to need not be asked again. */
  readonly covered?: boolean;
  /** Blind tokens of the identity segment, one of which every resource that fulfils the condition has. */
  readonly identity?: readonly bigint[];
  /** Says of an opened resource whether it fulfils the condition. Absent: `sql` says it exactly. */
  readonly verify?: (resource: JsonObject) => boolean;
  /** A rule's: it is verified on what is stored, not on what the caller's view makes of it. */
  readonly stored?: true;
}

/** A search within one type, with chains followed and tokens made. */
export type Node =
  | Leaf
  | { readonly kind: 'and' | 'or'; readonly all: readonly Node[] }
  | { readonly kind: 'not'; readonly one: Node };

export const always: Node = { kind: 'and', all: [] };
export const never: Leaf = { kind: 'leaf', sql: () => 'false', covered: true, drivers: [{ kind: 'seqs', seqs: [] }] };

/** Whether SQL alone decides. */
export function isExact(node: Node): boolean {
  if (node.kind === 'leaf') return node.verify === undefined;
  return node.kind === 'not' ? isExact(node.one) : node.all.every(isExact);
}

/** The conditions that must all hold. */
export const conjuncts = (node: Node): readonly Node[] => (node.kind === 'and' ? node.all.flatMap(conjuncts) : [node]);

/** True for whatever fulfils the node; undefined: for everything. `but`: one of its conjuncts, which is fulfilled. */
export function superset(node: Node, but?: Leaf): Predicate | undefined {
  if (node.kind === 'leaf') return node === but ? undefined : node.sql;
  if (node.kind === 'not') {
    const inner = isExact(node.one) ? superset(node.one) : undefined;
    if (inner !== undefined) return (draft, seq) => `not (${inner(draft, seq)})`;
    return isExact(node.one) ? () => 'false' : undefined;
  }
  const parts = node.all.map((one) => superset(one, but));
  if (node.kind === 'or' && parts.includes(undefined)) return undefined;
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0) return node.kind === 'or' ? () => 'false' : undefined;
  return (draft, seq) => `(${known.map((part) => part(draft, seq)).join(` ${node.kind} `)})`;
}

/** Leaves that only SQL can judge, below conditions that must be verified on the opened resource. */
export function factsOf(node: Node): Leaf[] {
  const inside = (one: Node): Leaf[] => {
    if (one.kind === 'leaf') return one.verify === undefined ? [one] : [];
    return one.kind === 'not' ? inside(one.one) : one.all.flatMap(inside);
  };
  return conjuncts(node).flatMap((one) => (isExact(one) ? [] : inside(one)));
}

/** Whether a rule is to be verified, so that what is stored must be at hand. */
export function asksStored(node: Node): boolean {
  if (node.kind === 'leaf') return node.stored === true && node.verify !== undefined;
  return node.kind === 'not' ? asksStored(node.one) : node.all.some(asksStored);
}

/** Judges what SQL did not decide; conjuncts that are exact have been judged. */
export const verify = (node: Node, opened: Opened): boolean =>
  conjuncts(node).every((one) => isExact(one) || holds(one, opened));

function holds(node: Node, opened: Opened): boolean {
  switch (node.kind) {
    case 'leaf':
      if (node.verify === undefined) return opened.facts.get(node) === true;
      return node.verify((node.stored && opened.stored) || opened.resource);
    case 'not':
      return !holds(node.one, opened);
    case 'and':
      return node.all.every((one) => holds(one, opened));
    default:
      return node.all.some((one) => holds(one, opened));
  }
}
