import type { Sight, Visibility } from '@safeguard/access';
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

/** What guards are made of. */
export interface GuardPlanning {
  readonly sharedTypes: ReadonlySet<string>;
  /** The token of a Patient as the owner of what is in its compartment. */
  readonly ownerToken: (patient: string) => bigint;
  /** Plans the query of a sight. */
  readonly criteria: (type: string, query: string) => Node;
}

/** Every sight is of some patients' alone. */
export const isOfPatients = (visibility: Visibility): visibility is readonly Sight[] =>
  typeof visibility === 'object' && visibility.every(({ patients }) => patients !== undefined);

/** The patients of all sights together. */
export const patientsOf = (sights: readonly Sight[]): readonly string[] => [
  ...new Set(sights.flatMap(({ patients = [] }) => patients)),
];

/**
 * What a caller may see of a type, as a condition like others: it stands in every statement that finds, counts, sorts,
 * follows or includes resources of the type, so that what is hidden leaves no trace in any of them.
 */
export function guardNode(planning: GuardPlanning, type: string, visibility: Visibility): Node {
  if (visibility === 'all') return always;
  if (visibility === 'none') return never;
  const nodes = visibility.map((sight) => sightNode(planning, type, sight));
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1) return only;
  const any: Node = { kind: 'or', all: nodes };
  // Said once more for all together, the patients lead an index to the candidates.
  if (!isOfPatients(visibility) || planning.sharedTypes.has(type)) return any;
  return { kind: 'and', all: [inCompartments(patientsOf(visibility).map(planning.ownerToken)), any] };
}

function sightNode(planning: GuardPlanning, type: string, { patients, query }: Sight): Node {
  const all: Node[] = [];
  if (patients !== undefined) all.push(ofPatients(planning, type, patients));
  if (query !== undefined) all.push(planning.criteria(type, query));
  return { kind: 'and', all };
}

function ofPatients({ sharedTypes, ownerToken }: GuardPlanning, type: string, patients: readonly string[]): Node {
  const own = inCompartments(patients.map(ownerToken));
  return sharedTypes.has(type) ? { kind: 'or', all: [own, { kind: 'leaf', sql: ofNobody, drivers: [] }] } : own;
}
