import { type ElementDefinition, isResourceType, type TypeDefinition, typeDefinition } from '@safeguard/fhir';
import { createDecide } from './decide.ts';
import { type SegmentMap, segmentMap } from './segment-map.ts';

/**
 * What the de-identified view does with a property: `keep` a primitive, `mask` it, `drop` it (lifted, or an element id
 * of the sender's choice), keep it when it is a `reference` of ours or `coded`, or look inside.
 * A property that no definition knows is dropped.
 */
export type PrimitiveStep = 'keep' | 'mask' | 'reference' | 'coded';
export type ViewStep = PrimitiveStep | 'drop' | SiblingView | View;
export type View = FieldsView | ExtensionView | ResourceView;
/** The `_element` of a primitive: its id and extensions. */
export interface SiblingView {
  readonly kind: 'sibling';
  readonly of: string;
  readonly step: PrimitiveStep;
  readonly inside: FieldsView;
}
export interface FieldsView {
  readonly kind: 'fields';
  readonly fields: ReadonlyMap<string, ViewStep>;
  readonly required: readonly Required[];
}
export interface ExtensionView {
  readonly kind: 'extension';
  showsUrl(url: unknown): boolean;
  /** A modifier changes the meaning of what it stands on: one that is not shown leaves a mark. */
  readonly modifier: boolean;
  readonly inside: FieldsView;
}
export interface ResourceView {
  readonly kind: 'resource';
}

/** A mandatory element: one of `names` must be there; when it was lifted, `fill` says that it is masked. */
export interface Required {
  readonly names: readonly string[];
  readonly fill: string;
  readonly list: boolean;
  /** The mandatory elements inside what is filled (MessageHeader.source has an endpoint). */
  readonly inside: readonly Required[];
}

export type ViewOf = (resourceType: string) => FieldsView | undefined;

const contained: ResourceView = { kind: 'resource' };
const isPrimitive = (type: string): boolean => /^[a-z]/.test(type);
const special: ReadonlyMap<string, ViewStep> = new Map<string, ViewStep>([
  ['Reference.reference', 'reference'],
  ['Bundle.entry.fullUrl', 'reference'],
  ['Coding.display', 'coded'],
]);

/** Compiles the views of a map, each type when it is first met, and keeps them. */
export function createViews(map: SegmentMap = segmentMap): ViewOf {
  const decide = createDecide(map);
  const persons = new Set(map.persons);
  const allowed = new Set(map.clinicalExtensions);
  const identifying = new Set(map.identityExtensions.map((rule) => rule.url));
  const views = new Map<string, FieldsView>();

  function extensionView(name: string, person: boolean): ExtensionView {
    const showsUrl = (url: unknown): boolean =>
      typeof url === 'string' && !identifying.has(url) && (!person || allowed.has(url));
    return {
      kind: 'extension',
      showsUrl,
      modifier: name === 'modifierExtension',
      inside: typeView('Extension', false),
    };
  }

  function stepFor(owner: TypeDefinition, name: string, type: string, person: boolean): ViewStep {
    const decision = decide(owner.name, name, type);
    if (decision === 'identity' || (name === 'id' && owner.kind === 'complex')) return 'drop';
    if (type === 'Extension') return extensionView(name, person);
    if (type === 'Resource') return contained;
    if (!isPrimitive(type)) return typeView(type, person);
    return special.get(`${owner.name}.${name}`) ?? (decision === 'text' ? 'mask' : 'keep');
  }

  function typeView(type: string, person: boolean): FieldsView {
    const key = person ? `${type} of a person` : type;
    const known = views.get(key);
    if (known) return known;
    const owner = typeDefinition(type);
    const fields = new Map<string, ViewStep>();
    const view: FieldsView = { kind: 'fields', fields, required: owner ? requiredOf(owner) : [] };
    views.set(key, view); // before its content: types refer to themselves
    if (!owner) return view;
    for (const [name, { types }] of owner.elements) {
      const held = types[0] ?? 'string';
      const step = stepFor(owner, name, held, person);
      fields.set(name, step);
      if (typeof step !== 'string' || step === 'drop') continue;
      fields.set(`_${name}`, { kind: 'sibling', of: name, step, inside: typeView('Element', person) });
    }
    return view;
  }

  return (resourceType) =>
    isResourceType(resourceType) ? typeView(resourceType, persons.has(resourceType)) : undefined;
}

function requiredOf(owner: TypeDefinition): Required[] {
  const groups = new Map<string, [string, ElementDefinition][]>();
  for (const [name, element] of owner.elements) {
    if (element.min > 0) groups.set(element.name, [...(groups.get(element.name) ?? []), [name, element]]);
  }
  return [...groups.values()].map(requiredElement);
}

/** A choice is filled as a string where it may be one, else by its first type. */
function requiredElement(group: readonly [string, ElementDefinition][]): Required {
  const chosen = group.find(([, element]) => element.types[0] === 'string') ?? group[0];
  const names = group.flatMap(([name]) => [name, `_${name}`]);
  if (!chosen) return { names, fill: '', list: false, inside: [] };
  const [name, { types, list }] = chosen;
  const type = typeDefinition(types[0] ?? '');
  if (!type || type.kind === 'primitive') return { names, fill: `_${name}`, list, inside: [] };
  return { names, fill: name, list, inside: requiredOf(type) };
}
