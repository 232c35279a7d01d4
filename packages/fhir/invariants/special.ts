import type { JsonObject } from '@safeguard/kernel';
import { typeDefinition } from '../definitions.ts';
import { isObject, ownValue } from '../object.ts';
import { referenceTarget } from '../rules.ts';
import { type Make, presence } from './presence.ts';
import { codings, holds, objects } from './read.ts';

const allergyVerification = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';
const conditionVerification = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const conditionClinical = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const ucum = 'http://unitsofmeasure.org';

/** ait-1. */
export const allergyHasStatus: Make = () => (value) =>
  value['clinicalStatus'] !== undefined || holds(value['verificationStatus'], allergyVerification, 'entered-in-error');

/** ait-2. */
export const allergyHasNoStatus: Make = () => (value) =>
  value['clinicalStatus'] === undefined || !holds(value['verificationStatus'], allergyVerification, 'entered-in-error');

/** con-4: an abatement only where the condition is over. */
export const abatedIsInactive: Make = (type) => {
  const abated = presence(type, 'abatement[x]');
  return (value) =>
    !abated(value) || holds(value['clinicalStatus'], conditionClinical, 'resolved', 'remission', 'inactive');
};

/** con-5. */
export const mistakenHasNoStatus: Make = () => (value) =>
  value['clinicalStatus'] === undefined ||
  !holds(value['verificationStatus'], conditionVerification, 'entered-in-error');

/** drt-1: a code only with UCUM's system and a value. */
export const durationHasUnit: Make = (type) => {
  const [coded, valued] = [presence(type, 'code'), presence(type, 'value')];
  return (value) => !coded(value) || (value['system'] === ucum && valued(value));
};

/** rat-1: both, or neither and an extension. */
export const ratioIsWhole: Make =
  () =>
  ({ numerator, denominator, extension }) =>
    (numerator === undefined) === (denominator === undefined) && (numerator !== undefined || extension !== undefined);

const codeBound = new Set(['C', 'CM', 'CD', 'CV']);

/** tim-9: an offset only with events, and not with meals as such. Each is looked at: R4's expression takes one only. */
export const offsetNeedsEvent: Make = (type) => {
  const [offset, when] = [presence(type, 'offset'), presence(type, 'when')];
  return (value) => {
    if (!offset(value)) return true;
    const events = Array.isArray(value['when']) ? value['when'] : [];
    return when(value) && !events.some((event) => codeBound.has(event));
  };
};

/** ctm-1: on behalf of somebody only for a Practitioner, as far as the reference tells. */
export const onBehalfOfPractitioner: Make =
  () =>
  ({ onBehalfOf, member }, context) =>
    onBehalfOf === undefined || (referenceTarget(member, context) ?? 'Practitioner') === 'Practitioner';

/** A text that two Codings share exactly when FHIRPath calls them equal: the order of elements counts for nothing. */
const keyOf = (coding: JsonObject): string =>
  JSON.stringify(
    Object.keys(coding)
      .sort()
      .map((key) => [key, coding[key]]),
  );

/** Most pairs differ in their code already. Where there are many, by key: pair by pair they could cost anything. */
function shared(own: readonly JsonObject[], others: readonly JsonObject[]): boolean {
  if (own.length * others.length > 16) {
    const keys = new Set(own.map(keyOf));
    return others.some((one) => keys.has(keyOf(one)));
  }
  return others.some((one) => own.some((mine) => mine['code'] === one['code'] && keyOf(mine) === keyOf(one)));
}

/** obs-7: where a component says the same as the Observation itself, the value stands there alone. */
export const componentsDiffer: Make = (type) => {
  const valued = presence(type, 'value[x]');
  return (value, { resource }) => {
    const components = value['component'];
    if (components === undefined || !valued(value)) return true;
    const codes = objects(components).flatMap((component) => codings(component['code']));
    return !shared(codings(resource['code']), codes);
  };
};

/** que-7: R4's expression asks for `Boolean`, which is no FHIR type: `boolean` is meant. */
export const existsIsAsked: Make = () => (value) => value['operator'] !== 'exists' || 'answerBoolean' in value;

/** Whether each text occurs once, over all objects that stand in one another under `name`. */
function distinct(value: JsonObject, name: string, key: string): boolean {
  const seen = new Set<unknown>();
  const todo = objects(value[name]);
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    const text = one[key];
    if (text !== undefined && seen.has(text)) return false;
    seen.add(text);
    for (const child of objects(one[name])) todo.push(child);
  }
  return true;
}

/** csd-1, in linear time. */
export const distinctConcepts: Make = () => (value) => distinct(value, 'concept', 'code');
/** que-2, in linear time. */
export const distinctLinks: Make = () => (value) => distinct(value, 'item', 'linkId');

/** ig-1, in linear time: the groupings that resources name are there. */
export const groupingsExist: Make = () => (value) => {
  const ids = new Set(objects(value['grouping']).map((one) => one['id']));
  return objects(value['resource']).every((one) => one['groupingId'] === undefined || ids.has(one['groupingId']));
};

/** dom-6; what is contained needs no narrative of its own (R4 references.html#contained). */
export const hasNarrative: Make =
  () =>
  ({ text }, { inside }) =>
    inside || (isObject(text) && text['div'] !== undefined);

const linkTypes = new Set(['canonical', 'uri', 'url']);

function fragmentsBelow(value: JsonObject, type: string, found: Set<string>): void {
  const stated = ownValue(value, 'resourceType');
  const elements = typeDefinition(typeof stated === 'string' ? stated : type)?.elements;
  for (const key of Object.keys(value)) {
    const child = value[key];
    if (key === 'reference' && typeof child === 'string') found.add(child);
    else fragments(child, elements?.get(key)?.types[0] ?? (key.startsWith('_') ? 'Element' : ''), found);
  }
}

/** Every `#…` that a Reference, canonical, uri or url below holds. */
function fragments(value: unknown, type: string, found: Set<string>): void {
  if (isObject(value)) fragmentsBelow(value, type, found);
  else if (typeof value === 'string') {
    if (value.startsWith('#') && linkTypes.has(type)) found.add(value);
  } else if (Array.isArray(value)) {
    for (const one of value) fragments(one, type, found);
  }
}

/** dom-3: what is contained is referred to from elsewhere, or refers to what contains it. */
export const containedIsUsed: Make =
  () =>
  (value, { inside, deep }) => {
    if (value['contained'] === undefined || inside || deep) return true;
    const used = new Set<string>();
    fragments(value, 'Resource', used);
    return objects(value['contained']).every((one) => {
      if (used.has(`#${String(one['id'])}`)) return true;
      const within = new Set<string>();
      fragments(one, 'Resource', within);
      return within.has('#');
    });
  };
