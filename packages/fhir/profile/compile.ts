import type { JsonObject } from '@safeguard/kernel';
import { typeDefinition } from '../definitions.ts';
import { lastWord, objectAt, objectsAt, textAt } from './definition.ts';
import { holderOf, itemsAt, type Place, placesOf } from './items.ts';
import { kindChecks } from './kinds.ts';
import type { Check, Compiled, Library, Owner } from './library.ts';
import { isFull, type Run, say } from './run.ts';
import { type SlicesCheck, slicesCheck } from './slices.ts';
import { type Node, type Tree, treeOf } from './tree.ts';
import { valueChecks } from './values.ts';

/** One element below another, at a type that holds it. */
interface Child {
  readonly node: Node;
  readonly name: string;
  readonly places: readonly Place[];
  readonly check: Check | undefined;
  readonly slices: SlicesCheck | undefined;
  /** Undefined where R4 itself asks as much, and validate() has said it. */
  readonly min: number | undefined;
  readonly max: number | undefined;
}

interface Compilation extends Owner {
  readonly tree: Tree;
  /** Elements that are made already: content references lead back to them. */
  readonly made: Map<Node, Check | undefined>;
}

function checkCount(child: Child, count: number, run: Run, label: string): void {
  const { min, max, name, node } = child;
  if (min !== undefined && count < min) {
    say(run, 'error', 'required', `expected the element ${name}, at least ${min} (${label})`, name);
  }
  if (max !== undefined && count > max) {
    const text = max === 0 ? `expected no ${name}` : `expected at most ${max} of ${name}`;
    say(run, 'error', 'structure', `${text} (${label})`, name);
  }
  if (count === 0 && node.mustSupport && run.mustSupport) {
    say(run, 'information', 'informational', `must be supported, and is absent: ${name} (${label})`, name);
  }
}

function checkChild(child: Child, object: JsonObject, run: Run, label: string): void {
  const items = itemsAt(object, child.places);
  checkCount(child, items.length, run, label);
  if (items.length === 0) {
    if (child.slices) child.slices(items, run);
    return;
  }
  if (child.check) {
    for (const item of items) {
      run.path.push(...item.at);
      child.check(item, run);
      run.path.length -= item.at.length;
    }
  }
  child.slices?.(items, run);
}

/** The element as R4 itself defines it. */
const baseOf = (type: string, places: readonly Place[]) => {
  const [first] = places;
  return first === undefined ? undefined : typeDefinition(type)?.elements.get(first.key);
};

function childOf(node: Node, type: string, compilation: Compilation): Child | undefined {
  const places = placesOf(type, node.name);
  if (places.length === 0) return undefined;
  const own = baseOf(type, places);
  const child: Child = {
    node,
    name: node.name.replace('[x]', ''),
    places,
    check: compileNode(node, compilation),
    slices: slicesCheck(node, compilation, (slice) => compileNode(slice, compilation) ?? (() => undefined)),
    min: node.min > (own?.min ?? 0) ? node.min : undefined,
    max: node.max < (own?.max ?? Number.POSITIVE_INFINITY) ? node.max : undefined,
  };
  const { check, slices, min, max } = child;
  return check || slices || min !== undefined || max !== undefined || node.mustSupport ? child : undefined;
}

/** The types that an element's values have: a backbone's key, datatypes, at the root the resource. */
function typesOf(node: Node): string[] {
  const path = textAt(objectAt(node.source, 'base'), 'path') ?? node.id;
  if (typeDefinition(path) !== undefined) return [path];
  return node.types.map(({ code }) => code).filter((code) => typeDefinition(code) !== undefined);
}

/** The children of an element, made for each type that an item of it has when it is first met. */
function childrenCheck(node: Node, compilation: Compilation): Check | undefined {
  const content = node.content === undefined ? undefined : compilation.tree.nodes.get(node.content);
  const nodes = node.children.length > 0 ? node.children : (content?.children ?? []);
  if (nodes.length === 0) return undefined;
  const byType = new Map<string, readonly Child[]>();
  const made = (type: string): readonly Child[] => {
    const known = byType.get(type);
    if (known !== undefined) return known;
    const all = nodes.map((one) => childOf(one, type, compilation)).filter((one) => one !== undefined);
    byType.set(type, all);
    return all;
  };
  // Made now, so that what is wrong with a profile is known when it is loaded; content references wait, or never end.
  if (content === undefined) typesOf(node).forEach(made);
  return (item, run) => {
    const holder = holderOf(item);
    if (holder === undefined || isFull(run)) return;
    for (const child of made(holder.type)) checkChild(child, holder.object, run, compilation.label);
  };
}

/** The check of one element; undefined for one of which the profile says nothing that R4 does not. */
function compileNode(node: Node, compilation: Compilation): Check | undefined {
  if (compilation.made.has(node)) return compilation.made.get(node);
  const parts = [...kindChecks(node, compilation), ...valueChecks(node, compilation)];
  const children = childrenCheck(node, compilation);
  if (children) parts.push(children);
  const [only] = parts;
  const check: Check | undefined =
    parts.length < 2
      ? only
      : (item, run) => {
          for (const part of parts) part(item, run);
        };
  compilation.made.set(node, check);
  return check;
}

const contextsOf = (definition: JsonObject): Compiled['contexts'] =>
  objectsAt(definition, 'context').map((one) => ({
    type: textAt(one, 'type') ?? '',
    expression: textAt(one, 'expression') ?? '',
  }));

/**
 * Makes the checks of a profile out of its snapshot, once. What says no more than R4 itself is left out: `validate`
 * checks that. Undefined for a definition without a snapshot.
 */
export function compileProfile(definition: JsonObject, library: Library): Compiled | undefined {
  const tree = treeOf(definition);
  if (tree === undefined) return undefined;
  const url = textAt(definition, 'url') ?? '';
  const problems = tree.lost.map((id) => `${id}: stands below no element of the snapshot`);
  const compilation: Compilation = { tree, library, label: lastWord(url), problems, made: new Map() };
  const check = compileNode(tree.root, compilation) ?? (() => undefined);
  const contexts = contextsOf(definition);
  return { url, type: textAt(definition, 'type') ?? '', check, contexts, problems };
}
