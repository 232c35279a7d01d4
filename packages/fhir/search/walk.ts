import type { JsonObject } from '@safeguard/kernel';
import { type ElementDefinition, typeDefinition } from '../definitions.ts';
import { isObject } from '../object.ts';
import type { Path, Step } from './path.ts';
import { leadsTo } from './values-reference.ts';

/** Takes the value of an element that a path leads to. */
export type Leaf<State> = (value: unknown, state: State, resource: JsonObject) => void;
/** Makes the leaf for the datatype (and required binding) that a path ends at; undefined: nothing to read there. */
export type MakeLeaf<State> = (type: string, binding: string | undefined) => Leaf<State> | undefined;

type Guard = (value: unknown, resource: JsonObject) => boolean;

/** The paths of many parameters as one tree, so that one walk serves them all. */
export interface Node<State> {
  readonly leaves: Leaf<State>[];
  readonly edges: Map<string, Node<State>>;
  /** The first item only. */
  readonly firsts: Map<string, Node<State>>;
  readonly guards: { readonly key: string; readonly passes: Guard; readonly node: Node<State> }[];
}

export const newNode = <State>(): Node<State> => ({ leaves: [], edges: new Map(), firsts: new Map(), guards: [] });

/** Where a path has come to: a place in the tree, and what stands there. */
interface Place<State> {
  readonly node: Node<State>;
  readonly type: string;
  readonly binding: string | undefined;
  readonly definition: ElementDefinition | undefined;
}

function child<State>(edges: Map<string, Node<State>>, name: string): Node<State> {
  const known = edges.get(name);
  if (known) return known;
  const made = newNode<State>();
  edges.set(name, made);
  return made;
}

/** The properties of a type that an element's name stands for: one, or one per type of a choice. */
const propertiesOf = (type: string, name: string): [string, ElementDefinition][] =>
  [...(typeDefinition(type)?.elements ?? [])].filter(([, definition]) => definition.name === name);

function byName<State>(places: readonly Place<State>[], name: string, first: boolean): Place<State>[] {
  return places.flatMap(({ node, type }) =>
    propertiesOf(type, name).map(([property, definition]) => ({
      node: child(first ? node.firsts : node.edges, property),
      type: definition.types[0] ?? '',
      binding: definition.binding,
      definition,
    })),
  );
}

function guarded<State>(place: Place<State>, key: string, passes: Guard): Place<State> {
  const known = place.node.guards.find((guard) => guard.key === key);
  if (known) return { ...place, node: known.node };
  const node = newNode<State>();
  place.node.guards.push({ key, passes, node });
  return { ...place, node };
}

/** R4's datatypes that are kinds of another: `ofType(uri)` finds a canonical. */
const kindOf: Readonly<Record<string, string>> = {
  canonical: 'uri',
  url: 'uri',
  uuid: 'uri',
  oid: 'uri',
  code: 'string',
  id: 'string',
  markdown: 'string',
  positiveInt: 'integer',
  unsignedInt: 'integer',
  Age: 'Quantity',
  Count: 'Quantity',
  Distance: 'Quantity',
  Duration: 'Quantity',
};

function byStep<State>(places: readonly Place<State>[], step: Step): Place<State>[] {
  if (step.kind === 'name') return byName(places, step.name, false);
  if (step.kind === 'type') return places.filter(({ type }) => type === step.type || kindOf[type] === step.type);
  if (step.kind === 'leads') {
    const { type } = step;
    return places.map((place) => guarded(place, `leads ${type}`, (value, resource) => leadsTo(value, type, resource)));
  }
  if (step.kind === 'first') return [];
  const { name, value: wanted } = step;
  const passes: Guard = (value) => isObject(value) && value[name] === wanted;
  return places.map((place) => guarded(place, `equals ${name} ${wanted}`, passes));
}

/** What a primitive's `extension` or `id` is stands beside it (`_birthDate`), which the tree does not know. */
const isBeside = <State>(places: readonly Place<State>[], step: Step): boolean =>
  step.kind === 'name' &&
  (step.name === 'extension' || step.name === 'id') &&
  places.some(({ type }) => typeDefinition(type)?.kind === 'primitive');

/** `a[0]` names the first of a list only when that list is the whole collection. */
const isWhole = (steps: readonly Step[], at: number): boolean => at === 0 && steps[1]?.kind === 'first';

/**
 * Lays a path into the tree below an element (or resource) of a type. False when the path is none of the simple ones
 * after all, or leads nowhere in R4; nothing is laid then.
 */
export function lay<State>(root: Node<State>, type: string, path: Path, make: MakeLeaf<State>): boolean {
  const { steps } = path;
  if (steps.some((step, at) => step.kind === 'first' && at !== 1)) return false;
  let places: Place<State>[] = [{ node: root, type, binding: undefined, definition: undefined }];
  for (const [at, step] of steps.entries()) {
    if (step.kind === 'first') continue;
    if (isBeside(places, step)) return false;
    places = step.kind === 'name' && isWhole(steps, at) ? byName(places, step.name, true) : byStep(places, step);
  }
  if (places.length === 0) return false;
  for (const place of places) {
    const leaf = make(place.type, place.binding);
    if (leaf) place.node.leaves.push(leaf);
  }
  return true;
}

/** The tree with its maps as lists, for walking. */
export type Walk<State> = (value: unknown, state: State, resource: JsonObject) => void;

/** Every item of a list, or the one value; `null` fills lists of primitives. */
const eachItem =
  <State>(visit: Walk<State>): Walk<State> =>
  (found, state, resource) => {
    if (Array.isArray(found)) {
      for (let at = 0; at < found.length; at++) if (found[at] !== null) visit(found[at], state, resource);
    } else if (found !== null) visit(found, state, resource);
  };

const firstItem =
  <State>(visit: Walk<State>): Walk<State> =>
  (found, state, resource) => {
    if (Array.isArray(found) && found.length > 0) visit(found[0], state, resource);
  };

const ifPasses =
  <State>(passes: Guard, visit: Walk<State>): Walk<State> =>
  (value, state, resource) => {
    if (passes(value, resource)) visit(value, state, resource);
  };

/** Visits the properties that paths go on to; each is looked up by its name, for a resource has few that count. */
function below<State>(properties: readonly { readonly name: string; readonly visit: Walk<State> }[]): Walk<State> {
  return (value, state, resource) => {
    if (!isObject(value)) return;
    for (let at = 0; at < properties.length; at++) {
      const { name, visit } = properties[at] as (typeof properties)[number];
      const found = value[name];
      if (found !== undefined) visit(found, state, resource);
    }
  };
}

/** Turns a tree into the function that walks it. */
export function walker<State>(node: Node<State>): Walk<State> {
  const properties = [
    ...[...node.edges].map(([name, one]) => ({ name, visit: eachItem(walker(one)) })),
    ...[...node.firsts].map(([name, one]) => ({ name, visit: firstItem(walker(one)) })),
  ];
  const visits: Walk<State>[] = [
    ...node.leaves,
    ...node.guards.map((guard) => ifPasses(guard.passes, walker(guard.node))),
    ...(properties.length > 0 ? [below(properties)] : []),
  ];
  const [only] = visits;
  if (only && visits.length === 1) return only;
  return (value, state, resource) => {
    for (let at = 0; at < visits.length; at++) (visits[at] as Walk<State>)(value, state, resource);
  };
}
