import type { JsonObject } from '@safeguard/kernel';

type Any = Record<string, unknown>;

export const base = 'http://example.org/StructureDefinition/';

/** An element of a snapshot: its id tells its path; without `max` it is R4's own as far as these tests care. */
export const element = (id: string, more: Any = {}): Any => ({
  id,
  path: id.replace(/:[^.]+/g, ''),
  min: 0,
  max: '*',
  ...more,
});

/** A profile with these elements below its root. */
export const profile = (name: string, type: string, elements: readonly Any[], more: Any = {}): JsonObject => ({
  resourceType: 'StructureDefinition',
  url: base + name,
  version: '1',
  name,
  status: 'active',
  kind: /^[A-Z]/.test(type) && type !== 'Extension' ? 'resource' : 'complex-type',
  abstract: false,
  type,
  derivation: 'constraint',
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  snapshot: { element: [element(type), ...elements] },
  ...more,
});

export const slicing = (discriminators: readonly [type: string, path: string][], more: Any = {}): Any => ({
  discriminator: discriminators.map(([type, path]) => ({ type, path })),
  rules: 'open',
  ...more,
});

export const valueSet = (name: string, compose: Any, more: Any = {}): JsonObject => ({
  resourceType: 'ValueSet',
  url: `http://example.org/ValueSet/${name}`,
  status: 'active',
  compose,
  ...more,
});

/** a > b > c, a > d; e stands alone; x only groups. */
export const codeSystem: JsonObject = {
  resourceType: 'CodeSystem',
  url: 'http://example.org/cs',
  status: 'active',
  content: 'complete',
  concept: [
    {
      code: 'a',
      display: 'A',
      concept: [
        { code: 'b', concept: [{ code: 'c', property: [{ code: 'kind', valueCode: 'leaf' }] }] },
        { code: 'd', property: [{ code: 'kind', valueCode: 'leaf' }] },
      ],
    },
    { code: 'e', property: [{ code: 'kind', valueCode: 'other' }] },
  ],
};
