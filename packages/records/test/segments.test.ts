import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJson, writeJson } from '@safeguard/fhir';
import { isFault, type JsonObject } from '@safeguard/kernel';
import fc from 'fast-check';
import { createSplit, join, type Rule, type SegmentMap, segmentMap, split } from '../segments/index.ts';
import { type Instance, instance, instances, type Plant, quoted, types } from './segments-instance.ts';

/** A deep copy that keeps raw numbers, which structuredClone refuses. */
function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (typeof value !== 'object' || value === null || 'rawJSON' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copy(one)])) as T;
}

const foundIn = (value: unknown, plants: readonly Plant[]): string[] => {
  const text = JSON.stringify(value) ?? '';
  return plants.filter((plant) => text.includes(quoted(plant))).map((plant) => plant.at);
};

const read = (text: string): JsonObject => parseJson(Buffer.from(text)) as JsonObject;

describe('split and join', () => {
  it('are inverse for random resources of every type, and change neither argument', () => {
    for (const type of types) {
      const property = fc.property(instances(type), ({ resource }) => {
        const before = copy(resource);
        const { clinical, identity } = split(resource);
        const parts = copy({ clinical, identity });
        deepStrictEqual(join(clinical, identity), before);
        deepStrictEqual(resource, before);
        deepStrictEqual({ clinical, identity }, parts);
        const stored = JSON.parse(JSON.stringify({ clinical, identity }));
        deepStrictEqual(join(stored.clinical, stored.identity), JSON.parse(JSON.stringify(resource)));
      });
      fc.assert(property, { numRuns: 15, seed: 7 });
    }
  });

  it('lift exactly what the map names, in every type', () => {
    for (const type of types) {
      for (const seed of [3, 4]) {
        const { resource, plants } = instance(type, seed, 0.8, 2);
        const { clinical, identity } = split(resource);
        const lifted = plants.filter((plant) => plant.lifted);
        const kept = plants.filter((plant) => !plant.lifted);
        deepStrictEqual(foundIn(clinical, lifted), [], `${type}: identity stands in clinical`);
        deepStrictEqual(foundIn(identity, kept), [], `${type}: lifted too much`);
        equal(foundIn(identity, lifted).length, lifted.length, `${type}: identity was lost`);
      }
    }
  });

  it('part a Patient as the README shows', () => {
    const patient = {
      resourceType: 'Patient',
      name: [{ family: 'Berg', _family: { id: 'a' } }],
      gender: 'female',
      birthDate: '1970-01-02',
      _birthDate: {
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1' }],
      },
      deceasedBoolean: true,
      generalPractitioner: [{ reference: 'Practitioner/1', display: 'Dr. Ek' }, { display: 'Dr. Al' }],
      extension: [
        { url: 'http://example.org/nickname', valueString: 'Ida' },
        { url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex', valueCode: 'F' },
      ],
    };
    const { clinical, identity } = split(patient);
    deepStrictEqual(clinical, {
      resourceType: 'Patient',
      gender: 'female',
      deceasedBoolean: true,
      generalPractitioner: [{ reference: 'Practitioner/1' }, {}],
      extension: [{}, patient.extension[1]],
      $coarse: { birthYear: 1970 },
    });
    deepStrictEqual(identity, {
      name: [patient.name],
      birthDate: ['1970-01-02'],
      _birthDate: [patient._birthDate],
      generalPractitioner: { 0: { display: ['Dr. Ek'] }, 1: { display: ['Dr. Al'] } },
      extension: { 0: [patient.extension[0]] },
    });
  });

  it('give back the very resource when there is nothing to lift', () => {
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
    equal(split(observation).clinical, observation);
    equal(split(observation).identity, undefined);
    equal(join(observation, undefined), observation);
  });

  it('keep decimals as they were written, on both sides', () => {
    const text =
      '{"resourceType":"Location","position":{"longitude":1.00,"latitude":-83.690000000000001},' +
      '"extension":[{"url":"x","valueDecimal":1.50},{"url":"y","valueUrl":"https://a.example"}]}';
    const { clinical, identity } = split(read(text));
    equal(writeJson(join(read(writeJson(clinical)), read(writeJson(identity)) as never)).includes('1.50'), true);
    ok(writeJson(identity).includes('-83.690000000000001') && writeJson(identity).includes('1.00'));
  });

  it('walk as deep as JSON is read, and never into a prototype', () => {
    const deep = (levels: number): string =>
      levels === 0 ? '{"url":"y","valueUrl":"https://a.example"}' : `{"url":"x","extension":[${deep(levels - 1)}]}`;
    const basic = read(`{"resourceType":"Basic","extension":[${deep(95)}]}`);
    const { clinical, identity } = split(basic);
    ok(!writeJson(clinical).includes('a.example'));
    deepStrictEqual(join(clinical, identity), basic);
    const odd = read('{"resourceType":"Basic","__proto__":{"polluted":1},"identifier":[{"value":"1"}]}');
    const parted = split(odd);
    deepStrictEqual(Object.keys(parted.clinical), ['resourceType', '__proto__']);
    deepStrictEqual(writeJson(join(parted.clinical, parted.identity)), writeJson(odd));
    const forged = join({ resourceType: 'Basic' }, JSON.parse('{"__proto__":[{"polluted":1}]}'));
    equal((forged as { polluted?: number }).polluted, undefined);
    throws(() => join({ resourceType: 'Basic' }, JSON.parse('{"constructor":{"name":["x"]}}')), isFault);
  });

  it('refuse parts that do not belong together, and unknown types; an unknown contained one is lifted whole', () => {
    throws(() => join({ resourceType: 'Basic', code: {} }, { subject: { display: ['x'] } }), isFault);
    throws(() => join({ resourceType: 'Basic', extension: [{}] }, { extension: { 1: [{}] } }), isFault);
    throws(() => join({ resourceType: 'Basic', extension: [{}] }, { extension: { length: [0] } }), isFault);
    throws(() => split({ resourceType: 'constructor' }), isFault);
    const strange = { resourceType: 'Basic', contained: [{ resourceType: 'Nobody', secret: 'x' }] };
    deepStrictEqual(split(strange).clinical, { resourceType: 'Basic', contained: [{}] });
  });
});

/** What stands in clinical although the full map lifts it, when splitting with another map. */
const leaks = ({ resource, plants }: Instance, map: SegmentMap): string[] =>
  foundIn(
    createSplit(map)(resource).clinical,
    plants.filter((plant) => plant.lifted),
  );

const without = (rule: Rule): SegmentMap => ({
  ...segmentMap,
  types: segmentMap.types.filter((one) => one !== rule),
  paths: segmentMap.paths.filter((one) => one !== rule),
});

function* candidates(rule: Rule): Generator<Instance> {
  const root = rule.at.split('.')[0] ?? '';
  const where = types.includes(root) ? [root] : types;
  for (let seed = 1; seed <= 40; seed++) for (const type of where.slice(0, 40)) yield instance(type, seed, 0.8, 2);
}

describe('negative control', () => {
  it('the canaries are found in clinical when any one rule of the map is taken away', () => {
    for (const rule of [...segmentMap.types, ...segmentMap.paths]) {
      const broken = without(rule);
      ok(
        candidates(rule).some((one) => leaks(one, broken).length > 0),
        `without ${rule.at} nothing leaks: the rule or the canaries do nothing`,
      );
    }
  });

  it('and when extensions of persons, or identifying urls, are not looked at', () => {
    const patients = [1, 2, 3, 4, 5, 6].map((seed) => instance('Patient', seed, 0.8, 2));
    ok(patients.some((one) => leaks(one, { ...segmentMap, persons: [] }).length > 0));
    const observations = types.map((type) => instance(type, 5, 0.8, 2));
    ok(observations.some((one) => leaks(one, { ...segmentMap, identityExtensions: [] }).length > 0));
  });
});
