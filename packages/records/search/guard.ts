import type { Exception, Sight, Visibility } from '@safeguard/access';
import { isUuid } from '@safeguard/kernel';
import { factored, merged } from './exceptions.ts';
import { and, idLeaf, inCompartments, ofNobody, or } from './leaves.ts';
import { always, type Node, never } from './node.ts';
import type { Owners } from './remembered.ts';

/** What guards are made of. */
export interface GuardPlanning {
  readonly sharedTypes: ReadonlySet<string>;
  /** The tokens of Patients as the owners of what is in their compartments. */
  readonly owners: Owners;
  /** Plans the query of a rule, as of somebody who sees everything. */
  readonly criteria: (type: string, query: string) => Promise<Node>;
  /** What lies in the compartment of a Patient that fulfils a rule's query. */
  readonly ofPatients: (types: readonly string[], query: string) => Promise<Node>;
  /** What carries one of these labels (`system|code`), of some types. */
  readonly labelled: (types: readonly string[], labels: readonly string[]) => Node;
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
 * follows or includes resources of the type, so that what is hidden leaves no trace in any of them. Of several types
 * only where they are seen alike, and no query says of what.
 */
export async function guardNode(
  planning: GuardPlanning,
  types: readonly string[],
  visibility: Visibility,
): Promise<Node> {
  if (visibility === 'all') return always;
  if (visibility === 'none') return never;
  const { sights, except } = factored(visibility);
  const any = await anySight(planning, types, sights);
  return except.length === 0 ? any : and([any, await without(planning, types, except)]);
}

async function anySight(planning: GuardPlanning, types: readonly string[], sights: readonly Sight[]): Promise<Node> {
  const nodes: Node[] = [];
  for (const sight of sights) nodes.push(await sightNode(planning, types, sight));
  const any: Node = nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'or', all: nodes };
  const [type = ''] = types;
  // Said once more for all together, the patients lead an index to the candidates.
  if (nodes.length === 1 || !isOfPatients(sights) || planning.sharedTypes.has(type)) return any;
  return { kind: 'and', all: [inCompartments(planning.owners(patientsOf(sights))), any] };
}

async function sightNode(planning: GuardPlanning, types: readonly string[], sight: Sight): Promise<Node> {
  const { patients, patientQuery, query, except } = sight;
  const [type = ''] = types;
  const orShared = (own: Node): Node => (planning.sharedTypes.has(type) ? { kind: 'or', all: [own, ofNobody] } : own);
  const all: Node[] = [];
  if (patients !== undefined) all.push(orShared(inCompartments(planning.owners(patients))));
  if (patientQuery !== undefined) all.push(orShared(await planning.ofPatients(types, patientQuery)));
  if (query !== undefined) all.push(await planning.criteria(type, query));
  if (except !== undefined && except.length > 0) all.push(await without(planning, types, merged(except)));
  return { kind: 'and', all };
}

/** What fulfils none of the exceptions. */
async function without(
  planning: GuardPlanning,
  types: readonly string[],
  exceptions: readonly Exception[],
): Promise<Node> {
  const nodes: Node[] = [];
  for (const one of exceptions) nodes.push({ kind: 'not', one: await exceptionNode(planning, types, one) });
  return and(nodes);
}

async function exceptionNode(planning: GuardPlanning, types: readonly string[], one: Exception): Promise<Node> {
  const [type = ''] = types;
  const all: Node[] = [];
  // PostgreSQL asks in this order: labels are few, and lists of patients may be long.
  if (one.labels !== undefined) all.push(planning.labelled(types, one.labels));
  if (one.ids !== undefined) all.push(idLeaf(one.ids.filter(isUuid)));
  if (one.query !== undefined) all.push(await planning.criteria(type, one.query));
  if (one.patients !== undefined) all.push(inCompartments(planning.owners(one.patients)));
  if (one.except !== undefined && one.except.length > 0) {
    const inner: Node[] = [];
    for (const each of merged(one.except)) inner.push(await exceptionNode(planning, types, each));
    all.push({ kind: 'not', one: or(inner) });
  }
  return { kind: 'and', all };
}
