import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyFormatOf, formatOf } from '../../xml/negotiate.ts';

const accepts: readonly (readonly [string | undefined, 'json' | 'xml' | undefined])[] = [
  [undefined, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['application/fhir+json', 'json'],
  ['application/json; charset=utf-8', 'json'],
  ['Application/FHIR+XML', 'xml'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['application/fhir+xml, */*', 'xml'],
  ['application/fhir+xml, application/fhir+json', 'json'],
  ['application/fhir+xml;q=0.5, application/fhir+json;q=0.4', 'xml'],
  ['application/fhir+json;q=0.5, application/xml;q=0.50', 'json'],
  ['application/fhir+json;q=0, */*;q=0.1', 'xml'],
  ['application/fhir+json;q=0, application/fhir+xml;q=0', undefined],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'xml'],
  ['text/html', undefined],
  ['text/turtle, application/pdf', undefined],
  ['application/fhir+json;q=high', undefined],
  ['application/fhir+json; fhirVersion=4.0', 'json'],
  ['application/fhir+json; fhirVersion="4.0.1"', 'json'],
  ['application/fhir+json; fhirVersion=3.0', undefined],
  ['application/fhir+json; fhirVersion=5.0, application/fhir+xml; fhirVersion=4.0', 'xml'],
  [`${'a/b,'.repeat(100_000)}application/json`, undefined],
];
for (const [accept, format] of accepts) {
  test(`Accept ${String(accept).slice(0, 80)}: ${format ?? '406'}`, () => assert.equal(formatOf(accept), format));
}

test('_format goes before Accept', () => {
  const cases = {
    json: 'json',
    xml: 'xml',
    'application/fhir+xml': 'xml',
    'application/fhir xml': 'xml',
    'application/fhir+json; fhirVersion=4.0': 'json',
    'application/fhir+json; fhirVersion=3.0': undefined,
    'text/xml': 'xml',
    ttl: undefined,
    html: undefined,
    constructor: undefined,
  } as const;
  for (const [format, expected] of Object.entries(cases)) {
    assert.equal(formatOf('application/fhir+json', format), expected, format);
  }
  assert.equal(formatOf('application/fhir+xml', null), 'xml');
  assert.equal(formatOf('application/fhir+xml', '*/*'), 'xml');
});

test('bodies: JSON, XML, or 415', () => {
  const cases: readonly (readonly [string | undefined, 'json' | 'xml' | undefined])[] = [
    [undefined, 'json'],
    ['application/fhir+json; charset=UTF-8', 'json'],
    ['application/fhir+xml;charset="utf-8"; fhirVersion=4.0', 'xml'],
    ['text/xml', 'xml'],
    ['application/fhir+json; charset=utf-16', undefined],
    ['application/fhir+json; fhirVersion=3.0', undefined],
    ['application/json-patch+json', undefined],
    ['json', undefined],
    ['*/*', undefined],
  ];
  for (const [type, expected] of cases) assert.equal(bodyFormatOf(type), expected, type);
});
