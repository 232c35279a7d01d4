import { typeDefinition } from '@safeguard/fhir';
import { createDecide } from './decide.ts';
import { type SegmentMap, segmentMap } from './segment-map.ts';

/**
 * What `split` does with the properties of one object: `lift` the whole value, or look inside with another plan.
 * Properties that are not listed stay. Plans are cyclic (an Extension can hold a Reference that has extensions).
 */
export type Step = 'lift' | Plan;
export type Plan = FieldsPlan | ExtensionPlan | ResourcePlan;
export interface FieldsPlan {
  readonly kind: 'fields';
  readonly fields: ReadonlyMap<string, Step>;
}
/** Elements of `extension` and `modifierExtension`: the url decides, then the datatype of the value. */
export interface ExtensionPlan {
  readonly kind: 'extension';
  liftsUrl(url: unknown): boolean;
  readonly inside: FieldsPlan;
}
/** A contained resource: the plan is that of its own `resourceType`. */
export interface ResourcePlan {
  readonly kind: 'resource';
}

/** The plan of a resource type, or undefined when the definitions do not know it. */
export type PlanOf = (resourceType: string) => FieldsPlan | undefined;

const contained: ResourcePlan = { kind: 'resource' };
const primitive = /^[a-z]/;

/** Compiles the plans of a map, each type when it is first met, and keeps them. */
export function createPlans(map: SegmentMap = segmentMap): PlanOf {
  const decide = createDecide(map);
  const persons = new Set(map.persons);
  const allowed = new Set(map.clinicalExtensions);
  const identifying = new Set(map.identityExtensions.map((rule) => rule.url));
  const plans = new Map<string, FieldsPlan>();

  function extensions(person: boolean): ExtensionPlan {
    const liftsUrl = (url: unknown): boolean => {
      if (typeof url !== 'string') return person;
      return identifying.has(url) || (person && !allowed.has(url));
    };
    // Below the extension that was decided upon, urls are relative ("ombCategory"): no allow list asks again.
    return { kind: 'extension', liftsUrl, inside: typePlan('Extension', false) };
  }

  function stepFor(type: string, person: boolean): Step | undefined {
    if (type === 'Extension') return person ? personExtensions() : otherExtensions();
    if (type === 'Resource') return contained;
    return primitive.test(type) ? undefined : typePlan(type, person);
  }

  function typePlan(type: string, person: boolean): FieldsPlan {
    const key = person ? `${type} of a person` : type;
    const known = plans.get(key);
    if (known) return known;
    const fields = new Map<string, Step>();
    const plan: FieldsPlan = { kind: 'fields', fields };
    plans.set(key, plan); // before its content: types refer to themselves
    for (const [name, step] of steps(type, person)) fields.set(name, step);
    return plan;
  }

  function* steps(type: string, person: boolean): Generator<[string, Step]> {
    for (const [name, { types }] of typeDefinition(type)?.elements ?? []) {
      const held = types[0] ?? 'string';
      const lifted = decide(type, name, held) === 'identity';
      const step = lifted ? 'lift' : stepFor(held, person);
      if (step) yield [name, step];
      if (primitive.test(held)) yield [`_${name}`, lifted ? 'lift' : typePlan('Element', person)];
    }
  }

  const personExtensions = once(() => extensions(true));
  const otherExtensions = once(() => extensions(false));
  return (resourceType) =>
    typeDefinition(resourceType)?.kind === 'resource' ? typePlan(resourceType, persons.has(resourceType)) : undefined;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
