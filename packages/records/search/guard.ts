import type { Visibility } from '@safeguard/access';
import { always, type Leaf, type Node, never, type Predicate } from './node.ts';
import { isAnyOf } from './sql.ts';

const within =
  (owners: readonly bigint[]): Predicate =>
  (draft, seq) =>
    `exists (select from records.search g where g.seq = ${seq} and ${isAnyOf(draft, 'g.own', owners)} offset 0)`;

const ofNobody: Predicate = (_draft, seq) =>
  `not exists (select from records.search g where g.seq = ${seq} and g.own is not null offset 0)`;

/** Resources in the compartments of these patients, by the tokens of the patients. */
export const inCompartments = (owners: readonly bigint[]): Leaf =>
  owners.length === 0
    ? never
    : {
        kind: 'leaf',
        sql: within(owners),
        covered: true,
        drivers: [{ kind: 'tokens', columns: new Map([['own', owners]]), narrow: true }],
      };

/**
 * What a caller may see of a type, as a condition like others: it stands in every statement that finds, counts, sorts,
 * follows or includes resources of the type, so that what is hidden leaves no trace in any of them.
 */
export function guardNode(visibility: Visibility, shared: boolean, ownerToken: (patient: string) => bigint): Node {
  if (visibility === 'all') return always;
  if (visibility === 'none') return never;
  const own = inCompartments(visibility.patients.map(ownerToken));
  return shared ? { kind: 'or', all: [own, { kind: 'leaf', sql: ofNobody, drivers: [] }] } : own;
}
