import type { JsonObject } from '@safeguard/kernel';
import { numberValue } from '../numbers.ts';
import { choiceAt, objectAt, objectsAt, textAt, textsAt } from './definition.ts';

export interface NodeType {
  readonly code: string;
  readonly profiles: readonly string[];
  readonly targets: readonly string[];
}

export interface Discriminator {
  readonly type: string;
  readonly path: string;
}

export interface Slicing {
  readonly discriminators: readonly Discriminator[];
  readonly rules: string;
  readonly ordered: boolean;
}

/** One element of a snapshot, with what stands below it and the slices of it. */
export interface Node {
  readonly id: string;
  /** The last word of the path: `category`, `value[x]`. */
  readonly name: string;
  readonly slice?: string;
  readonly min: number;
  /** Infinity for `*`. */
  readonly max: number;
  readonly types: readonly NodeType[];
  readonly fixed: unknown;
  readonly pattern: unknown;
  readonly mustSupport: boolean;
  readonly slicing?: Slicing;
  /** id of the element whose children these are (`Questionnaire.item`). */
  readonly content?: string;
  /** The ElementDefinition itself, for what is read once at compilation. */
  readonly source: JsonObject;
  readonly children: Node[];
  readonly slices: Node[];
}

const typesOf = (source: JsonObject): NodeType[] =>
  objectsAt(source, 'type').map((type) => ({
    code: textAt(type, 'code') ?? '',
    profiles: textsAt(type, 'profile'),
    targets: textsAt(type, 'targetProfile'),
  }));

function slicingOf(source: JsonObject): Slicing | undefined {
  const slicing = objectAt(source, 'slicing');
  if (slicing === undefined) return undefined;
  const discriminators = objectsAt(slicing, 'discriminator').map((one) => ({
    type: textAt(one, 'type') ?? '',
    path: textAt(one, 'path') ?? '$this',
  }));
  return { discriminators, rules: textAt(slicing, 'rules') ?? 'open', ordered: slicing['ordered'] === true };
}

function nodeOf(source: JsonObject, id: string): Node {
  const last = id.slice(id.lastIndexOf('.') + 1);
  const colon = last.indexOf(':');
  const slicing = slicingOf(source);
  const content = textAt(source, 'contentReference');
  const max = textAt(source, 'max') ?? '*';
  return {
    id,
    name: colon < 0 ? last : last.slice(0, colon),
    ...(colon < 0 ? {} : { slice: last.slice(colon + 1) }),
    min: numberValue(source['min']) ?? 0,
    max: max === '*' ? Number.POSITIVE_INFINITY : Number(max),
    types: typesOf(source),
    fixed: choiceAt(source, 'fixed'),
    pattern: choiceAt(source, 'pattern'),
    mustSupport: source['mustSupport'] === true,
    ...(slicing === undefined ? {} : { slicing }),
    ...(content === undefined ? {} : { content: content.slice(content.indexOf('#') + 1) }),
    source,
    children: [],
    slices: [],
  };
}

/** `A.b:x.c` stands below `A.b:x`; `A.b:x` is a slice of `A.b`, and `A.b:x/y` one of `A.b:x`. */
function attach(node: Node, nodes: ReadonlyMap<string, Node>): boolean {
  const dot = node.id.lastIndexOf('.');
  const above = nodes.get(node.id.slice(0, dot));
  if (node.slice === undefined) {
    above?.children.push(node);
    return above !== undefined;
  }
  const stem = `${node.id.slice(0, dot + 1)}${node.name}`;
  const slash = node.slice.lastIndexOf('/');
  const sliced = (slash < 0 ? undefined : nodes.get(`${stem}:${node.slice.slice(0, slash)}`)) ?? nodes.get(stem);
  sliced?.slices.push(node);
  return sliced !== undefined;
}

export interface Tree {
  readonly root: Node;
  readonly nodes: ReadonlyMap<string, Node>;
  /** Elements that belong nowhere. */
  readonly lost: readonly string[];
}

/** The tree of a snapshot, by the ids of its elements (sdf-16); undefined for one without elements. */
export function treeOf(definition: JsonObject): Tree | undefined {
  const elements = objectsAt(objectAt(definition, 'snapshot'), 'element');
  const nodes = new Map<string, Node>();
  const lost: string[] = [];
  let root: Node | undefined;
  for (const source of elements) {
    const id = textAt(source, 'id') ?? textAt(source, 'path') ?? '';
    const node = nodeOf(source, id);
    nodes.set(id, node);
    if (root === undefined) root = node;
    else if (!attach(node, nodes)) lost.push(id);
  }
  return root === undefined ? undefined : { root, nodes, lost };
}
