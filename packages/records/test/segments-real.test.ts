import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseJson, writeJson } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { join, show, split } from '../segments/index.ts';

const folder = pathOf(import.meta.dirname, '../../../../shared/data/synthea');
const there = existsSync(folder);
if (!there)
  process.stdout.write('SKIPPED: no ../shared/data/synthea beside the repository, so no real data was parted\n');

const resourcesOf = (file: string): JsonObject[] => {
  const bundle = parseJson(gunzipSync(readFileSync(pathOf(folder, file)))) as { entry: { resource: JsonObject }[] };
  return bundle.entry.map((entry) => entry.resource);
};

type Patient = Record<string, Record<string, unknown>[]>;

/** Words that name the patient. Synthea uses its record number as the resource id, inside references: left out. */
function wordsOf(patient: JsonObject): string[] {
  const { name = [], telecom = [], address = [], identifier = [] } = patient as unknown as Patient;
  const words = [
    ...name.flatMap((one) => [one.family, ...((one.given ?? []) as string[])]),
    ...telecom.map((one) => one.value),
    ...address.flatMap((one) => one.line as string[]),
    ...identifier.map((one) => one.value),
  ];
  return words.filter((word): word is string => typeof word === 'string' && word.length > 3 && word !== patient.id);
}

describe('real data', { skip: !there }, () => {
  const files = there ? readdirSync(folder).filter((file) => file.endsWith('.json.gz')) : [];
  const sample = files.filter((file, index) => file.startsWith('0-') || index % 25 === 3);

  it('comes back equal, and neither the clinical Patient nor any de-identified view names the patient', () => {
    let examined = 0;
    for (const file of sample) {
      const resources = resourcesOf(file);
      const patient = resources.find((one) => one.resourceType === 'Patient');
      const words = patient ? wordsOf(patient) : [];
      ok(!patient || words.length > 3);
      for (const resource of resources) {
        const { clinical, identity } = split(resource);
        deepStrictEqual(join(clinical, identity), resource);
        const seen =
          writeJson(show(clinical, 'without-identity', 2026)) + (resource === patient ? writeJson(clinical) : '');
        equal(
          words.some((word) => seen.includes(word)),
          false,
          `${resource.resourceType} names the patient`,
        );
        examined++;
      }
    }
    ok(examined > 1000);
  });

  it('negative control: the whole resources do name the patient', () => {
    const resources = resourcesOf(sample.at(-1) ?? '');
    const words = wordsOf(resources.find((one) => one.resourceType === 'Patient') ?? {});
    ok(resources.filter((one) => words.some((word) => writeJson(one).includes(word))).length > 10);
  });
});
