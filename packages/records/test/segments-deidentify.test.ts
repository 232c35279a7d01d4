import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { typeDefinition, validate } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { createDecide, createShow, type MaskedView, segmentMap, show, split, viewRules } from '../segments/index.ts';
import { type Instance, instance, type Plant, quoted, types } from './segments-instance.ts';

const year = 2026;
const views = Object.keys(viewRules) as MaskedView[];
const deidentify = (clinical: JsonObject): JsonObject => show(clinical, 'without-identity', year);
const view = (resource: JsonObject, as: MaskedView = 'without-identity'): JsonObject =>
  show(split(resource).clinical, as, year);
const decide = createDecide();

/** By the decision about its element: what may never stand in the view. */
function hidden(plant: Plant): boolean {
  const dot = plant.at.lastIndexOf('.');
  const [owner, name] = [plant.at.slice(0, dot), plant.at.slice(dot + 1)];
  const type = typeDefinition(owner)?.elements.get(name)?.types[0] ?? '';
  return plant.lifted || decide(owner, name, type) !== 'clinical';
}

const shownOf = (plants: readonly Plant[], value: unknown): string[] => {
  const text = JSON.stringify(value);
  return plants.filter((plant) => text.includes(quoted(plant))).map((plant) => plant.at);
};

/** Paths of empty objects, empty lists, and nulls that no `_element` explains: none is valid FHIR. */
function* hollow(value: unknown, at: string): Generator<string> {
  if (Array.isArray(value)) {
    if (value.length === 0 || (!at.includes('_') && value.every((one) => one === null))) yield at;
    for (const [index, one] of value.entries()) yield* hollow(one, `${at}.${index}`);
  } else if (typeof value === 'object' && value !== null) {
    if (Object.keys(value).length === 0) yield at;
    for (const [name, one] of Object.entries(value)) yield* hollow(one, `${at}.${name}`);
  }
}

const sample = function* (): Generator<readonly [string, Instance]> {
  for (const type of types) for (const seed of [3, 4, 7]) yield [type, instance(type, seed, 0.7, 2)];
};

const masked = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
};

