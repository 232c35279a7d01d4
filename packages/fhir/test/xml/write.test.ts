import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from '@safeguard/kernel';
import fc from 'fast-check';
import { isRawNumber, numberText, parseJson, validate, writeJson } from '../../index.ts';
import { parseXml } from '../../xml/read.ts';
import { writeXml } from '../../xml/write.ts';
import { all } from '../fixtures.ts';
import { filesIn, shared, untar } from '../shared.ts';

type Any = Record<string, unknown>;

/** XML knows one end of a line; HTML’s names of characters become numbers. */
const textual = (text: string): string =>
  text.startsWith('<div') ? text.trim().replaceAll('\r\n', '\n').replaceAll('&nbsp;', '&#160;') : text;

/** What XML 1.0 lacks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
const lacking = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Equal but for the order of properties and the spelling of the narrative; digits of numbers count. */
function comparable(value: unknown): unknown {
  if (isRawNumber(value)) return { digits: numberText(value) };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? textual(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, comparable(one)]));
}

const comesBack = (resource: unknown, name?: string): void =>
  assert.deepEqual(comparable(parseXml(writeXml(resource as JsonObject))), comparable(resource), name);

test('JSON → XML → JSON gives the resource back: our own', () => {
  for (const make of all) comesBack(make());
  const written =
    '{"resourceType":"Observation","valueQuantity":{"value":1.500},"component":[{"valueQuantity":{"value":1e-7}}]}';
  assert.equal(writeJson(parseXml(writeXml(parseJson(Buffer.from(written)) as JsonObject))), written);
});

const synthea = shared('synthea');
test('JSON → XML → JSON gives the resource back: Synthea', { skip: synthea === undefined }, () => {
  const files = filesIn(synthea ?? '').filter((_, index) => index < 2 || index % 12 === 0);
  const types = new Set<string>();
  let resources = 0;
  let spent_ms = 0;
  for (const file of files) {
    const { entry } = parseJson(gunzipSync(readFileSync(join(synthea ?? '', file)))) as { entry: { resource: Any }[] };
    for (const { resource } of entry) {
      types.add(String(resource['resourceType']));
      resources += 1;
      const before = performance.now();
      const back = parseXml(writeXml(resource as JsonObject));
      spent_ms += performance.now() - before;
      assert.deepEqual(comparable(back), comparable(resource));
    }
  }
  process.stderr.write(
    `${resources} resources of ${types.size} types to XML and back, ` +
      `${Math.round((resources / spent_ms) * 1000)} a second\n`,
  );
  assert.ok(types.size >= 18 && resources > 3000);
});

const core = shared('ig/hl7.fhir.us.core-6.1.0.tgz');
test('JSON → XML → JSON gives the resource back: US Core', { skip: core === undefined }, () => {
  let count = 0;
  for (const [name, bytes] of untar(core ?? '')) {
    if (!/^package\/(example\/)?[A-Z].*\.json$/.test(name)) continue;
    comesBack(parseJson(bytes), name);
    count += 1;
  }
  assert.ok(count > 350);
});

const naughty = shared('vectors/json/naughty-strings.json');
test('JSON → XML → JSON gives naughty strings back', { skip: naughty === undefined }, () => {
  const strings = JSON.parse(readFileSync(naughty ?? '', 'utf8')) as string[];
  let carried = 0;
  for (const family of strings) {
    const resource = { resourceType: 'Patient', name: [{ family }] };
    if (lacking.test(family)) {
      assert.throws(() => writeXml(resource), { kind: 'unacceptable' });
    } else {
      assert.deepEqual(parseXml(writeXml(resource)), resource);
      carried += 1;
    }
  }
  assert.ok(carried > 400);
});

test('any text comes back, or is refused: never changed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (family) => {
      const resource = { resourceType: 'Patient', name: [{ family }] };
      try {
        assert.deepEqual(parseXml(writeXml(resource)), resource);
      } catch (error) {
        assert.equal((error as { kind?: string }).kind, 'unacceptable');
        assert.ok(lacking.test(family));
      }
    }),
    { numRuns: 2000 },
  );
});

test('elements stand in R4’s order, whatever the order of the JSON', () => {
  const xml = writeXml({ birthDate: '2000', name: [{ given: ['a'], family: 'b' }], id: 'p', resourceType: 'Patient' });
  assert.equal(
    xml,
    '<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir"><id value="p"/>' +
      '<name><family value="b"/><given value="a"/></name><birthDate value="2000"/></Patient>',
  );
});

test('names of characters that XML lacks become numbers', () => {
  const div = '<div xmlns="http://www.w3.org/1999/xhtml">&nbsp;&yuml;&mdash;&amp;&unheard;&#0;</div>';
  const text = { status: 'generated', div };
  const resource = { resourceType: 'Patient', text };
  assert.deepEqual(validate(resource), []);
  const back = parseXml(writeXml(resource))['text'] as typeof text;
  assert.match(back.div, />&#160;&#255;&#8212;&amp;&amp;unheard;&#xFFFD;</);
});

test('what validation would refuse is not written, least of all a narrative that breaks out', () => {
  const cases: JsonObject[] = [
    { resourceType: 'Secret' },
    { resourceType: 'Patient', secret: 'x' },
    { resourceType: 'Patient', name: ['x'] },
    { resourceType: 'Patient', text: { status: 'generated', div: '</text><active value="true"/>' } },
    {
      resourceType: 'Patient',
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</div>' },
    },
    { resourceType: 'Patient', birthDate: { a: 1 } },
  ];
  for (const one of cases) assert.throws(() => writeXml(one), { kind: 'internal' });
});
