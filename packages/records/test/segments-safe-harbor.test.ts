import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@safeguard/kernel';
import fc from 'fast-check';
import { restrictedZips } from '../segments/coarse.ts';
import { type MaskedView, show, split } from '../segments/index.ts';
import { instances, types } from './segments-instance.ts';

const year = 2026;
const view = (resource: JsonObject, as: MaskedView = 'deidentified', now = year): JsonObject => {
  const { meta: _labels, ...rest } = show(split(resource).clinical, as, now);
  return rest;
};
const masked = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
};
const ucum = 'http://unitsofmeasure.org';
const years = (value: number): JsonObject => ({ value, unit: 'a', system: ucum, code: 'a' });

describe('dates in the view deidentified', () => {
  it('are cut to the year, in UTC; an instant to its first moment; a time of day is masked', () => {
    const seen = view({
      resourceType: 'Observation',
      status: 'final',
      effectivePeriod: { start: '2019-12-31T23:30:00-05:00', end: '2021-03' },
      issued: '2020-05-03T10:11:12.123Z',
      valueTime: '10:11:12',
      component: [{ valueDateTime: '2020-05-03' }],
    });
    deepStrictEqual(seen.effectivePeriod, { start: '2020', end: '2021' });
    deepStrictEqual([seen.issued, seen._valueTime], ['2020-01-01T00:00:00.000Z', masked]);
    deepStrictEqual(seen.component, [{ valueDateTime: '2020', code: masked }]);
  });

  it('of a timing too, all of a list or none', () => {
    const timing = (event: string[]): unknown => {
      const { occurrenceTiming } = view({ resourceType: 'ServiceRequest', occurrenceTiming: { event } });
      return occurrenceTiming;
    };
    deepStrictEqual(timing(['2020-05-03', '2021-01-02T10:00:00Z']), { event: ['2020', '2021'] });
    deepStrictEqual(timing(['2020-05-03', '1930-01-02']), { _event: [masked, masked] });
  });

  it('are not told at all where their year tells an age over 89, as of the year it is', () => {
    const onset = (onsetDateTime: string, now: number): unknown => {
      const seen = view({ resourceType: 'Condition', onsetDateTime }, 'deidentified', now);
      return seen.onsetDateTime ?? seen._onsetDateTime;
    };
    deepStrictEqual([onset('1937-05-03', 2026), onset('1936-05-03', 2026)], ['1937', masked]);
    deepStrictEqual(onset('1937-05-03', 2027), masked);
  });

  it('stay as they are in the other views', () => {
    const resource = { resourceType: 'Condition', onsetDateTime: '1930-05-03T10:00:00Z' };
    for (const as of ['without-identity', 'limited'] as const) {
      equal(view(resource, as).onsetDateTime, '1930-05-03T10:00:00Z');
    }
  });
});

