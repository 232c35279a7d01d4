import { isDeepStrictEqual } from 'node:util';

export type Type = 'Patient' | 'Encounter' | 'Observation';
export type Content = Readonly<Record<string, unknown>> & { readonly resourceType: string };

export const markerSystem = 'urn:drill:marker';
export const bundleSystem = 'urn:drill:bundle';

export interface Marks {
  /** Unique for this very version: stands in both segments of it. */
  readonly marker: string;
  /** The transaction that it came in. */
  readonly bundle?: string;
  /** Reference to a patient. */
  readonly patient?: string;
}

/** A resource whose marker stands among the identifiers (identity segment) and in a clinical value. */
export function content(type: Type, { marker, bundle, patient }: Marks): Content {
  const identifier = [
    { system: markerSystem, value: marker },
    ...(bundle === undefined ? [] : [{ system: bundleSystem, value: bundle }]),
  ];
  const subject = patient === undefined ? {} : { subject: { reference: patient } };
  switch (type) {
    case 'Patient':
      return { resourceType: type, identifier, active: true, name: [{ family: `Drill ${marker}`, given: ['Ada'] }] };
    case 'Encounter':
      return {
        resourceType: type,
        identifier,
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
        ...subject,
      };
    case 'Observation':
      return {
        resourceType: type,
        identifier,
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
        ...subject,
        valueString: marker,
      };
  }
}

/** A resource as it was sent: without what the server stamps on it. */
export function bare(resource: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { id: _id, meta: _meta, ...rest } = resource;
  return rest;
}

export const same = (sent: Content, found: Readonly<Record<string, unknown>>): boolean =>
  isDeepStrictEqual({ ...sent }, bare(found));

export const markerOf = (resource: unknown): string =>
  (resource as { identifier?: { value?: string }[] }).identifier?.[0]?.value ?? 'none';
