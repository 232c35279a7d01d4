import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { compilePath, type PathEnvironment, parseJson, writeJson } from '../index.ts';

const parsed = (json: string): unknown => parseJson(Buffer.from(json));

const patient = parsed(`{"resourceType":"Patient","id":"p1","active":true,
  "birthDate":"1980-02","_birthDate":{"id":"b","extension":[{"url":"http://e.org/x","valueDecimal":1.50}]},
  "_gender":{"extension":[{"url":"http://e.org/absent","valueCode":"unknown"}]},
  "name":[{"use":"official","family":"Muster","given":["Ada","Bea"],"_given":[null,{"id":"g2"}]}],
  "contact":[{"name":{"family":"Kontakt"}}],
  "multipleBirthInteger":2,
  "contained":[{"resourceType":"Organization","id":"o1","name":"Haus"}],
  "managingOrganization":{"reference":"#o1"},
  "generalPractitioner":[{"reference":"Practitioner/7"},
    {"reference":"urn:uuid:9ad5a7bb-9a1f-4c4b-8d3c-5a2b6f3a1a10"}]}`);

const observation = parsed(`{"resourceType":"Observation","status":"final","code":{"text":"x"},
  "valueQuantity":{"value":1.20,"unit":"g","system":"http://unitsofmeasure.org","code":"g"},
  "referenceRange":[{"low":{"value":1,"unit":"drops"},"high":{"value":2,"unit":"drops"}}]}`);

const evaluate = (expression: string, focus: unknown = patient, environment?: PathEnvironment): unknown[] =>
  compilePath(expression).evaluate(focus, environment);

const kindOfFault = (expression: string, focus: unknown = patient): string => {
  try {
    evaluate(expression, focus);
  } catch (error) {
    if (isFault(error)) return error.kind;
    throw error;
  }
  return 'none';
};

describe('FHIRPath: types', () => {
  const types = (expression: string, focus: unknown = patient): string[] =>
    compilePath(expression)
      .nodes(focus)
      .map(({ type }) => type);

  test('each node knows its type', () => {
    assert.deepEqual(types('Patient'), ['Patient']);
    assert.deepEqual(types('name | contact | birthDate | contact.name.family'), [
      'HumanName',
      'Patient.contact',
      'date',
      'string',
    ]);
    assert.deepEqual(types('multipleBirth'), ['integer']);
    assert.deepEqual(types('contained'), ['Organization']);
    assert.deepEqual(types("'a' | 1 | 1.0 | @2020 | 1 'mg'"), [
      'System.String',
      'System.Integer',
      'System.Date',
      'System.Quantity',
    ]);
  });

  test('choices go by the name without the type', () => {
    assert.deepEqual(types('value', observation), ['Quantity']);
    assert.deepEqual(evaluate('valueQuantity', observation), []);
    assert.deepEqual(evaluate('value.ofType(string)', observation), []);
    assert.equal(writeJson(evaluate('value.value', observation)), '[1.20]');
  });

  test('a focus that is not a resource takes its type from the caller', () => {
    const path = compilePath('value.unit', { type: 'Extension' });
    assert.deepEqual(path.evaluate({ url: 'u', valueQuantity: { unit: 'g' } }), ['g']);
    assert.deepEqual(compilePath('start').evaluate({ start: '2020' }, {}, 'Period'), ['2020']);
    assert.deepEqual(compilePath('$this.length()').evaluate('abc', {}, 'code'), [3]);
  });

  test('an unknown focus is still walked by its property names', () => {
    assert.deepEqual(evaluate('a.b', { a: [{ b: 1 }, { b: 'x' }] }), [1, 'x']);
    assert.deepEqual(evaluate('constructor', {}), []);
  });
});

describe('FHIRPath: primitives and what stands beside them', () => {
  test('extension, id, hasValue, getValue', () => {
    assert.equal(writeJson(evaluate("birthDate.extension('http://e.org/x').value")), '[1.50]');
    assert.deepEqual(evaluate('birthDate.id'), ['b']);
    assert.deepEqual(evaluate('name.given.id'), ['g2']);
    assert.deepEqual(evaluate('gender.exists() and gender.hasValue().not()'), [true]);
    assert.deepEqual(evaluate('gender.extension.value'), ['unknown']);
    assert.deepEqual(evaluate('gender'), [], 'an element without a value has no JSON value');
    assert.equal(compilePath('gender').nodes(patient).length, 1);
    assert.deepEqual(evaluate('birthDate.getValue()'), ['1980-02']);
  });
});

describe('FHIRPath: resolve()', () => {
  test('a contained resource is found in the root', () => {
    assert.deepEqual(evaluate('managingOrganization.resolve().name'), ['Haus']);
  });

  test('without an environment the text tells the type, and nothing is read', () => {
    assert.deepEqual(evaluate('generalPractitioner.where(resolve() is Practitioner).reference'), ['Practitioner/7']);
    assert.deepEqual(evaluate('generalPractitioner.where(resolve() is Patient)'), []);
  });

  test('with an environment it answers', () => {
    const asked: string[] = [];
    const resolve = (reference: string) => {
      asked.push(reference);
      return reference === 'Practitioner/7' ? { resourceType: 'Practitioner', id: '7', active: true } : undefined;
    };
    assert.deepEqual(evaluate('generalPractitioner.resolve().active', patient, { resolve }), [true]);
    assert.equal(asked.length, 2);
  });
});

