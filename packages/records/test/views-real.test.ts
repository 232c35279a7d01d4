import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from '@safeguard/kernel';
import { renamedText } from '../routes/recipients.ts';
import {
  createShow,
  createSplit,
  type MaskedView,
  type SegmentMap,
  segmentMap,
  show,
  split,
} from '../segments/index.ts';
import { openHouse } from './house.ts';
import { syntheaFolder } from './synthea.ts';
import { clinicalOf, foundIn, type Identifiers, identifiersOf, valuesIn } from './views-identifiers.ts';

const year = 2026;
const folder = syntheaFolder ?? '';
const files = syntheaFolder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.json.gz'));
const records = files.filter((name) => !name.startsWith('0-'));

/** A record as the server stores it: links are relative. */
function recordOf(file: string): readonly JsonObject[] {
  const text = gunzipSync(readFileSync(join(folder, file))).toString();
  const types = new Map(
    [...text.matchAll(/"fullUrl": ?"(urn:uuid:[^"]+)",\s*"resource": ?\{\s*"resourceType": ?"(\w+)"/g)].map((found) => [
      found[1],
      found[2],
    ]),
  );
  const linked = text.replace(/(?<="reference": ?")urn:uuid:([0-9a-f-]{36})/g, (url, id) => `${types.get(url)}/${id}`);
  const { entry } = JSON.parse(linked) as { readonly entry: readonly { readonly resource: JsonObject }[] };
  return entry.map(({ resource }) => resource);
}

/** How many of what stood there before stand there still. */
function keptOf(before: readonly string[], after: readonly string[]): number {
  const left = Map.groupBy(after, (one) => one);
  let kept = 0;
  for (const one of before) if (left.get(one)?.pop() !== undefined) kept += 1;
  return kept;
}

/** Identifiers, and days, that a recipient would read. */
function leaks(rename: (text: string) => string, identifiers: readonly Identifiers[], seen: unknown): string[] {
  const text = rename(valuesIn(seen).join('\n'));
  // An instant is cut to the first moment of its year; every other day would be told.
  const told = text.replace(/-01-01T00:00:00\.000Z/g, '');
  const days = told.match(/^\d{4}-\d\d(?:-\d\d)?(?:$|T)/gm) ?? [];
  return [...days, ...identifiers.flatMap((one) => foundIn(one, told))];
}

describe('Safe Harbor on the records of 120 patients', { skip: syntheaFolder === undefined }, () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let rename: (text: string) => string;
  before(async () => {
    house = await openHouse();
    const names = (await house.seal.vault('clinical', 1)).recipient('deidentified/researcher');
    rename = renamedText(names.pseudonym);
  });
  after(() => house?.close());

  it('none of the 18 identifiers is left, and at least 95 % of codes and values are', (t) => {
    equal(records.length, 120);
    const providers = identifiersOf(files.filter((name) => name.startsWith('0-')).flatMap(recordOf));
    const sum = { resources: 0, had: 0, kept: 0, years: 0 };
    for (const file of records) {
      const resources = recordOf(file);
      const seen = resources.map((resource) => show(split(resource).clinical, 'deidentified', year));
      deepStrictEqual(leaks(rename, [identifiersOf(resources), providers], seen), [], file);
      for (const [index, resource] of resources.entries()) {
        const clinical = clinicalOf(resource);
        sum.had += clinical.length;
        sum.kept += keptOf(clinical, clinicalOf(seen[index] ?? {}));
      }
      sum.resources += resources.length;
      sum.years += valuesIn(seen).filter((one) => /^\d{4}$/.test(String(one))).length;
    }
    t.diagnostic(`${sum.resources} resources: ${sum.kept} of ${sum.had} codes and values kept, ${sum.years} years`);
    ok(sum.kept / sum.had >= 0.95, `${sum.kept} of ${sum.had}`);
  });

  it('negative control: with one rule removed, or in a weaker view, identifiers are found', () => {
    const resources = records.slice(0, 4).flatMap(recordOf);
    const identifiers = [identifiersOf(resources)];
    const found = (map: SegmentMap, view: MaskedView = 'deidentified', as = rename): number => {
      const [splits, shows] = [createSplit(map), createShow(map)];
      const seen = resources.map((resource) => shows(splits(resource).clinical, view, year));
      return leaks(as, identifiers, seen).length;
    };
    equal(found(segmentMap), 0);
    ok(found(segmentMap, 'limited') > 100, 'dates');
    ok(found(segmentMap, 'deidentified', (text) => text) > 100, 'ids');
    const without = (at: string): SegmentMap => ({
      ...segmentMap,
      types: segmentMap.types.filter((rule) => rule.at !== at),
      paths: segmentMap.paths.filter((rule) => rule.at !== at),
    });
    const harmless = ['Identifier', 'Address', 'HumanName', 'ContactPoint', 'Reference.display'].filter(
      (at) => found(without(at)) > 0,
    );
    deepStrictEqual(harmless, [], 'what the map forgets is free text, and masked all the same');
  });
});
