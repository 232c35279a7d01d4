import type { Visibility } from '@safeguard/access';
import { type Condition, type Criterion, matches, type Parameter, textOf } from '@safeguard/fhir';
import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import type { Probe } from '../index-rows/index.ts';
import { isOfPatients } from './guard.ts';
import { idLeaf, inCompartments } from './leaves.ts';
import { type Follow, followNode, reverseNode } from './links.ts';
import { always, type Leaf, type Node } from './node.ts';
import { isNarrow, probeLeaf } from './probe-node.ts';
import type { Owners } from './remembered.ts';
import { type RulePlanning, ruledGuard } from './rules.ts';
import { notShown, requireCompartmentShown, requireShown, requireWhole, type Showing } from './shown.ts';
import { requireTold, requireYears, toldLeaf } from './told.ts';
import { updatedPredicate } from './updated.ts';

/** What turns criteria into nodes: the caller's sight, tokens, and a way to search for what a chain leads to. */
export interface Planning extends Follow, Showing {
  readonly probe: (condition: Condition) => Probe;
  readonly parameters: (type: string) => ReadonlyMap<string, Parameter>;
  readonly visible: (type: string) => Visibility;
  readonly sharedTypes: ReadonlySet<string>;
  /** The tokens of Patients as the owners of what is in their compartments. */
  readonly owners: Owners;
  /** How the conditions of rules are planned. */
  readonly rules: RulePlanning;
  /** A resource as far as the caller is shown its elements. */
  readonly shownPart: (resource: JsonObject) => JsonObject;
}

/** A search within one type: what is asked, within which compartment. */
export interface Asked {
  readonly type: string;
  readonly where: Criterion;
  readonly compartment?: string;
}

/** Plans a search within one type, with what the caller may see of it as one of its conditions. */
export async function planLevel(planning: Planning, { type, where, compartment }: Asked): Promise<Node> {
  if (compartment !== undefined) requireCompartmentShown(planning, type);
  const scope = compartment === undefined ? always : inCompartments(planning.owners([compartment]));
  const narrowed = compartment !== undefined || isOfPatients(planning.visible(type)) || namesPatient(where);
  const guard = await guardOf(planning, [type]);
  return { kind: 'and', all: [guard, scope, await planNode(planning, { type, narrowed }, where)] };
}

/**
 * What the caller may see of some types that are seen alike. Fault `forbidden`: by a query on what their view does not
 * show.
 */
export const guardOf = (planning: Planning, types: readonly string[]): Promise<Node> =>
  ruledGuard({ ...planning, probeOwn: (condition) => probeOwn(planning, condition) }, types);

/** By being shown or not, a resource would tell what the view hides. */
function probeOwn({ view, probe }: Planning, condition: Condition): Probe {
  requireShown({ view, shield: () => undefined }, condition.parameter, condition.modifier);
  requireTold(view, condition);
  return probe(condition);
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
      requireYears(planning.view, '_lastUpdated', criterion.tests);
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

function refuseTerminology({ parameter, modifier }: Condition): void {
  const asks = modifier === 'in' || modifier === 'not-in' || modifier === 'above' || modifier === 'below';
  if (parameter.type === 'token' && asks) {
    throw fault('invalid', `${parameter.code}:${modifier}: value sets and hierarchies of codes are not known here`);
  }
}

function planCondition(planning: Planning, type: string, asked: Condition): Node {
  const parameter = planning.parameters(type).get(asked.parameter.code) ?? asked.parameter;
  const condition = parameter === asked.parameter ? asked : { ...asked, parameter };
  requireShown(planning, parameter, condition.modifier);
  refuseTerminology(condition);
  const verify = (resource: JsonObject): boolean => matches(resource, condition);
  const leaf = probeLeaf(planning.probe(condition), isNarrow(condition, planning.sharedTypes), verify);
  return toldLeaf(planning.view, condition, leaf, verify);
}

async function planChain(planning: Planning, chain: Extract<Criterion, { kind: 'chain' }>): Promise<Node> {
  requireShown(planning, chain.parameter);
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
  requireShown(planning, parameter);
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
  if (planning.view !== 'full') throw notShown(name);
  requireWhole(planning, level.type);
  if (!level.narrowed) throw fault('invalid', `${name}: is served within one patient's compartment; name the patient`);
  return {
    kind: 'leaf',
    drivers: [],
    verify: (resource) => {
      const words = new Set(textOf(planning.shownPart(resource), asked.over));
      return asked.words.every((word) => words.has(word));
    },
  };
}
