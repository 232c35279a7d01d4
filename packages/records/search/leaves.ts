import { always, type Leaf, type Node, never } from './node.ts';
import { isAnyOf } from './sql.ts';

/** A longer list is counted before anything begins by it: it may lead to more than what is asked beside it. */
const narrow_most = 20;

/** `_id`: any of these. */
export const idLeaf = (ids: readonly string[]): Leaf => ({
  kind: 'leaf',
  sql: (draft, seq) =>
    `exists (select from records.resource u where u.seq = ${seq}
      and u.id = any (${draft.value(ids, 'uuid[]')}) offset 0)`,
  covered: true,
  drivers: [{ kind: 'ids', ids }],
});

/** Resources in the compartments of these patients, by the tokens of the patients. */
export const inCompartments = (owners: readonly bigint[]): Leaf =>
  owners.length === 0
    ? never
    : {
        kind: 'leaf',
        sql: (draft, seq) =>
          `exists (select from records.search g where g.seq = ${seq} and ${isAnyOf(draft, 'g.own', owners)} offset 0)`,
        covered: true,
        drivers: [{ kind: 'tokens', columns: new Map([['own', owners]]), narrow: owners.length <= narrow_most }],
      };

/** Resources in nobody's compartment. */
export const ofNobody: Leaf = {
  kind: 'leaf',
  sql: (_draft, seq) => `not exists (select from records.search g where g.seq = ${seq} and g.own is not null offset 0)`,
  drivers: [],
};

export const and = (all: readonly Node[]): Node => (all.length === 1 ? (all[0] ?? always) : { kind: 'and', all });
export const or = (all: readonly Node[]): Node => (all.length === 1 ? (all[0] ?? never) : { kind: 'or', all });
