import { type ElementDefinition, typeDefinition } from '../definitions.ts';

export type SystemName =
  | 'Boolean'
  | 'String'
  | 'Integer'
  | 'Decimal'
  | 'Date'
  | 'DateTime'
  | 'Time'
  | 'Quantity'
  | 'TypeInfo';

/** One JSON property in which an element may stand. */
export interface Place {
  readonly property: string;
  /** `_property`, where the element may be a primitive. */
  readonly sibling: string | undefined;
  /** Undefined: a whole resource, whose own `resourceType` tells. */
  readonly kind: Kind | undefined;
}

/** An element of a type, with every property a choice may use. */
export interface Child {
  readonly name: string;
  readonly places: readonly Place[];
}

/** A type as the engine handles it; one object per type, so that kinds are compared by identity. */
export interface Kind {
  readonly name: string;
  readonly space: 'FHIR' | 'System' | 'Any';
  /** Its own name and those of what it specializes. */
  readonly lineage: ReadonlySet<string>;
  readonly primitive: boolean;
  /** The system type that it converts to by itself (R4 fhirpath.html, "Use of FHIR types"). */
  readonly system: SystemName | undefined;
  child(name: string): Child | undefined;
  /** The element that a JSON property holds. */
  place(property: string): Place | undefined;
}

const systemKind = (name: SystemName): Kind => ({
  name,
  space: 'System',
  lineage: new Set([name, 'Any']),
  primitive: true,
  system: name,
  child: () => undefined,
  place: () => undefined,
});

export const systemKinds: Readonly<Record<SystemName, Kind>> = {
  Boolean: systemKind('Boolean'),
  String: systemKind('String'),
  Integer: systemKind('Integer'),
  Decimal: systemKind('Decimal'),
  Date: systemKind('Date'),
  DateTime: systemKind('DateTime'),
  Time: systemKind('Time'),
  Quantity: systemKind('Quantity'),
  TypeInfo: systemKind('TypeInfo'),
};

/** An object of which nothing is known but its properties. */
export const anyKind: Kind = {
  name: 'Any',
  space: 'Any',
  lineage: new Set(['Any']),
  primitive: false,
  system: undefined,
  child: () => undefined,
  place: () => undefined,
};

/** R4 datatypes.html: what specializes another type, where the elements alone do not tell. */
const parents: Readonly<Record<string, string>> = {
  code: 'string',
  id: 'string',
  markdown: 'string',
  unsignedInt: 'integer',
  positiveInt: 'integer',
  url: 'uri',
  canonical: 'uri',
  uuid: 'uri',
  oid: 'uri',
  Age: 'Quantity',
  Count: 'Quantity',
  Distance: 'Quantity',
  Duration: 'Quantity',
  SimpleQuantity: 'Quantity',
  MoneyQuantity: 'Quantity',
};

const systems: Readonly<Record<string, SystemName>> = {
  boolean: 'Boolean',
  integer: 'Integer',
  decimal: 'Decimal',
  date: 'Date',
  dateTime: 'DateTime',
  instant: 'DateTime',
  time: 'Time',
  Quantity: 'Quantity',
};

function lineageOf(name: string, shape: string, elements: ReadonlyMap<string, ElementDefinition>): Set<string> {
  const parent = parents[name];
  if (shape === 'resource')
    return new Set([name, ...(elements.has('contained') ? ['DomainResource'] : []), 'Resource']);
  const backbone = elements.has('modifierExtension') ? ['BackboneElement'] : [];
  return new Set([name, ...(parent ? [parent] : []), ...backbone, 'Element']);
}

function systemOf(lineage: Set<string>, primitive: boolean): SystemName | undefined {
  for (const name of lineage) if (systems[name]) return systems[name];
  return primitive ? 'String' : undefined;
}

/** The kind is looked up at first use: types contain each other. */
function placeOf(property: string, type: string): Place {
  let kind: Kind | undefined;
  return {
    property,
    sibling: typeDefinition(type)?.kind === 'primitive' ? `_${property}` : undefined,
    get kind() {
      kind ??= type === 'Resource' ? undefined : kindOf(type);
      return kind;
    },
  };
}

function childrenOf(elements: ReadonlyMap<string, ElementDefinition>): Map<string, Child> {
  const children = new Map<string, { name: string; places: Place[] }>();
  for (const [property, { name, types }] of elements) {
    const child = children.get(name) ?? { name, places: [] };
    child.places.push(placeOf(property, types[0] ?? ''));
    children.set(name, child);
  }
  return children;
}

const kinds = new Map<string, Kind>();

function build(name: string): Kind | undefined {
  const definition = typeDefinition(name);
  if (!definition) return undefined;
  const primitive = definition.kind === 'primitive';
  const lineage = lineageOf(name, definition.kind, definition.elements);
  const children = childrenOf(definition.elements);
  const places = new Map([...children.values()].flatMap((one) => one.places.map((place) => [place.property, place])));
  return {
    name,
    space: 'FHIR',
    lineage,
    primitive,
    system: systemOf(lineage, primitive),
    child: (wanted) => children.get(wanted),
    place: (property) => places.get(property),
  };
}

/** The kind of an R4 type, `Patient.contact` included; undefined for a name that R4 does not know. */
export function kindOf(name: string): Kind | undefined {
  const known = kinds.get(name);
  if (known) return known;
  const made = build(name);
  if (made) kinds.set(name, made);
  return made;
}

/** What `is`, `as` and `ofType` ask for: a predicate over kinds; undefined for an unknown type. */
export interface TypeTest {
  readonly name: string;
  /** The item's type or one it specializes. */
  is(kind: Kind): boolean;
  /** As `is`; but a primitive only as exactly this type: a `code` is not taken out as a `string`. */
  as(kind: Kind): boolean;
}

const isSystemName = (name: string): name is SystemName => Object.hasOwn(systemKinds, name);

const test = (name: string, fhir: boolean, system: boolean): TypeTest => ({
  name,
  is: (kind) =>
    (fhir && kind.space === 'FHIR' && kind.lineage.has(name)) ||
    (system && kind.space === 'System' && kind.name === name),
  as: (kind) =>
    (fhir && kind.space === 'FHIR' && (kind.primitive ? kind.name === name : kind.lineage.has(name))) ||
    (system && kind.space === 'System' && kind.name === name),
});

/** `Patient`, `FHIR.Patient`, `System.String`; a bare name means FHIR's type, and the system's of the same name. */
export function typeTest(specifier: string): TypeTest | undefined {
  if (specifier.startsWith('System.')) return test(specifier.slice(7), false, true);
  const name = specifier.startsWith('FHIR.') ? specifier.slice(5) : specifier;
  const [fhir, system] = [kindOf(name) !== undefined, specifier === name && isSystemName(name)];
  return fhir || system ? test(name, fhir, system) : undefined;
}
