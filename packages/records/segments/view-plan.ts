import { type ElementDefinition, isResourceType, type TypeDefinition, typeDefinition } from '@safeguard/fhir';
import { type Before, beforeOf } from './before.ts';
import { createDecide } from './decide.ts';
import { isPublished } from './published.ts';
import { type MaskedView, type ViewRules, viewRules } from './rules.ts';
import { type SegmentMap, segmentMap } from './segment-map.ts';
import { strictStep } from './strict.ts';
import type { PrimitiveStep } from './told.ts';

/**
 * What a view does with a property: show a primitive or not (told.ts), `drop` it (lifted, or an element id of the
 * sender's choice), or look inside. A property that no definition knows is dropped.
 */
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
  readonly before?: Before;
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

/** Below an extension names are relative: short words of whoever defined it. */
const relative = /^[A-Za-z][\w-]{0,63}$/;

interface Persons {
  readonly person: boolean;
  readonly nested: boolean;
}

/** Which extensions a view shows, by their urls. */
function createShowsUrl(map: SegmentMap, rules: ViewRules): (url: unknown, of: Persons) => boolean {
  const allowed = new Set(map.clinicalExtensions);
  const identifying = new Set(map.identityExtensions.map((rule) => rule.url));
  return (url, { person, nested }) => {
    if (typeof url !== 'string' || identifying.has(url) || (person && !allowed.has(url))) return false;
    return !rules.published || allowed.has(url) || isPublished(url) || (nested && relative.test(url));
  };
}

/** Compiles one view of a map, each type when it is first met, and keeps it. */
export function createViews(view: MaskedView = 'without-identity', map: SegmentMap = segmentMap): ViewOf {
  const rules = viewRules[view];
  const decide = createDecide(map);
  const persons = new Set(map.persons);
  const showsUrl = createShowsUrl(map, rules);
  const views = new Map<string, FieldsView>();

  function extensionView(name: string, of: Persons): ExtensionView {
    const inside = typeView('Extension', false);
    return { kind: 'extension', showsUrl: (url) => showsUrl(url, of), modifier: name === 'modifierExtension', inside };
  }

  function stepFor(owner: TypeDefinition, name: string, type: string, person: boolean): ViewStep {
    const decision = decide(owner.name, name, type);
    if (decision === 'identity' || (name === 'id' && owner.kind === 'complex')) return 'drop';
    if (type === 'Extension') return extensionView(name, { person, nested: owner.name === 'Extension' });
    if (type === 'Resource') return contained;
    // The ends of a range are grouped with it.
    if (!isPrimitive(type)) return typeView(type, person, owner.name === 'Range');
    const strict = strictStep({ owner: owner.name, name, type }, rules);
    if (strict !== undefined && decision !== 'text') return strict;
    return special.get(`${owner.name}.${name}`) ?? (decision === 'text' ? 'mask' : 'keep');
  }

  function fill(fields: Map<string, ViewStep>, owner: TypeDefinition, person: boolean): void {
    for (const [name, { types }] of owner.elements) {
      const step = stepFor(owner, name, types[0] ?? 'string', person);
      fields.set(name, step);
      if (typeof step !== 'string' || step === 'drop') continue;
      fields.set(`_${name}`, { kind: 'sibling', of: name, step, inside: typeView('Element', person) });
    }
  }

  function typeView(type: string, person: boolean, bare = false): FieldsView {
    const key = `${type}${person ? ' of a person' : ''}${bare ? ' as it is' : ''}`;
    const known = views.get(key);
    if (known) return known;
    const owner = typeDefinition(type);
    const fields = new Map<string, ViewStep>();
    const before = bare ? undefined : beforeOf(type, rules);
    const required = owner ? requiredOf(owner) : [];
    const made: FieldsView = { kind: 'fields', fields, required, ...(before ? { before } : {}) };
    views.set(key, made); // before its content: types refer to themselves
    if (owner) fill(fields, owner, person);
    return made;
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
