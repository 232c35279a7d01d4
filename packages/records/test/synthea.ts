import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseJson } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';

const folder = join(import.meta.dirname, '../../../../shared/data/synthea');

/** Real data beside the repository; undefined, and said aloud, where there is none. */
export const syntheaFolder = existsSync(folder) ? folder : undefined;
if (syntheaFolder === undefined) {
  process.stderr.write('SKIPPED: ../shared/data/synthea is not here, so the tests on it do not run\n');
}

interface Entry {
  readonly fullUrl: string;
  readonly resource: { readonly resourceType: string; readonly id: string };
}

/** The resources of some Synthea patients, their links made relative. */
export function syntheaResources(folder: string, patients: number): readonly JsonObject[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json.gz') && !name.startsWith('0-'));
  return names.slice(0, patients).flatMap((name) => {
    const text = gunzipSync(readFileSync(join(folder, name))).toString();
    const { entry } = JSON.parse(text) as { entry: Entry[] };
    const byUrl = new Map(entry.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}`]));
    const linked = text.replace(/urn:uuid:[0-9a-f-]{36}/g, (url) => byUrl.get(url) ?? url);
    const bundle = parseJson(Buffer.from(linked)) as { entry: { resource: JsonObject }[] };
    return bundle.entry.map(({ resource }) => resource);
  });
}