describe('ages in the view deidentified', () => {
  const onset = (onsetAge: JsonObject): unknown => view({ resourceType: 'Condition', onsetAge }).onsetAge;
  const old = { value: 90, comparator: '>=', unit: 'a', system: ucum, code: 'a' };

  it('over 89 are told together, in whatever unit of time', () => {
    deepStrictEqual(onset(years(89)), years(89));
    deepStrictEqual(onset(years(89.5)), years(89));
    for (const age of [
      years(90),
      years(104),
      { value: 1200, unit: 'months' },
      { value: 36_000, system: ucum, code: 'd' },
    ]) {
      deepStrictEqual(onset(age), old);
    }
    deepStrictEqual(onset({ ...years(95), comparator: '<' }), undefined, 'it would tell that it is not more');
  });

  it('in ranges, quantities of observations, and numbers of observations of an age', () => {
    const range = (low: number, high: number): unknown =>
      view({ resourceType: 'Condition', onsetRange: { low: years(low), high: years(high) } }).onsetRange;
    deepStrictEqual(range(40, 50), { low: years(40), high: years(50) });
    deepStrictEqual(range(85, 95), { low: years(85) });
    deepStrictEqual(range(93, 95), { low: years(90) });
    const age = { coding: [{ system: 'http://loinc.org', code: '30525-0' }] };
    const observed = (value: JsonObject): JsonObject => view({ resourceType: 'Observation', code: age, ...value });
    deepStrictEqual(observed({ valueQuantity: { value: 95 } }).valueQuantity, old);
    deepStrictEqual(observed({ valueInteger: 95 })._valueInteger, masked);
    equal(observed({ valueInteger: 59 }).valueInteger, 59);
    const answer = (valueInteger: number): unknown =>
      view({ resourceType: 'QuestionnaireResponse', item: [{ linkId: '1', answer: [{ valueInteger }] }] }).item;
    deepStrictEqual(answer(95), [{ linkId: '1', answer: [{ _valueInteger: masked }] }]);
    deepStrictEqual(answer(27), [{ linkId: '1', answer: [{ valueInteger: 27 }] }]);
  });

  it('are left out where the year beside them would tell a birth too long ago', () => {
    const told = (recordedDate: string, age: number): boolean =>
      'onsetAge' in view({ resourceType: 'Condition', recordedDate, onsetAge: years(age) });
    deepStrictEqual([told('2020-01-02', 50), told('1985-01-02', 40), told('1985-01-02', 60)], [true, true, false]);
  });

  it('of other quantities nothing changes', () => {
    const weight = { value: 95, unit: 'kg', system: ucum, code: 'kg' };
    deepStrictEqual(view({ resourceType: 'Observation', valueQuantity: weight }).valueQuantity, weight);
  });
});

describe('a Patient', () => {
  const patient = (more: JsonObject): JsonObject => ({
    resourceType: 'Patient',
    gender: 'female',
    birthDate: '1980-05-03',
    address: [
      { use: 'old', state: 'TX', postalCode: '73301' },
      { line: ['1 Elm'], city: 'Lynn', state: 'Massachusetts', postalCode: '01901' },
    ],
    ...more,
  });

  it('shows year of birth and death, state and three digits of the ZIP code, from the clinical part alone', () => {
    const { clinical } = split(patient({ deceasedDateTime: '2020-05-03' }));
    ok(!JSON.stringify(clinical).includes('1901') && !JSON.stringify(clinical).includes('Lynn'));
    const { meta: _meta, ...seen } = show(clinical, 'deidentified', year);
    deepStrictEqual(seen, {
      resourceType: 'Patient',
      gender: 'female',
      birthDate: '1980',
      deceasedDateTime: '2020',
      address: [{ state: 'MA', postalCode: '019', country: 'US' }],
    });
    equal(show(clinical, 'limited', year).birthDate, '1980');
    const { meta, ...pseudonymous } = show(clinical, 'without-identity', year);
    ok(meta);
    deepStrictEqual(pseudonymous, { resourceType: 'Patient', gender: 'female' });
  });

  it('tells no year to somebody over 89, no prefix of few people, and no words that are no state', () => {
    const old = view(patient({ birthDate: '1936-12-31', deceasedDateTime: '1936' }));
    deepStrictEqual([old._birthDate, old.deceasedBoolean], [masked, true]);
    equal(show(split(patient({ birthDate: '1936-12-31' })).clinical, 'limited', year).birthDate, '1936');
    const place = (state: string, postalCode: string, country = 'US'): unknown =>
      view(patient({ address: [{ state, postalCode, country }] })).address;
    equal(restrictedZips.size, 17);
    for (const zip of restrictedZips) {
      deepStrictEqual(place('VT', `${zip}12-3456`), [{ state: 'VT', postalCode: '000', country: 'US' }]);
    }
    equal(place('Ida Berg', 'Ida Berg'), undefined);
    equal(place('MA', '12345', 'DE'), undefined);
  });
});

