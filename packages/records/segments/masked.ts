import type { JsonObject } from '@safeguard/kernel';

/** "The information is not available due to security, privacy or related reasons" (R4 data-absent-reason). */
export const maskedExtension = (): JsonObject => ({
  url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
  valueCode: 'masked',
});

/** Stands in a primitive's `_element`, or in place of a whole datatype. */
export const maskedElement = (): JsonObject => ({ extension: [maskedExtension()] });

const label = (code: string): JsonObject => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code,
});

const withLabels = (held: unknown, codes: readonly string[]): unknown[] => [
  ...(Array.isArray(held) ? held : []),
  ...codes.map(label),
];

const security = ['PSEUDED', 'MASKED'] as const;
const tag = ['SUBSETTED'] as const;

/**
 * Says in `meta` that this is not the whole resource: tag SUBSETTED (R4 resource.html#Meta: a subset must not be
 * written back), security PSEUDED and MASKED (integrity alteration of the HL7 security labels).
 */
export function labelled(meta: unknown): JsonObject {
  const held = (meta ?? {}) as JsonObject;
  return {
    ...held,
    security: withLabels(held.security, security),
    tag: withLabels(held.tag, tag),
  };
}

/** A masked resource without the labels that say so: what its own labels are asked for. */
export function unlabelled(resource: JsonObject): JsonObject {
  const meta = (resource.meta ?? {}) as JsonObject;
  const own = (held: unknown, added: readonly string[]): unknown[] =>
    Array.isArray(held) ? held.slice(0, -added.length) : [];
  return { ...resource, meta: { ...meta, security: own(meta.security, security), tag: own(meta.tag, tag) } };
}
