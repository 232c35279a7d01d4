import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compileCustom,
  createExtractor,
  parametersOf,
  parseJson,
  resourceTypes,
  type SearchValue,
  textOf,
  unitForm,
  valuesOf,
} from '../index.ts';
import { type Pick, picker, randomResource } from './search-random.ts';

type Resource = Record<string, unknown>;
const day = (text: string): number => Date.parse(text);

function values(code: string, resource: Resource): readonly SearchValue[] {
  const parameter = parametersOf(String(resource['resourceType'])).get(code);
  assert.ok(parameter, code);
  return valuesOf(resource, parameter);
}

const observation = (more: Resource): Resource => ({ resourceType: 'Observation', ...more });
const patient = (more: Resource): Resource => ({ resourceType: 'Patient', ...more });

const table: readonly [string, string, Resource, readonly unknown[]][] = [
  [
    'CodeableConcept: one token per coding, with the texts',
    'code',
    observation({ code: { coding: [{ system: 's', code: 'c', display: 'D' }, { code: 'x' }], text: 'T' } }),
    [
      { kind: 'token', system: 's', code: 'c', texts: ['D', 'T'] },
      { kind: 'token', code: 'x', texts: ['T'] },
    ],
  ],
  ['CodeableConcept of text alone', 'code', observation({ code: { text: 'T' } }), [{ kind: 'token', texts: ['T'] }]],
  [
    'data that is absent gives nothing',
    'code',
    observation({ code: { extension: [{ url: 'u', valueCode: 'unknown' }] } }),
    [],
  ],
  ['a primitive of extensions alone gives nothing', 'birthdate', patient({ _birthDate: { extension: [] } }), []],
  [
    'code: the system of its required binding',
    'gender',
    patient({ gender: 'female' }),
    [{ kind: 'token', system: 'http://hl7.org/fhir/administrative-gender', code: 'female' }],
  ],
  ['boolean', 'active', patient({ active: false }), [{ kind: 'token', code: 'false' }]],
  ['deceased: true for a time', 'deceased', patient({ deceasedDateTime: '2020' }), [{ kind: 'token', code: 'true' }]],
  ['deceased: false for false', 'deceased', patient({ deceasedBoolean: false }), [{ kind: 'token', code: 'false' }]],
  ['deceased: nothing for an extension', 'deceased', patient({ _deceasedBoolean: { extension: [] } }), []],
  ['deceased: false for nothing', 'deceased', patient({}), [{ kind: 'token', code: 'false' }]],
  [
    'Identifier with its type',
    'identifier',
    patient({ identifier: [{ system: 's', value: 'v', type: { coding: [{ system: 't', code: 'MR' }], text: 'no' } }] }),
    [{ kind: 'token', system: 's', code: 'v', texts: ['no'], types: [{ system: 't', code: 'MR' }] }],
  ],
  [
    'ContactPoint: its value; phone is a filter',
    'phone',
    patient({
      telecom: [
        { system: 'phone', value: '555' },
        { system: 'email', value: 'a@b' },
      ],
    }),
    [{ kind: 'token', code: '555' }],
  ],
  [
    'HumanName: every part',
    'name',
    patient({
      name: [{ text: 'A B', family: 'B', given: ['A', null, 'C'], prefix: ['Dr'], suffix: ['III'], use: 'x' }],
    }),
    ['A B', 'B', 'A', 'C', 'Dr', 'III'].map((text) => ({ kind: 'string', text })),
  ],
  [
    'Address: every part',
    'address',
    patient({ address: [{ line: ['1 Road'], city: 'X', postalCode: '1', country: 'NL', use: 'home' }] }),
    ['1 Road', 'X', '1', 'NL'].map((text) => ({ kind: 'string', text })),
  ],
  [
    'a relative reference, with version and display',
    'subject',
    observation({ subject: { reference: 'Patient/1/_history/2', display: 'P' } }),
    [{ kind: 'reference', type: 'Patient', id: '1', version: '2', display: 'P' }],
  ],
  [
    'an absolute reference',
    'subject',
    observation({ subject: { reference: 'https://x.org/fhir/Patient/1/_history/3' } }),
    [{ kind: 'reference', type: 'Patient', id: '1', version: '3', url: 'https://x.org/fhir/Patient/1' }],
  ],
  [
    'a logical reference',
    'subject',
    observation({ subject: { type: 'Patient', identifier: { system: 's', value: 'v' } } }),
    [{ kind: 'reference', type: 'Patient', identifier: { system: 's', value: 'v' } }],
  ],
  [
    'a contained one is only there, with its type',
    'patient',
    observation({ contained: [{ resourceType: 'Patient', id: 'p' }], subject: { reference: '#p' } }),
    [{ kind: 'reference', type: 'Patient' }],
  ],
  ['patient: not a group', 'patient', observation({ subject: { reference: 'Group/1' } }), []],
  [
    'a canonical with its version',
    'questionnaire',
    { resourceType: 'QuestionnaireResponse', questionnaire: 'http://x.org/q|2' },
    [{ kind: 'reference', url: 'http://x.org/q', version: '2' }],
  ],
  [
    'a uri from a canonical: with and without version',
    '_profile',
    observation({ meta: { profile: ['http://x.org/p|1', 'http://x.org/q'] } }),
    ['http://x.org/p|1', 'http://x.org/p', 'http://x.org/q'].map((uri) => ({ kind: 'uri', uri })),
  ],
  [
    'date: a partial one is a span in UTC',
    'birthdate',
    patient({ birthDate: '2020-02' }),
    [{ kind: 'date', low: day('2020-02-01'), high: day('2020-03-01') }],
  ],
  [
    'dateTime with zone, one second',
    'date',
    observation({ effectiveDateTime: '2020-01-01T00:00:00-05:00' }),
    [{ kind: 'date', low: day('2020-01-01T05:00:00Z'), high: day('2020-01-01T05:00:01Z') }],
  ],
  [
    'Period: an open end, and an end that includes its day',
    'date',
    observation({ effectivePeriod: { end: '2020-01-01' } }),
    [{ kind: 'date', low: -Infinity, high: day('2020-01-02') }],
  ],
  [
    'Timing: the hull of events and bounds',
    'date',
    observation({
      effectiveTiming: {
        event: ['2020-05', '2020-01-01'],
        repeat: { boundsPeriod: { start: '2019-12', end: '2020-02' } },
      },
    }),
    [{ kind: 'date', low: day('2019-12-01'), high: day('2020-06-01') }],
  ],
  ['free text is no date', 'date', { resourceType: 'Immunization', occurrenceString: '2020' }, []],
  ['Timing without dates gives nothing', 'date', observation({ effectiveTiming: { repeat: { count: 2 } } }), []],
  [
    'Quantity with its canonical form',
    'value-quantity',
    observation({ valueQuantity: { value: 5.4, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } }),
    [
      {
        kind: 'quantity',
        low: 5.4,
        high: 5.4,
        system: 'http://unitsofmeasure.org',
        code: 'mg',
        unit: 'mg',
        canonical: { unit: 'g', low: 0.0054, high: 0.0054 },
      },
    ],
  ],
  [
    'a comparator opens one end',
    'value-quantity',
    observation({ valueQuantity: { value: 5, comparator: '<', unit: 'x' } }),
    [{ kind: 'quantity', low: -Infinity, high: 5, unit: 'x' }],
  ],
  [
    'SampledData: the bounds of its values',
    'value-quantity',
    observation({
      valueSampledData: { origin: { value: 10, unit: 'mV' }, factor: 2, lowerLimit: -5, data: '1 E -2 L 3.5' },
    }),
    [{ kind: 'quantity', low: -5, high: 17, unit: 'mV' }],
  ],
  [
    'Money',
    'totalgross',
    { resourceType: 'Invoice', totalGross: { value: 3, currency: 'EUR' } },
    [{ kind: 'quantity', low: 3, high: 3, system: 'urn:iso:std:iso:4217', code: 'EUR' }],
  ],
  [
    'a Range for an age',
    'onset-age',
    { resourceType: 'Condition', onsetRange: { low: { value: 1, unit: 'a' }, high: { value: 2, unit: 'a' } } },
    [{ kind: 'quantity', low: 1, high: 2, unit: 'a' }],
  ],
  [
    'a number is a point, a Range has two ends',
    'probability',
    {
      resourceType: 'RiskAssessment',
      prediction: [{ probabilityDecimal: 0.8 }, { probabilityRange: { low: { value: 1 }, high: { value: 2 } } }],
    },
    [
      { kind: 'number', low: 0.8, high: 0.8 },
      { kind: 'number', low: 1, high: 2 },
    ],
  ],
  [
    'a composite takes the parts of one element',
    'component-code-value-quantity',
    observation({
      component: [
        { code: { coding: [{ code: 'a' }] }, valueQuantity: { value: 1 } },
        { code: { coding: [{ code: 'b' }] }, valueQuantity: { value: 2 } },
        { code: { coding: [{ code: 'c' }] } },
      ],
    }),
    [
      { kind: 'composite', parts: [[{ kind: 'token', code: 'a' }], [{ kind: 'quantity', low: 1, high: 1 }]] },
      { kind: 'composite', parts: [[{ kind: 'token', code: 'b' }], [{ kind: 'quantity', low: 2, high: 2 }]] },
    ],
  ],
  [
    'a component from the resource',
    'chromosome-variant-coordinate',
    {
      resourceType: 'MolecularSequence',
      referenceSeq: { chromosome: { coding: [{ code: '1' }] } },
      variant: [{ start: 3, end: 4 }],
    },
    [
      {
        kind: 'composite',
        parts: [
          [{ kind: 'token', code: '1' }],
          [{ kind: 'number', low: 3, high: 3 }],
          [{ kind: 'number', low: 4, high: 4 }],
        ],
      },
    ],
  ],
  [
    'the first resource of a Bundle only',
    'composition',
    {
      resourceType: 'Bundle',
      entry: [
        { resource: { resourceType: 'Composition', id: 'c' } },
        { resource: { resourceType: 'Patient', id: 'p' } },
      ],
    },
    [{ kind: 'reference', type: 'Composition', id: 'c' }],
  ],
];