describe('FHIRPath: numbers, quantities, time', () => {
  test('decimals are exact', () => {
    assert.equal(writeJson(evaluate('0.1 + 0.2')), '[0.3]');
    assert.equal(writeJson(evaluate('1.10 + 1')), '[2.10]');
    assert.deepEqual(evaluate('0.1 + 0.2 = 0.3 and 12345678901234567890.1 != 12345678901234567890.2'), [true]);
    assert.deepEqual(evaluate('2147483647 + 1'), [], 'an overflow is empty');
  });

  test('a written number compares by its value, not by its form', () => {
    assert.deepEqual(evaluate('value.value = 1.2', observation), [true]);
    assert.deepEqual(evaluate("value = 1200 'mg'", observation), [true]);
    assert.deepEqual(evaluate("value = 1 'm'", observation), []);
  });

  test('units without a code compare with themselves', () => {
    assert.deepEqual(evaluate('referenceRange.all(low.empty() or high.empty() or (low <= high))', observation), [true]);
  });

  test('temperatures convert by more than a factor', () => {
    assert.deepEqual(evaluate("37 'Cel' = 98.6 '[degF]'"), [true]);
  });

  test('what precision leaves open is empty', () => {
    assert.deepEqual(evaluate('birthDate < @1980-02-10'), []);
    assert.deepEqual(evaluate('birthDate < @1980-03'), [true]);
    assert.deepEqual(evaluate('@2012-04-15T15:00:00Z < @2013-01-01T00:00:00'), [true]);
    assert.deepEqual(evaluate('@2020-01-31 + 1 month'), ['2020-02-29']);
    assert.deepEqual(evaluate('@T23:30 + 1 hour'), ['00:30']);
  });

  test('one evaluation has one instant', () => {
    const now = new Date('2026-03-01T10:00:00Z');
    assert.deepEqual(evaluate('now()', patient, { now }), ['2026-03-01T10:00:00.000Z']);
    assert.deepEqual(evaluate('now() = now()'), [true]);
  });
});

describe('FHIRPath: environment', () => {
  test('variables, %resource and the callbacks', () => {
    assert.deepEqual(evaluate('%a + %b.count()', patient, { variables: { a: 1, b: [1, 2] } }), [3]);
    assert.deepEqual(evaluate('%resource.id', { use: 'old' }, { resource: patient as never }), ['p1']);
    assert.deepEqual(evaluate('%context.use', { use: 'old' }), ['old']);
    const memberOf = (valueSet: string, value: unknown) => valueSet === 'v' && value === 'official';
    assert.deepEqual(evaluate("name.use.memberOf('v')", patient, { memberOf }), [true]);
    assert.deepEqual(evaluate("name.use.memberOf('v')"), [], 'unknown without a terminology');
    const seen: unknown[] = [];
    evaluate("name.given.trace('t')", patient, { trace: (name, values) => seen.push(name, values) });
    assert.deepEqual(seen, ['t', ['Ada', 'Bea']]);
  });

  test('defineVariable holds for its own chain', () => {
    assert.deepEqual(evaluate("name.defineVariable('n', family).given.select($this & ' ' & %n)"), [
      'Ada Muster',
      'Bea Muster',
    ]);
    assert.equal(kindOfFault("name.select(defineVariable('n', family).given) | %n"), 'unprocessable');
  });
});

describe('FHIRPath: test()', () => {
  const holds = (expression: string): boolean => compilePath(expression).test(patient);

  test('true and a single item hold; false and nothing do not', () => {
    assert.equal(holds('active'), true);
    assert.equal(holds('name.first()'), true);
    assert.equal(holds('active.not()'), false);
    assert.equal(holds('photo'), false);
    assert.equal(holds('photo.title = 1'), false);
    assert.throws(() => holds('name.given'), { kind: 'unprocessable' });
  });
});

describe('FHIRPath: refusals', () => {
  test('a syntax error tells its place and quotes nothing', () => {
    for (const [expression, place] of [
      ['name.', 6],
      ['name.where(', 12],
      ['name..given', 6],
      ["'open", 1],
      ['name.nosuch()', 6],
      ['name.where()', 6],
      ['value as Nosuch', 7],
      ['@2020-13', 1],
      ['1 +* 2', 4],
    ] as const) {
      assert.throws(
        () => compilePath(expression),
        (error) => isFault(error) && error.kind === 'invalid' && error.message.endsWith(`at character ${place}.`),
        expression,
      );
    }
  });

  test('an evaluation without an answer quotes no value', () => {
    for (const expression of [
      'name.family > 1',
      'name.given.single()',
      'name.family + 1',
      '%nosuch',
      'name.length()',
    ]) {
      assert.throws(
        () => evaluate(expression),
        (error) => isFault(error) && error.kind === 'unprocessable' && !/Muster|Ada|nosuch/.test(error.message),
        expression,
      );
    }
  });

  test('strict: an element that the type does not have is an error', () => {
    assert.deepEqual(evaluate('name.nosuch'), []);
    assert.throws(() => compilePath('name.nosuch', { strict: true }).evaluate(patient), { kind: 'unprocessable' });
    assert.deepEqual(compilePath('name.period', { strict: true }).evaluate(patient), []);
  });
});
