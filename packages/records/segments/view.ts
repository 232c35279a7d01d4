import type { JsonObject } from '@safeguard/kernel';
import { maskedElement, maskedExtension } from './masked.ts';
import { checkDepth, isObject } from './overlay.ts';
import type {
  ExtensionView,
  FieldsView,
  PrimitiveStep,
  Required,
  SiblingView,
  View,
  ViewOf,
  ViewStep,
} from './view-plan.ts';

/** One resource, contained ones too, seen through its view. Undefined for an unknown type. */
export function viewResource(resource: JsonObject, viewOf: ViewOf, depth: number): JsonObject | undefined {
  const view = viewOf(String(resource.resourceType));
  if (!view) return undefined;
  return { resourceType: resource.resourceType, ...viewFields(resource, view, viewOf, depth) };
}

function viewObject(value: unknown, view: View, viewOf: ViewOf, depth: number): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  checkDepth(depth);
  if (view.kind === 'resource') return viewResource(value, viewOf, depth);
  if (view.kind === 'fields') return viewFields(value, view, viewOf, depth);
  return viewExtension(value, view, viewOf, depth);
}

function viewExtension(value: JsonObject, view: ExtensionView, viewOf: ViewOf, depth: number): JsonObject | undefined {
  const shown = view.showsUrl(value.url) ? viewFields(value, view.inside, viewOf, depth) : undefined;
  // An extension that lost its value says nothing any more, and would break the invariant ext-1.
  if (shown && Object.keys(shown).length > 1) return shown;
  return view.modifier ? maskedExtension() : undefined;
}

/** Undefined when nothing is left. */
function viewFields(object: JsonObject, view: FieldsView, viewOf: ViewOf, depth: number): JsonObject | undefined {
  const shown: JsonObject = {};
  for (const name in object) {
    const step = view.fields.get(name);
    const seen = step === undefined ? undefined : viewProperty(object, name, step, viewOf, depth + 1);
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
  viewOf: ViewOf,
  depth: number,
): Property | undefined {
  if (step === 'drop') return undefined;
  if (typeof step === 'string') return viewPrimitive(object, name, step);
  const inside =
    step.kind === 'sibling'
      ? viewSibling(object, name, step, viewOf, depth)
      : viewInside(object[name], step, viewOf, depth);
  return inside === undefined ? undefined : [name, inside];
}

/** An id is random and ours when it is a UUID; another's id, or a search, could name somebody. */
const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ours = new RegExp(`^(?:#[A-Za-z0-9.-]{0,64}|urn:uuid:${uuid}|[A-Z][A-Za-z]+/${uuid}(?:/_history/\\d{1,18})?)$`);

function isShown(object: JsonObject, name: string, step: PrimitiveStep): boolean {
  const value = object[name];
  if (step === 'coded') return typeof object.code === 'string';
  if (step === 'reference') return typeof value === 'string' && ours.test(value);
  return step === 'keep' && !isObject(value);
}

/** A value that is not shown leaves the mark `masked` on its `_element`, one for each element of a list. */
function viewPrimitive(object: JsonObject, name: string, step: PrimitiveStep): Property {
  const value = object[name];
  if (isShown(object, name, step)) return [name, value];
  return [`_${name}`, Array.isArray(value) ? value.map(maskedElement) : maskedElement()];
}

function viewSibling(object: JsonObject, name: string, view: SiblingView, viewOf: ViewOf, depth: number): unknown {
  const primitive = object[view.of];
  // The mark of the masked value stands here instead.
  if (primitive !== undefined && !isShown(object, view.of, view.step)) return undefined;
  const value = object[name];
  if (!Array.isArray(value)) return viewObject(value, view.inside, viewOf, depth);
  const values = Array.isArray(primitive) ? primitive : [];
  const seen = value.map((one, index) => {
    const inside = viewObject(one, view.inside, viewOf, depth + 1);
    // Where no value stands beside it, the list would hold neither: say that it is masked.
    return inside ?? (isObject(one) && (values[index] ?? null) === null ? maskedElement() : null);
  });
  return seen.some((one) => one !== null) ? seen : undefined;
}

function viewInside(value: unknown, view: View, viewOf: ViewOf, depth: number): unknown {
  if (!Array.isArray(value)) return viewObject(value, view, viewOf, depth);
  const seen = value.map((one) => viewObject(one, view, viewOf, depth + 1)).filter((one) => one !== undefined);
  return seen.length > 0 ? seen : undefined;
}

function fillMandatory(shown: JsonObject, element: Required): void {
  if (element.names.some((name) => Object.hasOwn(shown, name))) return;
  const mark = maskedElement();
  for (const inner of element.inside) fillMandatory(mark, inner);
  shown[element.fill] = element.list ? [mark] : mark;
}
