import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Criterion,
  dateMatches,
  matches,
  numberMatches,
  type Prefix,
  parametersOf,
  readSearch,
} from '../index.ts';

type Resource = Record<string, unknown>;
const now = Date.parse('2024-01-01T00:00:00Z');

function holds(resource: Resource, criterion: Criterion): boolean {
  if (criterion.kind === 'and') return criterion.all.every((one) => holds(resource, one));
  if (criterion.kind === 'or') return criterion.all.some((one) => holds(resource, one));
  if (criterion.kind === 'not') return !holds(resource, criterion.one);
  assert.equal(criterion.kind, 'condition');
  return criterion.kind === 'condition' && matches(resource, criterion);
}

function finds(resource: Resource, query: string): boolean {
  const options = { parameters: parametersOf, lenient: false, now };
  return holds(resource, readSearch(String(resource['resourceType']), new URLSearchParams(query), options).where);
}

const patient = (more: Resource): Resource => ({ resourceType: 'Patient', ...more });
const observation = (more: Resource): Resource => ({ resourceType: 'Observation', ...more });
const ucum = 'http://unitsofmeasure.org';
const quantity = (value: number, code: string): Resource => ({
  valueQuantity: { value, code, unit: code, system: ucum },
});

const on = (birthDate: string): Resource => patient({ birthDate });
const at = (effectiveDateTime: string): Resource => observation({ effectiveDateTime });
const period = (start: string | undefined, end: string | undefined): Resource =>
  observation({ effectivePeriod: { ...(start ? { start } : {}), ...(end ? { end } : {}) } });
const named = (family: string, given: string): Resource => patient({ name: [{ family, given: [given] }] });
const coded = (system: string | undefined, code: string, display = 'Sodium'): Resource =>
  observation({ code: { coding: [{ ...(system === undefined ? {} : { system }), code, display }], text: 'Blood' } });
const probability = (value: number): Resource => ({
  resourceType: 'RiskAssessment',
  prediction: [{ probabilityDecimal: value }],
});
const set = (url: string): Resource => ({ resourceType: 'ValueSet', url });
const subject = (reference: Resource): Resource => observation({ subject: reference });

