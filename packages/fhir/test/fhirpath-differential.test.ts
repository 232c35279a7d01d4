import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import fhirpath from 'fhirpath';
import model from 'fhirpath/fhir-context/r4';
import { compilePath, searchParameters, typeDefinition } from '../index.ts';
import { filesIn, shared } from './shared.ts';

type Resource = { readonly resourceType: string } & Record<string, unknown>;

/** A few resources of each type of one Synthea patient. */
function sample(folder: string): Resource[] {
  const name = filesIn(folder).find((file) => /^[0-9a-f]+-.*\.json\.gz$/.test(file) && !file.startsWith('0-')) ?? '';
  const bundle = JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) as {
    entry: { resource: Resource }[];
  };
  const taken = new Map<string, number>();
  return bundle.entry
    .map(({ resource }) => resource)
    .filter(({ resourceType }) => {
      const count = (taken.get(resourceType) ?? 0) + 1;
      taken.set(resourceType, count);
      return count <= 4;
    });
}

const outcome = (run: () => readonly unknown[]): string => {
  try {
    return JSON.stringify(run());
  } catch {
    return 'an error';
  }
};

const theirs = (resource: Resource, expression: string): string =>
  outcome(() =>
    (fhirpath.evaluate(resource, expression, { resource, rootResource: resource }, model) as unknown[]).filter(
      (value) => value !== null,
    ),
  );

const ours = (resource: Resource, expression: string): string =>
  outcome(() => compilePath(expression).evaluate(resource));

/**
 * Names left out: `div` is read as the operator by fhirpath.js unless quoted, and it takes an `id` for a System.String
 * where R4 says `id`.
 */
const apart = new Set(['div', 'id']);

/** A path of one to three names that the type has, by the definition. */
function pathOf(type: string, picks: readonly number[]): string {
  const names: string[] = [];
  let here = typeDefinition(type);
  for (const pick of picks) {
    const elements = [...(here?.elements.values() ?? [])];
    const element = elements[pick % Math.max(1, elements.length)];
    if (!element || element.types[0] === 'Resource' || apart.has(element.name)) break;
    names.push(element.name);
    here = element.choice ? undefined : typeDefinition(element.types[0] ?? '');
  }
  return names.join('.') || 'meta';
}

const endings = [
  '',
  '.exists()',
  '.empty()',
  '.count()',
  '.first()',
  '.last()',
  '.tail()',
  '.skip(1)',
  '.take(2)',
  '.distinct().count()',
  '.children().count()',
  '.descendants().count()',
  '.where($this.exists()).count()',
  '.select($this).first()',
  '.ofType(dateTime)',
  '.ofType(Coding).code',
  '.all($this.exists())',
  '.hasValue()',
  '.first().is(Quantity)',
  '.first() is string',
  '.repeat(extension).count()',
  '.isDistinct()',
  '.extension.url',
  "= 'final'",
  "!= 'final'",
  '.count() > 1',
  '.exists() and id.exists()',
  '.exists() or {}',
  '.exists() implies id.empty()',
  '.combine(id).count()',
  '.union(id).count()',
  ' | id',
  '.exclude(id).count()',
  '.intersect(id).count()',
  '~ id',
];

const folder = shared('synthea');

test('FHIRPath: random simple expressions answer as fhirpath.js does', { skip: !folder }, () => {
  const resources = sample(folder ?? '');
  const picks = fc.array(fc.nat(100), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.nat(resources.length - 1), picks, fc.constantFrom(...endings), (at, path, ending) => {
      const resource = resources[at] as Resource;
      const expression = pathOf(resource.resourceType, path) + ending;
      assert.equal(ours(resource, expression), theirs(resource, expression), `${resource.resourceType}: ${expression}`);
    }),
    { numRuns: 3000 },
  );
});

test('FHIRPath: the search parameters of R4 find what fhirpath.js finds', { skip: !folder }, (context) => {
  let asked = 0;
  for (const resource of sample(folder ?? '')) {
    for (const { expression } of searchParameters(resource.resourceType)) {
      // fhirpath.js resolves only asynchronously.
      if (!expression || expression.includes('resolve()')) continue;
      asked++;
      assert.equal(ours(resource, expression), theirs(resource, expression), `${resource.resourceType}: ${expression}`);
    }
  }
  context.diagnostic(`${asked} evaluations`);
  assert.ok(asked > 500);
});