for (const [name, code, resource, expected] of table) {
  test(`values: ${name}`, () => assert.deepEqual(values(code, resource), expected));
}

test('numbers in their own form are read as plain ones are', () => {
  const text = '{"resourceType":"Observation","valueQuantity":{"value":5.40,"unit":"x"}}';
  const [found] = values('value-quantity', parseJson(Buffer.from(text)) as Resource);
  assert.deepEqual(found, { kind: 'quantity', low: 5.4, high: 5.4, unit: 'x' });
});

test('UCUM: equal amounts have equal canonical forms, amounts of another kind none in common', () => {
  const at = (unit: string, value: number): unknown => {
    const form = unitForm(unit);
    return form && [form.unit, Number((value * form.factor + form.offset).toPrecision(12))];
  };
  assert.deepEqual(at('mg/dL', 100), at('g/L', 1));
  assert.deepEqual(at('[degF]', 98.6), at('Cel', 37));
  assert.deepEqual(at('mmol/L', 1000), at('mol/L', 1));
  assert.notEqual(unitForm('mmol/L')?.unit, unitForm('10*3/uL')?.unit, 'moles are not counts');
  for (const none of ['[pH]', '[iU]/L', 'no such unit', '', 'x'.repeat(5000), 'B[SPL]']) {
    assert.equal(unitForm(none), undefined);
  }
});