/** Query, and resources that it finds; then those that it does not. */
const table: readonly [string, readonly Resource[], readonly Resource[]][] = [
  // R4 3.1.1.4.6 number: significant digits.
  ['probability=100', [probability(99.5), probability(100.4)], [probability(99.4), probability(100.5)]],
  ['probability=100.00', [probability(99.995)], [probability(99.99), probability(100.005)]],
  ['probability=1e2', [probability(95), probability(104)], [probability(94), probability(105)]],
  ['probability=lt100', [probability(99.9)], [probability(100)]],
  ['probability=le100', [probability(100)], [probability(100.1)]],
  ['probability=gt100', [probability(100.1)], [probability(100)]],
  ['probability=ge100', [probability(100)], [probability(99.9)]],
  ['probability=ne100', [probability(99.4)], [probability(100)]],
  ['probability=ap100', [probability(91), probability(109)], [probability(89), probability(111)]],
  ['probability=sa100', [probability(100.1)], [probability(100)]],
  ['probability=5.4', [probability(5.35), probability(5.44)], [probability(5.45), probability(5.34)]],
  // R4 3.1.1.4.7 date.
  ['date=eq2013-01-14', [at('2013-01-14'), at('2013-01-14T00:00:00Z')], [at('2013-01-15T00:00:00Z'), at('2013-01')]],
  ['date=ne2013-01-14', [at('2013-01-15T00:00:00Z'), at('2013')], [at('2013-01-14T10:00:00Z')]],
  ['date=lt2013-01-14T10:00', [at('2013-01-14')], [at('2013-01-14T10:00:00Z'), at('2013-01-15')]],
  ['date=gt2013-01-14T10:00', [at('2013-01-14'), at('2014')], [at('2013-01-14T10:00:59Z'), at('2013-01-13')]],
  ['date=ge2013-03-14', [period('2013-01-21', undefined), at('2013-03-14')], [at('2013-03-13')]],
  ['date=le2013-03-14', [period('2013-01-21', '2014'), at('2013-03-14')], [at('2013-03-15')]],
  ['date=sa2013-03-14', [period('2013-03-15', undefined)], [period('2013-01-21', undefined), at('2013-03-14')]],
  ['date=eb2013-03-14', [period(undefined, '2013-03-13')], [period('2013-01-21', '2013-03-14')]],
  ['date=ap2014-01-01', [at('2014-06-01'), at('2013-03-14')], [at('2016-01-01'), at('2012-01-01')]],
  ['date=2013-01-14T10:00:00-05:00', [at('2013-01-14T15:00:00Z')], [at('2013-01-14T10:00:00Z')]],
  ['date=2013-01-14T10:00:00%2B01:00', [at('2013-01-14T09:00:00Z')], [at('2013-01-14T10:00:00Z')]],
  ['date=2013-01-14T10:00:00+01:00', [at('2013-01-14T09:00:00Z')], [at('2013-01-14T10:00:00Z')]],
  ['birthdate=1974', [on('1974-12-25'), on('1974')], [on('1975-01-01')]],
  ['date=ge2013-01-01&date=lt2013-02-01', [at('2013-01-31')], [at('2013-02-01'), at('2012-12-31')]],
  // R4 3.1.1.4.8 string.
  ['given=eve', [named('x', 'Eve'), named('x', 'Evelyn'), named('x', 'ÉVE')], [named('x', 'Severine')]],
  ['given:contains=eve', [named('x', 'Severine'), named('x', 'Eve')], [named('x', 'Ev')]],
  ['given:exact=Eve', [named('x', 'Eve')], [named('x', 'eve'), named('x', 'EVE'), named('x', 'Evelyn')]],
  ['name=van%20der', [named('van  der Berg', 'x')], [named('vander', 'x')]],
  ['family=a\\,b', [named('A,B', 'x')], [named('a', 'x'), named('b', 'x')]],
  ['family=a,b', [named('a', 'x'), named('b', 'x')], [named('c', 'x')]],
  // R4 3.1.1.4.10 token.
  ['code=http://a.codes|1', [coded('http://a.codes', '1')], [coded(undefined, '1'), coded('http://b', '1')]],
  ['code=1', [coded('http://a.codes', '1'), coded(undefined, '1')], [coded('x', '2')]],
  ['code=|1', [coded(undefined, '1')], [coded('http://a.codes', '1')]],
  ['code=http://a.codes|', [coded('http://a.codes', '9')], [coded(undefined, '9')]],
  ['code=A', [coded('s', 'A')], [coded('s', 'a')]],
  ['code:text=sod', [coded('s', '1')], [coded('s', '1', 'Potassium')]],
  ['code:text=blo', [coded('s', '1')], [observation({})]],
  ['code:not=1', [coded('s', '2'), observation({})], [coded('s', '1')]],
  ['code:not=1,2', [coded('s', '3')], [coded('s', '2')]],
  ['gender=male', [patient({ gender: 'male' })], [patient({ gender: 'female' })]],
  ['gender=http://hl7.org/fhir/administrative-gender|male', [patient({ gender: 'male' })], [patient({})]],
  ['gender:not=male', [patient({ gender: 'female' }), patient({})], [patient({ gender: 'male' })]],
  ['gender:missing=true', [patient({})], [patient({ gender: 'male' })]],
  ['gender:missing=false', [patient({ gender: 'male' })], [patient({})]],
  ['active=true', [patient({ active: true })], [patient({ active: false }), patient({})]],
  [
    'identifier:of-type=http://t|MR|446053',
    [patient({ identifier: [{ value: '446053', type: { coding: [{ system: 'http://t', code: 'MR' }] } }] })],
    [
      patient({ identifier: [{ value: '446053' }] }),
      patient({ identifier: [{ value: '1', type: { coding: [{ system: 'http://t', code: 'MR' }] } }] }),
    ],
  ],
  // R4 3.1.1.4.11 quantity.
  [
    'value-quantity=5.4|http://unitsofmeasure.org|mg',
    [observation(quantity(5.4, 'mg')), observation(quantity(0.0054, 'g')), observation(quantity(5400, 'ug'))],
    [observation(quantity(5.5, 'mg')), observation(quantity(5.4, 'g')), observation(quantity(5.4, 'mmol'))],
  ],
  [
    'value-quantity=ge5.4|http://unitsofmeasure.org|mg',
    [observation(quantity(0.0054, 'g'))],
    [observation(quantity(0.0053, 'g'))],
  ],
  [
    'value-quantity=98.6|http://unitsofmeasure.org|[degF]',
    [observation(quantity(37, 'Cel'))],
    [observation(quantity(38, 'Cel'))],
  ],
  [
    'value-quantity=5.4||mg',
    [observation(quantity(5.4, 'mg')), observation({ valueQuantity: { value: 5.4, unit: 'mg' } })],
    [observation(quantity(0.0054, 'g'))],
  ],
  ['value-quantity=5.4', [observation(quantity(5.4, 'g'))], [observation(quantity(5.5, 'g'))]],
  ['value-quantity=ap5.4', [observation(quantity(5.9, 'g'))], [observation(quantity(6, 'g'))]],
  // R4 3.1.1.4.12 reference.
  ['subject=Patient/23', [subject({ reference: 'Patient/23' })], [subject({ reference: 'Group/23' })]],
  ['subject=23', [subject({ reference: 'Patient/23' }), subject({ reference: 'Group/23' })], [subject({})]],
  ['subject:Patient=23', [subject({ reference: 'Patient/23' })], [subject({ reference: 'Group/23' })]],
  ['subject:Patient=Patient/23', [subject({ reference: 'Patient/23' })], [subject({ reference: 'Group/23' })]],
  ['patient=23', [subject({ reference: 'Patient/23' })], [subject({ reference: 'Group/23' })]],
  [
    'subject=https://x.org/Patient/23',
    [subject({ reference: 'https://x.org/Patient/23' })],
    [subject({ reference: 'Patient/23' }), subject({ reference: 'https://y.org/Patient/23' })],
  ],
  ['subject=Patient/23', [], [subject({ reference: 'https://x.org/Patient/23' })]],
  [
    'subject:identifier=s|v',
    [subject({ identifier: { system: 's', value: 'v' } })],
    [subject({ identifier: { system: 't', value: 'v' } }), subject({ reference: 'Patient/v' })],
  ],
  ['subject:missing=false', [subject({ reference: '#p' })], [observation({})]],
  // R4 3.1.1.4.14 uri.
  [
    'url=http://acme.org/fhir',
    [set('http://acme.org/fhir')],
    [set('http://acme.org/fhir/1'), set('http://ACME.org/fhir')],
  ],
  [
    'url:below=http://acme.org/fhir',
    [set('http://acme.org/fhir'), set('http://acme.org/fhir/ValueSet/1')],
    [set('http://acme.org/fhirs'), set('http://acme.org')],
  ],
  [
    'url:above=http://acme.org/fhir/ValueSet/1/_history/5',
    [set('http://acme.org/fhir/ValueSet/1'), set('http://acme.org/fhir')],
    [set('http://acme.org/fhir/ValueSet/12')],
  ],
  // R4 3.1.1.4.16 composite.
  [
    'component-code-value-quantity=a$gt2',
    [observation({ component: [{ code: { coding: [{ code: 'a' }] }, ...quantity(3, 'g') }] })],
    [
      observation({
        component: [
          { code: { coding: [{ code: 'a' }] }, ...quantity(1, 'g') },
          { code: { coding: [{ code: 'b' }] }, ...quantity(3, 'g') },
        ],
      }),
    ],
  ],
  // search_filter.html
  ['_filter=given eq "peter" and birthdate ge 2014-10-10', [], [{ ...named('x', 'Peter'), birthDate: '2014-10-09' }]],
  [
    '_filter=given eq peter and birthdate ge 2014-10-10',
    [{ ...named('x', 'Peter'), birthDate: '2014-10-10' }],
    [{ ...named('x', 'Petersen'), birthDate: '2015' }],
  ],
  ['_filter=name co "pet"', [named('Carpet', 'x')], [named('x', 'y')]],
  ['_filter=name sw pet', [named('Peter', 'x')], [named('Carpet', 'x')]],
  ['_filter=name ew pet', [named('Carpet', 'x')], [named('Peter', 'x')]],
  ['_filter=code eq http://loinc.org|1234-5', [coded('http://loinc.org', '1234-5')], [coded('x', '1234-5')]],
  ['_filter=not(code eq 1)', [coded('s', '2')], [coded('s', '1')]],
  [
    '_filter=code eq 1 or code eq 2 and subject pr true',
    [{ ...coded('s', '1'), subject: { reference: '#x' } }],
    [coded('s', '1')],
  ],
  ['_filter=code eq 1 or (code eq 2 and subject pr true)', [coded('s', '1')], [coded('s', '2')]],
  ['_filter=date po 2013-02', [period('2013-01', '2013-03'), at('2013')], [at('2013-03')]],
  ['_filter=subject re Patient/1', [subject({ reference: 'Patient/1' })], [subject({ reference: 'Patient/2' })]],
  ['_filter=subject pr false', [observation({})], [subject({ reference: 'Patient/2' })]],
  ['_filter=(((birthdate eq 1974)))', [on('1974')], [on('1975')]],
];

