import { type Fault, fault, type JsonObject } from '@safeguard/kernel';
import type { ElementDefinition } from '../definitions.ts';
import { typeDefinition } from '../definitions.ts';
import { compilePath, type PathAllowance, type PathNode } from '../fhirpath/index.ts';
import { isObject } from '../object.ts';
import { sameJson } from './equal.ts';
import { readItems } from './items.ts';
import type { Place, Tree } from './places.ts';
import { type Step, stepsOf } from './steps.ts';

/** What a path is looked for in. */
export interface Ground {
  readonly root: JsonObject;
  readonly tree: Tree;
  /** What the paths of the whole patch may do together. */
  readonly paths: PathAllowance;
}

/** An object that can hold elements; `place` is undefined for the resource itself. */
export interface Target {
  readonly object: JsonObject;
  readonly type: string;
  readonly place: Place | undefined;
}

const notSimple = (): Fault =>
  fault(
    'invalid',
    'Expected a path that is one chain of members, indexes and functions, such as Patient.name[0].given.',
  );

/** An engine's answer, on the resource at hand. */
function nodes(steps: readonly Step[], { root, paths }: Ground): PathNode[] {
  const type = String(root['resourceType']);
  const expression = steps.map((step) => step.text).join('.');
  return compilePath(expression, { type }).nodes(root, { allowance: paths });
}

/** The object behind a node: of a primitive, what stands beside it. Identity is what counts: it must be the tree's. */
function objectOf(node: PathNode, { tree }: Ground): JsonObject | undefined {
  const object = isObject(node.value) ? node.value : node.extensionHolder;
  if (object === undefined) return undefined;
  if (!tree.has(object)) throw fault('unprocessable', 'A path of the patch leads out of the resource.');
  return object;
}

/** The objects in which the last member of a path is to be found. */
function holders(before: readonly Step[], ground: Ground): JsonObject[] {
  if (before.length === 0) return [ground.root];
  return nodes(before, ground)
    .map((node) => objectOf(node, ground))
    .filter((object) => object !== undefined);
}

/** The element that a member names in an object: by its JSON property, or a choice by its name before the type. */
export function* elementsNamed(
  object: JsonObject,
  type: string,
  name: string,
): Generator<readonly [key: string, definition: ElementDefinition]> {
  for (const [key, definition] of typeDefinition(type)?.elements ?? []) {
    if (key !== name && !(definition.choice && definition.name === name)) continue;
    if (Object.hasOwn(object, key) || Object.hasOwn(object, `_${key}`)) yield [key, definition];
  }
}

function placesOf(object: JsonObject, name: string, { tree }: Ground): Place[] {
  const type = tree.get(object)?.type ?? '';
  return [...elementsNamed(object, type, name)].flatMap(([key, definition]) =>
    readItems(object, key).map((_, index) => ({ holder: object, key, definition, index })),
  );
}

const itemAt = (place: Place) => readItems(place.holder, place.key)[place.index];

/** The place of a node that functions picked: an object by identity, a bare primitive by its value, if one has it. */
function placeOfNode(node: PathNode, candidates: readonly Place[], ground: Ground): Place {
  const object = objectOf(node, ground);
  const place = object && ground.tree.get(object)?.place;
  if (place) return place;
  const alike = candidates.filter((candidate) => sameJson(itemAt(candidate)?.value, node.value));
  const [only] = alike;
  if (only === undefined || alike.length > 1) {
    throw fault(
      'unprocessable',
      'A path of the patch picks a primitive that has equals beside it: name it by its index.',
    );
  }
  return only;
}

/** Splits a path before its last member; what follows it are functions. A leading type name is no member. */
function atLastMember(steps: readonly Step[], resourceType: string) {
  const own = [resourceType, 'DomainResource', 'Resource'].includes(steps[0]?.member ?? '') ? 1 : 0;
  const last = steps.findLastIndex((step, index) => index >= own && step.member !== undefined);
  return { own, last, before: steps.slice(0, Math.max(last, 0)), member: steps[last], after: steps.slice(last + 1) };
}

function readSteps(path: string, { root }: Ground) {
  const steps = stepsOf(path);
  if (steps === undefined) throw notSimple();
  return { steps, ...atLastMember(steps, String(root['resourceType'])) };
}

/** The places that a path leads to; `'root'` for the resource itself. Throws Fault `invalid` for what is no path. */
export function locate(path: string, ground: Ground): 'root' | Place[] {
  const { steps, own, member, before, after } = readSteps(path, ground);
  if (own === 1 && steps.length === 1) return 'root';
  const name = member?.member;
  const candidates =
    name === undefined ? [] : holders(before, ground).flatMap((object) => placesOf(object, name, ground));
  if (name !== undefined && after.length === 0) {
    const index = member?.index;
    return index === undefined ? candidates : candidates.slice(index, index + 1);
  }
  return nodes(steps, ground).map((node) => placeOfNode(node, candidates, ground));
}

/** The object and the name that a path to a list has: the list itself may be missing yet. */
export function locateList(path: string, ground: Ground): { readonly object: JsonObject; readonly name: string } {
  const { member, before, after } = readSteps(path, ground);
  const name = member?.member;
  if (name === undefined || member?.index !== undefined || after.length > 0) {
    throw fault('invalid', 'Expected a path that leads to a whole list: its last step a member without an index.');
  }
  const found = holders(before, ground);
  const [object] = found;
  if (object === undefined || found.length > 1) {
    throw fault('unprocessable', 'Expected the path of the patch to lead to one list.');
  }
  return { object, name };
}