test('UCUM: what is no unit is not written anywhere', ({ mock }) => {
  const said = mock.method(console, 'log', () => undefined);
  for (const text of ['Jane Doe', '0parens9', '(((', '{x', '/'.repeat(90), '[m/s2/Hz^(1/2)]x y']) unitForm(text);
  assert.equal(said.mock.callCount(), 0);
});

test('a parameter within others has the values that those have', () => {
  let compared = 0;
  for (const type of resourceTypes) {
    const parameters = parametersOf(type);
    for (let seed = 0; seed < 5; seed++) {
      const resource = randomResource(type, picker(seed));
      const extracted = createExtractor(type)(resource);
      for (const parameter of parameters.values()) {
        const own = valuesOf(resource, parameter);
        const { within, only } = parameter;
        const all = within?.flatMap((code) => extracted.get(code) ?? []) ?? extracted.get(parameter.code) ?? [];
        const held = only && within ? all.filter((one) => one.kind === 'reference' && one.type === only) : all;
        const texts = [own, held].map((some) => some.map((one) => JSON.stringify(one)).sort());
        assert.deepEqual(texts[0], texts[1], `${type} ${parameter.code}`);
        compared += own.length;
      }
    }
  }
  assert.ok(compared > 5000, String(compared));
});

/** Puts arbitrary JSON in the place of some elements. */
function spoil(value: unknown, pick: Pick, junk: readonly unknown[]): unknown {
  if (pick(12) === 0) return junk[pick(junk.length)];
  if (Array.isArray(value)) return value.map((one) => spoil(one, pick, junk));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoil(one, pick, junk)]));
}

