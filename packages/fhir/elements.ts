import type { JsonObject } from '@safeguard/kernel';
import { identifierPaths, isResourceType, patientCompartment } from './definitions.ts';
import { isObject, ownValue } from './object.ts';

export interface Identifier {
  readonly system?: string;
  readonly value?: string;
}

/** Every object at `words` below `value`; lists on the way are spread. */
function* objectsAt(value: unknown, words: readonly string[], from = 0): Generator<JsonObject> {
  if (Array.isArray(value)) {
    for (const one of value) yield* objectsAt(one, words, from);
  } else if (isObject(value)) {
    const word = words[from];
    if (word === undefined) yield value;
    else yield* objectsAt(ownValue(value, word), words, from + 1);
  }
}

function* objectsOf(resource: unknown, paths: readonly string[]): Generator<JsonObject> {
  for (const path of paths) yield* objectsAt(resource, path.split('.'));
}

const typeOf = (resource: unknown): string => {
  const type = isObject(resource) ? ownValue(resource, 'resourceType') : undefined;
  return typeof type === 'string' && isResourceType(type) ? type : '';
};

const textOf = (object: JsonObject, name: string): string | undefined => {
  const value = ownValue(object, name);
  return typeof value === 'string' ? value : undefined;
};

/** What the `identifier` search parameter of the resource's type finds in it. */
export function identifiers(resource: unknown): Identifier[] {
  return [...objectsOf(resource, identifierPaths(typeOf(resource)))].map((object) => {
    const system = textOf(object, 'system');
    const value = textOf(object, 'value');
    return { ...(system === undefined ? {} : { system }), ...(value === undefined ? {} : { value }) };
  });
}

const patientForm = /^Patient\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

/**
 * Distinct ids of the patients in whose compartment (CompartmentDefinition/patient, R4) a resource lies, in the order
 * of the compartment's parameters; for a Patient its own id alone: `Patient.link` opens nobody's record to anybody.
 */
export function compartmentPatients(resource: unknown): string[] {
  const type = typeOf(resource);
  if (type === 'Patient') {
    const id = isObject(resource) ? textOf(resource, 'id') : undefined;
    return id === undefined ? [] : [id];
  }
  const found = new Set<string>();
  for (const reference of objectsOf(resource, patientCompartment(type)?.paths ?? [])) {
    const id = patientForm.exec(textOf(reference, 'reference') ?? '')?.[1];
    if (id !== undefined) found.add(id);
  }
  return [...found];
}
