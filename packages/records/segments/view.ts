import type { JsonObject } from '@safeguard/kernel';
import { maskedElement, maskedExtension } from './masked.ts';
import { checkDepth, isObject } from './overlay.ts';
import { type PrimitiveStep, type Told, toldOf } from './told.ts';
import type { ExtensionView, FieldsView, Required, SiblingView, View, ViewOf, ViewStep } from './view-plan.ts';

/** What a resource is seen through. */
export interface Lens extends Told {
  readonly viewOf: ViewOf;
}

/** Within a resource its contained ones are called by their places where the view shows no ids of the sender's. */
function withContained(lens: Lens, { contained }: JsonObject): Lens {
  if (lens.contained === undefined || !Array.isArray(contained)) return lens;
  const ids = contained.flatMap((one, index) => (isObject(one) ? [[String(one.id), `c${index}`] as const] : []));
  return { ...lens, contained: new Map(ids) };
}

/** One resource, contained ones too, seen through its view. Undefined for an unknown type. */
export function viewResource(resource: JsonObject, outer: Lens, depth: number): JsonObject | undefined {
  const view = outer.viewOf(String(resource.resourceType));
  if (!view) return undefined;
  const lens = withContained(outer, resource);
  return { resourceType: resource.resourceType, ...viewFields(resource, view, lens, depth) };
}

function viewObject(value: unknown, view: View, lens: Lens, depth: number): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  checkDepth(depth);
  if (view.kind === 'resource') return viewResource(value, lens, depth);
  if (view.kind === 'fields') return viewFields(value, view, lens, depth);
  return viewExtension(value, view, lens, depth);
}

function viewExtension(value: JsonObject, view: ExtensionView, lens: Lens, depth: number): JsonObject | undefined {
  const shown = view.showsUrl(value.url) ? viewFields(value, view.inside, lens, depth) : undefined;
  // An extension that lost its value says nothing any more, and would break the invariant ext-1.
  if (shown && Object.keys(shown).length > 1) return shown;
  return view.modifier ? maskedExtension() : undefined;
}

/** Undefined when nothing is left. */
function viewFields(whole: JsonObject, view: FieldsView, lens: Lens, depth: number): JsonObject | undefined {
  const object = view.before === undefined ? whole : view.before(whole, lens.first);
  if (object === undefined) return undefined;
  const shown: JsonObject = {};
  for (const name in object) {
    const step = view.fields.get(name);
    const seen = step === undefined ? undefined : viewProperty(object, name, step, lens, depth + 1);
    if (seen) shown[seen[0]] = seen[1];
  }
  if (Object.keys(shown).length === 0) return undefined;
  for (const element of view.required) fillMandatory(shown, element);
  return shown;
}

type Property = readonly [name: string, value: unknown];

function viewProperty(
  object: JsonObject,
  name: string,
  step: ViewStep,
  lens: Lens,
  depth: number,
): Property | undefined {
  if (step === 'drop') return undefined;
  if (typeof step === 'string') return viewPrimitive(object, name, step, lens);
  const inside =
    step.kind === 'sibling'
      ? viewSibling(object, name, step, lens, depth)
      : viewInside(object[name], step, lens, depth);
  return inside === undefined ? undefined : [name, inside];
}

/** A value that is not shown leaves the mark `masked` on its `_element`, one for each element of a list. */
function viewPrimitive(object: JsonObject, name: string, step: PrimitiveStep, lens: Lens): Property | undefined {
  const told = toldOf(step, object, name, lens);
  if (told !== undefined) return [name, told];
  if (step === 'local') return undefined;
  const value = object[name];
  return [`_${name}`, Array.isArray(value) ? value.map(maskedElement) : maskedElement()];
}

function viewSibling(object: JsonObject, name: string, view: SiblingView, lens: Lens, depth: number): unknown {
  const primitive = object[view.of];
  // The mark of the masked value stands here instead.
  if (primitive !== undefined && toldOf(view.step, object, view.of, lens) === undefined) return undefined;
  const value = object[name];
  if (!Array.isArray(value)) return viewObject(value, view.inside, lens, depth);
  const values = Array.isArray(primitive) ? primitive : [];
  const seen = value.map((one, index) => {
    const inside = viewObject(one, view.inside, lens, depth + 1);
    // Where no value stands beside it, the list would hold neither: say that it is masked.
    return inside ?? (isObject(one) && (values[index] ?? null) === null ? maskedElement() : null);
  });
  return seen.some((one) => one !== null) ? seen : undefined;
}

function viewInside(value: unknown, view: View, lens: Lens, depth: number): unknown {
  if (!Array.isArray(value)) return viewObject(value, view, lens, depth);
  const seen = value.map((one) => viewObject(one, view, lens, depth + 1)).filter((one) => one !== undefined);
  return seen.length > 0 ? seen : undefined;
}

function fillMandatory(shown: JsonObject, element: Required): void {
  if (element.names.some((name) => Object.hasOwn(shown, name))) return;
  const mark = maskedElement();
  for (const inner of element.inside) fillMandatory(mark, inner);
  shown[element.fill] = element.list ? [mark] : mark;
}
