import type { JsonObject } from '@safeguard/kernel';
import { isResourceType } from '../definitions.ts';
import { isObject } from '../object.ts';
import type { ReferenceValue, SearchValue } from './types.ts';
import { type Convert, textAt } from './values-token.ts';

const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?$/;
const tail = /\/([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?$/;

export type Target = Pick<ReferenceValue, 'type' | 'id' | 'url' | 'version'>;

function typed(match: RegExpExecArray | null): Target | undefined {
  if (!match) return undefined;
  const [, type = '', id = '', version] = match;
  if (!isResourceType(type)) return undefined;
  return version === undefined ? { type, id } : { type, id, version };
}

function containedType(id: string, resource: JsonObject): string | undefined {
  if (id === '') return textAt(resource, 'resourceType');
  const { contained } = resource;
  if (!Array.isArray(contained)) return undefined;
  const found: unknown = contained.find((one) => isObject(one) && one['id'] === id);
  return isObject(found) ? textAt(found, 'resourceType') : undefined;
}

/** Where the text of a reference leads; a fragment has only a type. */
export function targetOf(reference: string, resource: JsonObject): Target {
  if (reference.startsWith('#')) {
    const type = containedType(reference.slice(1), resource);
    return type === undefined ? {} : { type };
  }
  const near = typed(relative.exec(reference));
  if (near) return near;
  const far = reference.includes('://') ? typed(tail.exec(reference)) : undefined;
  return { ...far, url: far ? reference.replace(/\/_history\/[^/]*$/, '') : reference };
}

function identifierOf(value: JsonObject): ReferenceValue['identifier'] {
  const { identifier } = value;
  if (!isObject(identifier)) return undefined;
  const system = textAt(identifier, 'system');
  const code = textAt(identifier, 'value');
  if (system === undefined && code === undefined) return undefined;
  return { ...(system === undefined ? {} : { system }), ...(code === undefined ? {} : { value: code }) };
}

function reference(value: JsonObject, out: SearchValue[], resource: JsonObject): void {
  const text = textAt(value, 'reference');
  const type = textAt(value, 'type');
  const target = text === undefined ? {} : targetOf(text, resource);
  const identifier = identifierOf(value);
  const display = textAt(value, 'display');
  if (text === undefined && type === undefined && identifier === undefined && display === undefined) return;
  out.push({
    kind: 'reference',
    ...(type === undefined ? {} : { type }),
    ...target,
    ...(identifier === undefined ? {} : { identifier }),
    ...(display === undefined ? {} : { display }),
  });
}

/** A canonical or a URI: `url|version`, or a relative address as a reference has it. */
function canonical(value: string, out: SearchValue[], resource: JsonObject): void {
  const bar = value.indexOf('|');
  const target = targetOf(bar > 0 ? value.slice(0, bar) : value, resource);
  out.push({ kind: 'reference', ...target, ...(bar > 0 ? { version: value.slice(bar + 1) } : {}) });
}

/** A resource inside (the first of a Bundle): its type and id. */
function inside(value: JsonObject, out: SearchValue[]): void {
  const type = textAt(value, 'resourceType');
  const id = textAt(value, 'id');
  if (type !== undefined) out.push({ kind: 'reference', type, ...(id === undefined ? {} : { id }) });
}

export const referenceConvert: Convert = (value, out, resource) => {
  if (typeof value === 'string' && value !== '') canonical(value, out, resource);
  else if (isObject(value) && typeof value['resourceType'] === 'string') inside(value, out);
  else if (isObject(value)) reference(value, out, resource);
};

/** `resolve() is T`, told from the reference itself: its address, a contained resource's type, or Reference.type. */
export function leadsTo(value: unknown, type: string, resource: JsonObject): boolean {
  const found: SearchValue[] = [];
  referenceConvert(value, found, resource);
  return found.some((one) => one.kind === 'reference' && one.type === type);
}
