import type { JsonObject } from '@safeguard/kernel';
import { isObject } from '../object.ts';

/** The objects of a list element; none where something else was sent. */
export const objects = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];

export const codings = (concept: unknown): JsonObject[] => objects(isObject(concept) ? concept['coding'] : undefined);

/** Whether a CodeableConcept holds one of the codes of a system. */
export const holds = (concept: unknown, system: string, ...codes: string[]): boolean =>
  codings(concept).some((one) => one['system'] === system && codes.includes(String(one['code'])));
