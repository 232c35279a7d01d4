import { type JsonObject, newId } from '@safeguard/kernel';
import type { Shelf } from '../call.ts';
import type { Write } from '../storage/seal-write.ts';

/** The first version of a new resource, under an id of ours (FHIR R4 2.36.1: the server assigns it) unless given. */
export const newWrite = (
  shelf: Pick<Shelf, 'clock'>,
  type: string,
  resource: JsonObject,
  id: string = newId(),
): Write & { resource: JsonObject } => ({
  type,
  id,
  expected: 0,
  at: shelf.clock.now(),
  resource,
});