describe('what the sender chose', () => {
  it('is shown where a public body published it: codes, units, profiles, extensions', () => {
    const local = { system: 'http://clinic.example/codes', code: 'ida-berg', display: 'Ida' };
    const loinc = { system: 'http://loinc.org', code: '8867-4', display: 'Ida Berg', version: '2021-05-03' };
    const seen = view({
      resourceType: 'Observation',
      meta: { profile: ['http://clinic.example/p', 'http://hl7.org/fhir/us/core/StructureDefinition/a'], tag: [local] },
      extension: [{ url: 'http://clinic.example/ida', valueCode: 'a' }],
      code: { coding: [local, loinc] },
      valueQuantity: { value: 1, unit: 'Ida Berg', system: ucum, code: '/min' },
      instantiatesCanonical: 'http://clinic.example/ida',
    });
    deepStrictEqual(seen.code, { coding: [{ system: 'http://loinc.org', code: '8867-4' }] });
    deepStrictEqual(seen.valueQuantity, { value: 1, _unit: masked, system: ucum, code: '/min' });
    ok(!JSON.stringify(seen).includes('clinic') && !('extension' in seen));
    const limited = show({ resourceType: 'Observation', code: { coding: [local] } }, 'limited', year);
    deepStrictEqual(limited.code, { coding: [local] });
  });

  it('ids of contained resources are called by their places, wherever they are referred to', () => {
    const seen = view({
      resourceType: 'Observation',
      contained: [
        { resourceType: 'Specimen', id: 'mrn-77' },
        { resourceType: 'Device', id: 'berg', parent: { reference: '#mrn-77' } },
      ],
      specimen: { reference: '#mrn-77' },
      device: { reference: '#berg' },
      focus: [{ reference: '#nobody' }],
    });
    deepStrictEqual(seen.contained, [
      { resourceType: 'Specimen', id: 'c0' },
      { resourceType: 'Device', id: 'c1', parent: { reference: '#c0' } },
    ]);
    deepStrictEqual(
      [seen.specimen, seen.device, seen.focus],
      [{ reference: '#c0' }, { reference: '#c1' }, [{ _reference: masked }]],
    );
  });
});

describe('every view of every type', () => {
  const views: readonly MaskedView[] = ['without-identity', 'limited', 'deidentified'];
  const leaves = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(leaves);
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];
  };
  /** What a view may say of its own. */
  const own = (text: string): boolean =>
    /^(?:c\d+|\d{4}(?:-01-01T00:00:00\.000Z)?|masked|a|>=|90|89|US|true|null|\d{3}|[A-Z]{2})$/.test(text) ||
    /data-absent-reason$|v3-ObservationValue$|^(?:PSEUDED|MASKED|SUBSETTED)$|unitsofmeasure/.test(text);

  it('shows no value that did not stand there, but cut dates, marks and labels', () => {
    const any = fc.constantFrom(...types).chain((type) => instances(type));
    fc.assert(
      fc.property(any, fc.constantFrom(...views), ({ resource }, as) => {
        const before = new Set(leaves(resource));
        deepStrictEqual(
          leaves(view(resource, as)).filter((text) => !before.has(text) && !own(text)),
          [],
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is the same when it is seen through a second time', () => {
    const any = fc.constantFrom(...types).chain((type) => instances(type));
    fc.assert(
      fc.property(any, fc.constantFrom(...views), ({ resource }, as) => {
        const once = view(resource, as);
        const { meta: _meta, ...twice } = show(once, as, year);
        // What the clinical part holds beside its elements is told once.
        const { birthDate, deceasedDateTime, address, _birthDate, ...rest } = once;
        deepStrictEqual(twice, resource.resourceType === 'Patient' ? rest : once);
        ok(birthDate === undefined || deceasedDateTime === undefined || address !== once);
        equal(_birthDate, once._birthDate);
      }),
      { numRuns: 300 },
    );
  });
});