for (const [query, found, missed] of table) {
  test(`matching: ${query}`, () => {
    for (const one of found) assert.ok(finds(one, query), `should find ${JSON.stringify(one)}`);
    for (const one of missed) assert.ok(!finds(one, query), `should not find ${JSON.stringify(one)}`);
  });
}

/** Dates as sets of days, which R4's words on prefixes can be asked of directly. */
test('the prefixes of dates hold as R4 words them', () => {
  const range = fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 6 }))
    .map(([low, length]) => ({ low, high: low + length }));
  const days = ({ low, high }: { low: number; high: number }): number[] =>
    Array.from({ length: high - low }, (_, index) => low + index);
  fc.assert(
    fc.property(range, range, (t, v) => {
      const [asked, has] = [days(t), days(v)];
      const isWithin = has.every((one) => asked.includes(one));
      const isAbove = has.some((one) => one >= t.high);
      const isBelow = has.some((one) => one < t.low);
      const expected: Record<Prefix, boolean> = {
        eq: isWithin,
        ne: !isWithin,
        gt: isAbove,
        lt: isBelow,
        ge: isAbove || isWithin,
        le: isBelow || isWithin,
        sa: has.every((one) => one >= t.high),
        eb: has.every((one) => one < t.low),
        ap: has.some((one) => asked.includes(one)),
      };
      for (const [prefix, wanted] of Object.entries(expected)) {
        assert.equal(dateMatches(prefix as Prefix, t, v), wanted, prefix);
      }
    }),
  );
});

test('numbers: without a range the prefixes are the plain comparisons', () => {
  fc.assert(
    fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }), (asked, has) => {
      const t = { value: asked, low: asked - 0.5, high: asked + 0.5 };
      const v = { low: has, high: has };
      const expected = { eq: has === asked, ne: has !== asked, gt: has > asked, lt: has < asked, ge: has >= asked };
      for (const [prefix, wanted] of Object.entries(expected)) {
        assert.equal(numberMatches(prefix as Prefix, t, v), wanted, prefix);
      }
      assert.equal(numberMatches('le', t, v), has <= asked);
    }),
  );
});
