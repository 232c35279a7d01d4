import { writeJson } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';

/** What a version is known by. */
export interface Head {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly at: Date;
}

/**
 * The stored text of a resource: `{"resourceType":T,"meta":{…},…}` in this order, without id, versionId and
 * lastUpdated, which the row knows; so that a reader can put them in without parsing (see open.ts).
 */
export function storedText(resource: JsonObject): string {
  const { resourceType, id: _id, meta, ...rest } = resource;
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = (meta ?? {}) as JsonObject;
  return writeJson({ resourceType, meta: kept, ...rest });
}

const stampOf = ({ version, at }: Head): { versionId: string; lastUpdated: string } => ({
  versionId: String(version),
  lastUpdated: at.toISOString(),
});

/** Puts id, versionId and lastUpdated into a stored text without parsing it: its beginning is fixed. */
export function stampText(head: Head, stored: string): string {
  const start = `{"resourceType":"${head.type}","meta":{`;
  if (!stored.startsWith(start)) throw fault('internal', 'A stored resource has an unknown form');
  const rest = stored.slice(start.length);
  const stamp = JSON.stringify(stampOf(head)).slice(1, -1);
  const more = rest.startsWith('}') ? '' : ',';
  return `{"resourceType":"${head.type}","id":"${head.id}","meta":{${stamp}${more}${rest}`;
}

export function stampObject(head: Head, resource: JsonObject): JsonObject {
  const { resourceType, meta, ...rest } = resource;
  return { resourceType, id: head.id, meta: { ...stampOf(head), ...(meta as JsonObject | undefined) }, ...rest };
}

/** A resource that was sent, as a read will give it back. */
export const stampedText = (head: Head, resource: JsonObject): string => stampText(head, storedText(resource));
