import { isResourceType } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import { coarse, coarseOf } from './coarse.ts';
import { checkDepth, isObject, type Overlay, put, type Segments } from './overlay.ts';
import { createPlans, type FieldsPlan, type Plan, type PlanOf } from './plan.ts';
import { type SegmentMap, segmentMap } from './segment-map.ts';

/** What became of one value: `rest` stays, `lifted` goes. A walk answers undefined when the value stays as it is. */
interface Parted {
  readonly rest: unknown;
  readonly lifted: Overlay | readonly [unknown];
}

/** What is left of a list's element, or of a contained resource of unknown type, that was lifted whole. */
const whole = (value: unknown): Parted => ({ rest: {}, lifted: [value] });

/** Parts a resource by the map. Does not change its argument; untouched branches are shared with the result. */
export type Split = (resource: JsonObject) => Segments;

export function createSplit(map: SegmentMap = segmentMap): Split {
  const planOf = createPlans(map);
  return (resource) => {
    const plan = isResourceType(String(resource.resourceType)) ? planOf(String(resource.resourceType)) : undefined;
    if (!plan) throw fault('internal', 'A resource of unknown type cannot be parted.');
    const parted = partFields(resource, plan, planOf, 0);
    if (!parted) return { clinical: resource, identity: undefined };
    const kept = coarseOf(resource);
    const rest = parted.rest as JsonObject;
    return { clinical: kept ? { ...rest, [coarse]: kept } : rest, identity: parted.lifted as Overlay };
  };
}

function partValue(value: unknown, plan: Plan, planOf: PlanOf, depth: number): Parted | undefined {
  if (Array.isArray(value)) return partList(value, plan, planOf, depth);
  if (!isObject(value)) return undefined;
  checkDepth(depth);
  if (plan.kind === 'fields') return partFields(value, plan, planOf, depth);
  if (plan.kind === 'extension') {
    return plan.liftsUrl(value.url) ? whole(value) : partFields(value, plan.inside, planOf, depth);
  }
  const inner = planOf(String(value.resourceType));
  // The validator lets no unknown type in; were one here, all of it is identity.
  return inner ? partFields(value, inner, planOf, depth) : whole(value);
}

function partList(list: readonly unknown[], plan: Plan, planOf: PlanOf, depth: number): Parted | undefined {
  let rest: unknown[] | undefined;
  let lifted: Overlay | undefined;
  for (let index = 0; index < list.length; index++) {
    const parted = partValue(list[index], plan, planOf, depth + 1);
    if (!parted) continue;
    rest ??= list.slice();
    lifted ??= {};
    rest[index] = parted.rest;
    lifted[index] = parted.lifted;
  }
  return rest && lifted ? { rest, lifted } : undefined;
}

function partFields(object: JsonObject, plan: FieldsPlan, planOf: PlanOf, depth: number): Parted | undefined {
  let lifted: Overlay | undefined;
  let changed: Map<string, unknown> | undefined; // what stays of a property; undefined: nothing
  for (const name in object) {
    const step = plan.fields.get(name);
    if (step === undefined) continue;
    const value = object[name];
    const parted = step === 'lift' ? undefined : partValue(value, step, planOf, depth + 1);
    if (step !== 'lift' && !parted) continue;
    lifted ??= {};
    changed ??= new Map();
    lifted[name] = parted ? parted.lifted : [value];
    changed.set(name, parted?.rest);
  }
  return lifted && changed ? { rest: without(object, changed), lifted } : undefined;
}

/** A copy with the changed properties replaced, or left out; deleting from a copy would make it slow to read. */
function without(object: JsonObject, changed: ReadonlyMap<string, unknown>): JsonObject {
  const rest: JsonObject = {};
  for (const name in object) {
    if (!changed.has(name)) put(rest, name, object[name]);
    else if (changed.get(name) !== undefined) rest[name] = changed.get(name);
  }
  return rest;
}