test('extraction takes whatever JSON it is given', () => {
  const property = fc.property(fc.integer(), fc.array(fc.jsonValue(), { minLength: 1 }), (seed, junk) => {
    const pick = picker(seed);
    const type = resourceTypes[pick(resourceTypes.length)] ?? '';
    const spoilt = { ...(spoil(randomResource(type, pick), pick, junk) as Resource), resourceType: type };
    for (const values of createExtractor(type)(spoilt).values()) assert.ok(values.length > 0);
    for (const parameter of parametersOf(type).values()) valuesOf(spoilt, parameter);
    textOf(spoilt, 'content');
  });
  fc.assert(property, { numRuns: 300 });
});

test('parameters have fixed numbers, and one of a tenant takes no place of R4’s', () => {
  const all = [...parametersOf('Patient').values()];
  assert.deepEqual(
    all.map(({ number }) => number),
    all.map((_, index) => index),
  );
  assert.equal(parametersOf('Nothing').size, 0);
  assert.deepEqual([...parametersOf('Resource').keys()], ['_profile', '_security', '_source', '_tag']);
  const custom = {
    code: 'name',
    type: 'string',
    url: 'u',
    number: 1000,
    base: ['Patient'],
    target: [],
    expression: 'x',
  };
  assert.equal(parametersOf('Patient', [custom as never]).get('name')?.expression, 'Patient.name');
});

test('a SearchParameter resource becomes a parameter', () => {
  const resource = {
    resourceType: 'SearchParameter',
    url: 'http://x.org/sp',
    code: 'race',
    type: 'token',
    base: ['Patient'],
    expression: "Patient.extension('http://x.org/race').value.ofType(Coding)",
  };
  const custom = compileCustom(resource, 1003);
  const parameter = parametersOf('Patient', [custom]).get('race');
  assert.equal(parameter?.number, 1003);
  const given = patient({ extension: [{ url: 'http://x.org/race', valueCoding: { system: 's', code: 'r' } }] });
  assert.deepEqual(createExtractor('Patient', [custom])(given).get('race'), [
    { kind: 'token', system: 's', code: 'r' },
  ]);
  const beyond = {
    ...resource,
    type: 'string',
    expression: "Patient.birthDate.extension('u').value.select($this & '!')",
  };
  const beside = patient({ birthDate: '2020', _birthDate: { extension: [{ url: 'u', valueString: 'hi' }] } });
  const found = createExtractor('Patient', [compileCustom(beyond, 1004)])(beside).get('race');
  assert.deepEqual(found, [{ kind: 'string', text: 'hi!' }]);
  for (const wrong of [
    { expression: 'Device.type' },
    { expression: 'Patient.(' },
    { code: 'name' },
    { code: '_id' },
    { base: ['Secret'] },
    { type: 'composite' },
    { url: '' },
  ]) {
    assert.throws(() => compileCustom({ ...resource, ...wrong }), { kind: 'invalid' });
  }
});

test('words of a narrative and of the content', () => {
  const resource = patient({
    text: { status: 'generated', div: '<div xmlns="x"><p class="no">Zo&#235; &amp; <b>Ana</b>-Lena</p></div>' },
    name: [{ family: 'Müller' }],
  });
  assert.deepEqual(textOf(resource, 'narrative'), ['zoe', 'ana', 'lena']);
  assert.deepEqual(textOf(resource, 'content'), ['generated', 'zoe', 'ana', 'lena', 'muller']);
});