describe('the views without identity', () => {
  it('shows nothing that was lifted and no free text, of any type, and is not hollow', () => {
    for (const [type, { resource, plants }] of sample()) {
      for (const as of views) {
        const seen = view(resource, as);
        deepStrictEqual(shownOf(plants.filter(hidden), seen), [], `${type} ${as}`);
        deepStrictEqual([...hollow(seen, type)], [], as);
      }
    }
  });

  it('is R4 in structure, and breaks no invariant but those that ask for what was lifted', () => {
    // A name or an identifier (an organisation, a plan), the id of an element (a snapshot's).
    const needLifted = new Set(['ipn-1', 'org-1', 'sdf-16', 'sdf-17']);
    // Random instances break invariants of their own; what counts is what the view breaks besides.
    const found = (resource: JsonObject): Set<string> => new Set(validate(resource).map(({ text }) => text));
    const broken = new Set<string>();
    for (const [, { resource }] of sample()) {
      const before = found(resource);
      for (const as of views) {
        for (const text of found(view(resource, as)).difference(before)) {
          broken.add(/\(([a-z]+-\d+)\)$/.exec(text)?.[1] ?? text);
        }
      }
    }
    deepStrictEqual([...broken.difference(needLifted)].sort(), []);
  });

  it('does not change the clinical part, and says in meta what it is', () => {
    const clinical = { resourceType: 'Basic', meta: { tag: [{ code: 'a' }] }, code: { text: 'x' } };
    const before = structuredClone(clinical);
    const seen = deidentify(clinical);
    deepStrictEqual(clinical, before);
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
    deepStrictEqual(seen.meta, {
      tag: [{ code: 'a' }, { system, code: 'SUBSETTED' }],
      security: [
        { system, code: 'PSEUDED' },
        { system, code: 'MASKED' },
      ],
    });
    deepStrictEqual(seen.code, { _text: masked });
  });

  it('masks words in lists one by one, and keeps the padding of those it shows', () => {
    const seen = view({
      resourceType: 'ServiceRequest',
      instantiatesUri: ['urn:a', null],
      _instantiatesUri: [null, { extension: [{ url: 'http://x.example', valueString: 'Ida Berg' }] }],
      note: [{ text: 'Ida came', _text: { id: 'ida' }, authorString: 'Ida', time: '2020-01-01' }],
    });
    deepStrictEqual(seen.instantiatesUri, ['urn:a', null]);
    deepStrictEqual(seen._instantiatesUri, [null, { extension: [{ url: 'http://x.example', _valueString: masked }] }]);
    deepStrictEqual(seen.note, [{ _text: masked, time: '2020-01-01' }]);
    const substance = { resourceType: 'MedicinalProductInteraction', description: 'Ida' };
    equal(view(substance).description, 'Ida', 'definitional types are about nobody');
  });

  it('says masked where a mandatory element was lifted', () => {
    const seen = view({
      resourceType: 'MessageHeader',
      eventUri: 'urn:e',
      source: { endpoint: 'https://a.example' },
      destination: [{ endpoint: 'https://b.example' }],
    });
    deepStrictEqual(seen.source, { ...masked, _endpoint: masked });
    equal('destination' in seen, false);
    deepStrictEqual(view({ resourceType: 'Media', status: 'completed', content: { title: 'Ida' } }).content, masked);
  });

  it('shows a reference only when it is ours, a display only beside a code, and no id of an element', () => {
    const id = '6a1f0b0e-0000-4000-8000-000000000001';
    const references = [`Patient/${id}`, '#c1', `urn:uuid:${id}`, `Patient/${id}/_history/2`];
    const others = ['Patient/ida-berg', 'https://a.example/Patient/1', 'Patient?identifier=a|1'];
    const list = [...references, ...others].map((reference) => ({ item: { reference } }));
    const coding = [{ id: 'ida', code: 'a', display: 'A' }, { display: 'Ida Berg' }];
    const seen = view({ resourceType: 'List', entry: list, code: { coding } });
    deepStrictEqual(seen.entry, [...list.slice(0, 4), ...others.map(() => ({ item: { _reference: masked } }))]);
    deepStrictEqual(seen.code, { coding: [{ code: 'a', display: 'A' }, { _display: masked }] });
  });

  it('leaves a mark where a modifier extension is not shown, and drops other extensions that lost their value', () => {
    const lost = { url: 'http://x.example', valueHumanName: { family: 'Berg' } };
    const seen = view({ resourceType: 'Basic', extension: [lost], modifierExtension: [lost] });
    equal('extension' in seen, false);
    deepStrictEqual(seen.modifierExtension, masked.extension);
    const person = view({ resourceType: 'Person', extension: [{ url: 'http://x.example', valueCode: 'a' }] });
    equal('extension' in person, false);
  });

  it('drops what is lifted by the map of today, should it stand in an older clinical part', () => {
    deepStrictEqual(
      deidentify({ resourceType: 'Patient', name: [{ family: 'Berg' }], invented: 'Ida' }).name,
      undefined,
    );
    equal('invented' in deidentify({ resourceType: 'Patient', invented: 'Ida' }), false);
  });

  it('negative control: with a map that forgets a rule the canaries are seen, though no words even then', () => {
    const broken = createShow({ ...segmentMap, types: segmentMap.types.filter(({ at }) => at !== 'Identifier') });
    const seen = types.flatMap((type) => {
      const { resource, plants } = instance(type, 4, 0.7, 2);
      return shownOf(plants.filter(hidden), broken(resource, 'without-identity', year));
    });
    ok(seen.includes('Period.start'), 'Identifier.period');
    deepStrictEqual(
      [...new Set(seen)].filter((at) => at.startsWith('Identifier.')),
      [],
    );
  });
});
