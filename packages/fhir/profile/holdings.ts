import type { JsonObject } from '@safeguard/kernel';
import { publishedByUrl } from '../published.ts';
import { canonical, textAt } from './definition.ts';

/** Definitions by type and canonical URL. */
export interface Holdings {
  readonly resources: readonly JsonObject[];
  readonly find: (type: string, url: string) => JsonObject | undefined;
}

export const held_types: readonly string[] = ['StructureDefinition', 'ValueSet', 'CodeSystem'];

/** 10 after 9, text after text. */
const newer = (one: JsonObject, other: JsonObject): number =>
  (textAt(other, 'version') ?? '').localeCompare(textAt(one, 'version') ?? '', 'en', { numeric: true });

/** What is published with R4 is there without being loaded; what is loaded goes before it. */
function published(type: string, url: string): JsonObject | undefined {
  const text = publishedByUrl(url);
  if (text === undefined) return undefined;
  const found = JSON.parse(text) as JsonObject;
  return found['resourceType'] === type ? found : undefined;
}

/** `later` resources replace those of the same type, URL and version. */
export function createHoldings(resources: Iterable<JsonObject>): Holdings {
  const kept = new Map<string, JsonObject>();
  for (const one of resources) {
    const [type, url] = [textAt(one, 'resourceType') ?? '', textAt(one, 'url')];
    if (url !== undefined && held_types.includes(type)) kept.set(`${type} ${url}|${textAt(one, 'version') ?? ''}`, one);
  }
  const all = [...kept.values()];
  const byUrl = Map.groupBy(all, (one) => `${textAt(one, 'resourceType')} ${textAt(one, 'url')}`);
  for (const versions of byUrl.values()) versions.sort(newer);
  return {
    resources: all,
    find: (type, url) => {
      const { url: plain, version } = canonical(url);
      const versions = byUrl.get(`${type} ${plain}`) ?? [];
      const own = version === undefined ? versions[0] : versions.find((one) => textAt(one, 'version') === version);
      return own ?? published(type, url);
    },
  };
}
