import type { JsonObject } from '@safeguard/kernel';
import { isResourceType, typeDefinition } from './definitions.ts';
import { isObject, ownValue } from './object.ts';

/** What a link becomes; undefined: it stays. */
export type ReplaceLink = (link: string) => string | undefined;

const linkTypes = new Set(['uri', 'url', 'oid', 'uuid']);

/** Whether a string under a key other than `reference` begins with one of the prefixes: most resources have none. */
function mayLink(value: unknown, key: string, prefix: string): boolean {
  if (typeof value === 'string') return key === 'div' ? value.includes(prefix) : value.startsWith(prefix);
  if (Array.isArray(value)) return value.some((one) => mayLink(one, key, prefix));
  if (!isObject(value)) return false;
  for (const name of Object.keys(value)) {
    if (name !== 'reference' && mayLink(value[name], name, prefix)) return true;
  }
  return false;
}

const attributeForm = /(\b(?:href|src)\s*=\s*)("([^"]*)"|'([^']*)')/g;

const replaceInNarrative = (html: string, replace: ReplaceLink): string =>
  html.replace(attributeForm, (whole, before: string, quoted: string, double?: string, single?: string) => {
    const becomes = replace(double ?? single ?? '');
    return becomes === undefined ? whole : `${before}${quoted[0]}${becomes}${quoted[0]}`;
  });

type Undo = () => void;

function replaced(value: unknown, type: string, replace: ReplaceLink, undo: Undo[]): unknown {
  if (Array.isArray(value)) return value.map((one) => replaced(one, type, replace, undo));
  if (isObject(value)) {
    walk(value, type, replace, undo);
    return value;
  }
  if (typeof value !== 'string') return value;
  if (linkTypes.has(type)) return replace(value) ?? value;
  return type === 'xhtml' ? replaceInNarrative(value, replace) : value;
}

function walk(value: JsonObject, declared: string, replace: ReplaceLink, undo: Undo[]): void {
  const named = ownValue(value, 'resourceType');
  const isResource = typeDefinition(declared)?.kind === 'resource' || declared === 'Resource';
  const type = isResource && typeof named === 'string' && isResourceType(named) ? named : declared;
  const elements = typeDefinition(type)?.elements;
  for (const key of Object.keys(value)) {
    const child = elements?.get(key)?.types[0] ?? (key.startsWith('_') ? 'Element' : undefined);
    if (child === undefined) continue;
    const before = value[key];
    undo.push(() => {
      value[key] = before;
    });
    value[key] = replaced(before, child, replace, undo);
  }
}

/**
 * Replaces links in place where a transaction has to, beside references: in elements of type uri, url, oid and uuid,
 * and in `href` and `src` of narratives (FHIR R4 3.1.0.11.2). Only links that begin with `prefix` are looked at.
 * The resource must be valid. A string of another type that looks alike stays. The returned function takes it back.
 */
export function replaceLinks(resource: JsonObject, prefix: string, replace: ReplaceLink): () => void {
  const undo: Undo[] = [];
  if (mayLink(resource, '', prefix)) walk(resource, 'Resource', replace, undo);
  return () => {
    for (const step of undo.reverse()) step();
  };
}
