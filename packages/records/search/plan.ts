import type { Visibility } from '@safeguard/access';
import { type Condition, type Criterion, matches, type Parameter, textOf } from '@safeguard/fhir';
import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import { type Probe, segmentOf } from '../index-rows/index.ts';
import { criterionOf } from './criteria.ts';
import { guardNode, inCompartments, isOfPatients } from './guard.ts';
import { type Follow, followNode, reverseNode } from './links.ts';
import { always, type Leaf, type Node, never } from './node.ts';
import { isNarrow, probeLeaf } from './probe-node.ts';
import { updatedPredicate } from './updated.ts';

/** What turns criteria into nodes: the caller's sight, tokens, and a way to search for what a chain leads to. */
export interface Planning extends Follow {
  readonly view: 'full' | 'deidentified';
  readonly probe: (condition: Condition) => Probe;
  readonly parameters: (type: string) => ReadonlyMap<string, Parameter>;
  readonly visible: (type: string) => Visibility;
  readonly sharedTypes: ReadonlySet<string>;
  /** The token of a Patient as the owner of what is in its compartment. */
  readonly ownerToken: (patient: string) => bigint;
}

/** A search within one type: what is asked, within which compartment. */
export interface Asked {
  readonly type: string;
  readonly where: Criterion;
  readonly compartment?: string;
}

/** Plans a search within one type, with what the caller may see of it as one of its conditions. */
export async function planLevel(planning: Planning, { type, where, compartment }: Asked): Promise<Node> {
  const scope = compartment === undefined ? always : inCompartments([planning.ownerToken(compartment)]);
  const narrowed = compartment !== undefined || isOfPatients(planning.visible(type)) || namesPatient(where);
  return { kind: 'and', all: [guardOf(planning, type), scope, await planNode(planning, { type, narrowed }, where)] };
}

/** What the caller may see of a type. Fault `forbidden`: by a query on what their view does not show. */
export const guardOf = (planning: Planning, type: string): Node =>
  guardNode(
    { ...planning, criteria: (of, query) => planSight(planning, of, criterionOf(of, query)) },
    type,
    planning.visible(type),
  );

/** The criterion of a sight: of conditions and ids alone. */
function planSight(planning: Planning, type: string, criterion: Criterion): Node {
  if (criterion.kind === 'and') return { kind: 'and', all: criterion.all.map((one) => planSight(planning, type, one)) };
  if (criterion.kind === 'condition') return planCondition(planning, type, criterion);
  return criterion.kind === 'id' ? idLeaf(criterion.ids.filter(isUuid)) : never;
}

interface Level {
  readonly type: string;
  /** The search is within one patient's compartment. */
  readonly narrowed: boolean;
}

/** A reference to a patient is asked for, beside whatever else. */
function namesPatient(where: Criterion): boolean {
  if (where.kind === 'and') return where.all.some(namesPatient);
  return (
    where.kind === 'condition' &&
    where.modifier === undefined &&
    where.tests.every((test) => test.kind === 'reference' && test.types.join() === 'Patient')
  );
}

function planNode(planning: Planning, level: Level, criterion: Criterion): Promise<Node> | Node {
  switch (criterion.kind) {
    case 'condition':
      return planCondition(planning, level.type, criterion);
    case 'and':
    case 'or':
      return planAll(planning, level, criterion.kind, criterion.all);
    case 'not':
      return planNot(planning, level, criterion.one);
    case 'id':
      return idLeaf(criterion.ids.filter(isUuid));
    case 'updated':
      return { kind: 'leaf', sql: updatedPredicate(criterion.tests), drivers: [] };
    case 'chain':
      return planChain(planning, criterion);
    case 'has':
      return planHas(planning, criterion.parameter, criterion.link);
    case 'list':
      return planList(planning, criterion.list);
    default:
      return textLeaf(planning, level, criterion);
  }
}

