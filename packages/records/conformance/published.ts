import { publishedByUrl, publishedText, publishedTypes } from '@safeguard/fhir';
import type { Operation } from './interactions.ts';
import { ownDefinition } from './operations.ts';

/** HL7's R4 (4.0.1) was published then. */
export const published_at = new Date('2019-10-31T22:29:23.000Z');

/** A conformance resource that every tenant has and nobody can change: R4's own, and those of our operations. */
export interface PublishedResource {
  readonly type: string;
  readonly id: string;
  readonly version: 1;
  readonly at: Date;
  /** JSON text, stamped with meta. */
  readonly text: string;
}

export interface Published {
  /** By type and id. `base`: the FHIR base under which definitions of our own operations stand. */
  read(type: string, id: string, base: string): PublishedResource | undefined;
  /**
   * What a search finds among them, when it asks for nothing but `url` (each value one canonical, with or without a
   * version) or `_id`; else none. Every parameter must hold; a value's alternatives are separated by commas.
   */
  find(type: string, query: URLSearchParams, base: string): readonly PublishedResource[];
}

interface Known {
  readonly id: string;
  readonly meta?: Readonly<Record<string, unknown>>;
}

function stamped(type: string, text: string, at: Date): PublishedResource {
  const { meta, ...rest } = JSON.parse(text) as Known & Record<string, unknown>;
  const stamp = { ...meta, versionId: '1', lastUpdated: at.toISOString() };
  const { resourceType, id, ...more } = rest;
  const { id: name } = rest;
  return { type, id: name, version: 1, at, text: JSON.stringify({ resourceType, id, meta: stamp, ...more }) };
}

/** Parameters that change how an answer looks, not what it holds. */
const shown = new Set(['_format', '_pretty', '_count', '_total', '_sort', '_summary', '_elements', '_page']);

export function createPublished(operations: readonly Operation[], date: string): Published {
  const made = new Date(date);
  const read: Published['read'] = (type, id, base) => {
    if (!publishedTypes.includes(type)) return undefined;
    const own = type === 'OperationDefinition' ? ownDefinition(id, base, operations, date) : undefined;
    if (own !== undefined) return stamped(type, own, made);
    const text = publishedText(type, id);
    return text === undefined ? undefined : stamped(type, text, published_at);
  };
  const byUrl = (type: string, url: string, base: string): PublishedResource[] => {
    const start = `${base}/OperationDefinition/`;
    const own = url.startsWith(start) ? read('OperationDefinition', url.slice(start.length), base) : undefined;
    const text = publishedByUrl(url);
    const found = own ?? (text === undefined ? undefined : stamped(JSON.parse(text).resourceType, text, published_at));
    return found?.type === type ? [found] : [];
  };
  return {
    read,
    find: (type, query, base) => {
      const asked = [...query].filter(([name]) => !shown.has(name));
      if (!publishedTypes.includes(type) || asked.length === 0) return [];
      if (asked.some(([name]) => name !== 'url' && name !== '_id')) return [];
      const sets = asked.map(([name, value]) =>
        value.split(',').flatMap((one) => (name === '_id' ? (read(type, one, base) ?? []) : byUrl(type, one, base))),
      );
      const [first = [], ...rest] = sets;
      const common = first.filter(({ id }) => rest.every((set) => set.some((one) => one.id === id)));
      return [...new Map(common.map((one) => [one.id, one])).values()];
    },
  };
}
