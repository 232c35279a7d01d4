import { fault, type JsonObject } from '@safeguard/kernel';
import { type ElementDefinition, isResourceType, type TypeDefinition, typeDefinition } from '../definitions.ts';
import { depth_limit } from '../scan.ts';
import { primitiveValue } from './primitive.ts';

/** An attribute that is no namespace declaration. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
}

/** What an open XML element becomes: an object, a primitive, the place of a whole resource, or the narrative. */
type Shape = 'object' | 'primitive' | 'holder' | 'div';

/** An open element. */
export interface Frame {
  readonly shape: Shape;
  readonly type: TypeDefinition;
  /** Its JSON property, and its definition, in the element around it; absent for a resource. */
  readonly name: string;
  readonly definition: ElementDefinition | undefined;
  /** Levels of JSON around its content, lists included. */
  readonly depth: number;
  /** The object it becomes; of a primitive: what goes into `_name`. */
  readonly value: JsonObject;
  /** Of a primitive: its `value`. Of the narrative: its source. */
  text: string | undefined;
  /** Names of its lists of primitives: they are kept beside their `_name` until the element closes. */
  readonly lists: Set<string>;
  /** Of a holder: the resource that stands in it. */
  resource: JsonObject | undefined;
}

/** What a Fault names: where in the document, never what stands there. */
const refuse = (text: string): never => {
  throw fault('invalid', text);
};

const typeOf = (name: string): TypeDefinition => {
  const type = typeDefinition(name);
  return type ?? refuse('An element has a type that R4 does not define.');
};

const frame = (
  shape: Shape,
  type: TypeDefinition,
  name: string,
  depth: number,
  definition?: ElementDefinition,
): Frame => ({
  shape,
  type,
  name,
  definition,
  depth,
  value: {},
  text: undefined,
  lists: new Set(),
  resource: undefined,
});

/** A resource: the root of the document, or what stands in `contained`, `Bundle.entry.resource` … */
export function openResource(name: string, depth: number, attributes: readonly Attribute[]): Frame {
  if (!isResourceType(name)) refuse('Expected an R4 resource type as the name of the element that holds a resource.');
  if (depth > depth_limit) refuse(`Expected at most ${depth_limit} levels.`);
  const made = frame('object', typeOf(name), name, depth);
  made.value['resourceType'] = name;
  for (const _ of attributes) refuse(`Expected no attribute at ${name}: a resource has its id as an element.`);
  return made;
}

function shapeOf(type: TypeDefinition, typeName: string): Shape {
  if (typeName === 'xhtml') return 'div';
  if (typeName === 'Resource') return 'holder';
  return type.kind === 'primitive' ? 'primitive' : 'object';
}

/** In XML these are attributes and never elements (R4 xml.html). */
const isAttribute = (type: TypeDefinition, name: string): boolean =>
  (name === 'id' && type.kind !== 'resource') || (name === 'url' && type.name === 'Extension');

/** The definition of an element below another; a primitive holds extensions alone. */
function definitionOf(parent: Frame, name: string): ElementDefinition | undefined {
  if (isAttribute(parent.type, name)) return undefined;
  return parent.type.elements.get(name);
}

function takeAttribute(made: Frame, { name, value }: Attribute): void {
  if (name === 'value' && made.shape === 'primitive') made.text = value;
  else if (isAttribute(made.type, name) && made.shape !== 'holder') made.value[name] = value;
  else refuse(`Expected no such attribute at ${made.name}.`);
}

/** Opens an element below another one. Throws Fault `invalid` when R4 knows no such element there. */
export function openElement(parent: Frame, name: string, attributes: readonly Attribute[]): Frame {
  if (parent.shape === 'holder') {
    if (parent.resource !== undefined) refuse(`Expected one resource in ${parent.name}.`);
    return openResource(name, parent.depth, attributes);
  }
  const definition = definitionOf(parent, name);
  if (definition === undefined) return refuse(`Expected only elements that R4 defines in ${parent.type.name}.`);
  const typeName = definition.types[0] ?? '';
  const type = typeOf(typeName);
  const made = frame(shapeOf(type, typeName), type, name, parent.depth + (definition.list ? 2 : 1), definition);
  if (made.depth > depth_limit) refuse(`Expected at most ${depth_limit} levels.`);
  if (made.shape !== 'div') for (const attribute of attributes) takeAttribute(made, attribute);
  return made;
}

/** Gives an object its property; the name is one that R4 defines. */
function put(parent: Frame, name: string, value: unknown): void {
  if (Object.hasOwn(parent.value, name)) refuse(`Expected ${name} once in ${parent.type.name}.`);
  parent.value[name] = value as JsonObject[string];
}

const listAt = (parent: Frame, name: string): unknown[] => {
  if (!Object.hasOwn(parent.value, name)) parent.value[name] = [];
  return parent.value[name] as unknown[];
};

const isEmpty = (value: JsonObject): boolean => Object.keys(value).length === 0;

function putPrimitive(parent: Frame, closed: Frame, value: unknown): void {
  const { name, definition } = closed;
  const aside = isEmpty(closed.value) ? null : closed.value;
  if (value === null && aside === null) refuse(`Expected a value or an extension in ${name}.`);
  if (definition?.list) {
    parent.lists.add(name);
    listAt(parent, name).push(value);
    listAt(parent, `_${name}`).push(aside);
    return;
  }
  for (const half of [name, `_${name}`]) {
    if (Object.hasOwn(parent.value, half)) refuse(`Expected ${name} once in ${parent.type.name}.`);
  }
  if (value !== null) put(parent, name, value);
  if (aside !== null) put(parent, `_${name}`, aside);
}

/** Lists of a primitive and of its `_name` go side by side; the one that would hold nothing but null is left out. */
function settleLists({ value, lists }: Frame): void {
  for (const list of [...lists].flatMap((name) => [name, `_${name}`])) {
    if ((value[list] as unknown[]).every((item) => item === null)) delete value[list];
  }
}

/** Closes an element: what it became goes into the element around it. `odd` counts numbers that keep their form. */
export function closeElement(parent: Frame, closed: Frame, odd: () => void): void {
  settleLists(closed);
  if (parent.shape === 'holder') {
    parent.resource = closed.value;
  } else if (closed.shape === 'primitive') {
    putPrimitive(parent, closed, primitiveValue(closed.type.name, closed.text, odd));
  } else {
    const value = contentOf(closed);
    if (closed.definition?.list) listAt(parent, closed.name).push(value);
    else put(parent, closed.name, value);
  }
}

function contentOf({ shape, name, resource, text, value }: Frame): unknown {
  if (shape === 'div') return text;
  if (shape === 'holder') return resource ?? refuse(`Expected a resource in ${name}.`);
  return value;
}

/** The whole resource, when its element closes. */
export function closeResource(closed: Frame): JsonObject {
  settleLists(closed);
  return closed.value;
}