async function planAll(planning: Planning, level: Level, kind: 'and' | 'or', all: readonly Criterion[]): Promise<Node> {
  const nodes: Node[] = [];
  for (const one of all) nodes.push(await planNode(planning, level, one));
  return { kind, all: nodes };
}

const planNot = async (planning: Planning, level: Level, one: Criterion): Promise<Node> => ({
  kind: 'not',
  one: await planNode(planning, level, one),
});

const forbidden = (code: string): Error =>
  fault('forbidden', `${code}: a de-identified view cannot search by what it does not show`);

/** Whether the caller's view shows the values that a parameter (with its modifier) looks at. */
export const isShown = (view: Planning['view'], parameter: Parameter, modifier?: Condition['modifier']): boolean =>
  view === 'full' || segmentOf(parameter, modifier) === 'clinical';

/** Refuses a parameter whose values the caller's view does not show: by searching they could be guessed. */
export function requireShown(view: Planning['view'], parameter: Parameter, modifier?: Condition['modifier']): void {
  if (!isShown(view, parameter, modifier)) throw forbidden(parameter.code);
}

function refuseTerminology({ parameter, modifier }: Condition): void {
  const asks = modifier === 'in' || modifier === 'not-in' || modifier === 'above' || modifier === 'below';
  if (parameter.type === 'token' && asks) {
    throw fault('invalid', `${parameter.code}:${modifier}: value sets and hierarchies of codes are not known here`);
  }
}

function planCondition(planning: Planning, type: string, asked: Condition): Node {
  const parameter = planning.parameters(type).get(asked.parameter.code) ?? asked.parameter;
  const condition = parameter === asked.parameter ? asked : { ...asked, parameter };
  requireShown(planning.view, parameter, condition.modifier);
  refuseTerminology(condition);
  const verify = (resource: JsonObject): boolean => matches(resource, condition);
  return probeLeaf(planning.probe(condition), isNarrow(condition, planning.sharedTypes), verify);
}

/** `_id`: any of these. */
export const idLeaf = (ids: readonly string[]): Leaf => ({
  kind: 'leaf',
  sql: (draft, seq) =>
    `exists (select from records.resource u where u.seq = ${seq}
      and u.id = any (${draft.value(ids, 'uuid[]')}) offset 0)`,
  covered: true,
  drivers: [{ kind: 'ids', ids }],
});

async function planChain(planning: Planning, chain: Extract<Criterion, { kind: 'chain' }>): Promise<Node> {
  requireShown(planning.view, chain.parameter);
  const nodes: Node[] = [];
  for (const link of chain.links) {
    const inner = await planLevel(planning, link);
    nodes.push(await followNode(planning, chain.parameter, { type: link.type, node: inner }));
  }
  return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'or', all: nodes };
}

async function planHas(
  planning: Planning,
  parameter: Parameter,
  link: { readonly type: string; readonly where: Criterion },
): Promise<Node> {
  requireShown(planning.view, parameter);
  const inner = await planLevel(planning, link);
  return reverseNode(planning, parameter, { type: link.type, node: inner });
}

/** What a List has among its entries; the lists that FHIR names `$current-…` are nobody's job here. */
function planList(planning: Planning, list: string): Promise<Node> {
  const item = planning.parameters('List').get('item');
  if (item === undefined || list.startsWith('$')) {
    throw fault('invalid', '_list: expected the id of a List; functional lists ($current-…) are not served');
  }
  return planHas(planning, item, { type: 'List', where: { kind: 'id', ids: [list] } });
}

function textLeaf(planning: Planning, level: Level, asked: Extract<Criterion, { kind: 'text' }>): Leaf {
  const name = asked.over === 'narrative' ? '_text' : '_content';
  if (planning.view !== 'full') throw forbidden(name);
  if (!level.narrowed) throw fault('invalid', `${name}: is served within one patient's compartment; name the patient`);
  return {
    kind: 'leaf',
    drivers: [],
    verify: (resource) => {
      const words = new Set(textOf(resource, asked.over));
      return asked.words.every((word) => words.has(word));
    },
  };
}
