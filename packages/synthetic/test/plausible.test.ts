import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filtrationRate, totalCholesterol } from '../blood.ts';
import { bmiOf } from '../body.ts';
import { syntheticPatients } from '../index.ts';
import type { Resource } from '../types.ts';

type Figures = Record<string, number>;
const bundles = [...syntheticPatients({ seed: 'plausible', count: 150, facilities: false })];
const all = bundles.flatMap(({ entry }) => entry.map(({ resource }) => resource));
const ofType = (type: string): Resource[] => all.filter(({ resourceType }) => resourceType === type);

type Coded = { code: { coding: { code: string }[] }; valueQuantity?: { value: number }; component?: Coded[] };
const codeOf = (thing: Coded): string => thing.code.coding[0]?.code ?? '';

/** The figures of each encounter, by LOINC code. */
function byEncounter(entries: readonly { resource: Resource }[]): Figures[] {
  const visits = new Map<string, Figures>();
  for (const { resource } of entries) {
    if (resource.resourceType !== 'Observation') continue;
    const key = JSON.stringify([resource.encounter, resource.effectiveDateTime]);
    const figures = visits.get(key) ?? {};
    visits.set(key, figures);
    const observation = resource as unknown as Coded;
    for (const part of [observation, ...(observation.component ?? [])]) {
      if (part.valueQuantity) figures[codeOf(part)] = part.valueQuantity.value;
    }
  }
  return [...visits.values()];
}

const within = (value: number | undefined, low: number, high: number, what: string): void => {
  assert.ok(value !== undefined && value >= low && value <= high, `${what}: ${value}`);
};

test('vital signs stay within what a living body shows, and agree with one another', () => {
  let measured = 0;
  for (const figures of bundles.flatMap(({ entry }) => byEncounter(entry))) {
    if (figures['8302-2'] === undefined) continue;
    measured += 1;
    within(figures['8302-2'], 40, 215, 'height');
    within(figures['29463-7'], 1.8, 200, 'weight');
    assert.equal(figures['39156-5'], bmiOf(figures['29463-7'] ?? 0, figures['8302-2']));
    within(figures['8480-6'], 55, 220, 'systolic');
    within((figures['8480-6'] ?? 0) - (figures['8462-4'] ?? 0), 20, 115, 'pulse pressure');
    within(figures['8867-4'], 40, 200, 'pulse');
    within(figures['9279-1'], 8, 60, 'breaths');
    within(figures['8310-5'], 35.5, 41, 'temperature');
    within(figures['2708-6'], 85, 100, 'saturation');
  }
  assert.ok(measured > 500, `${measured}`);
});

test('laboratory figures agree with one another', () => {
  const panels = bundles
    .flatMap(({ entry }) => byEncounter(entry))
    .filter((figures) => figures['2093-3'] !== undefined);
  assert.ok(panels.length > 200);
  for (const panel of panels) {
    const parts = [panel['18262-6'], panel['2085-9'], panel['2571-8']].map((value) => value ?? 0);
    assert.equal(panel['2093-3'], totalCholesterol(parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0));
    within(panel['4548-4'], 4, 14, 'HbA1c');
    within(panel['2339-0'], 50, 400, 'glucose');
    within(panel['33914-3'], 5, 160, 'eGFR');
  }
  // CKD-EPI 2021: the National Kidney Foundation's calculator gives the same.
  assert.equal(filtrationRate(1, 50, 'male'), 92);
  assert.equal(filtrationRate(1, 50, 'female'), 69);
});

test('diabetics have the sugar of diabetics, and are treated', () => {
  const isDiabetes = (resource: Resource): boolean =>
    resource.resourceType === 'Condition' && codeOf(resource as unknown as Coded) === '44054006';
  const sugars = (diabetic: boolean): number[] =>
    bundles
      .filter(({ entry }) => entry.some(({ resource }) => isDiabetes(resource)) === diabetic)
      .flatMap(({ entry }) => byEncounter(entry).map((figures) => figures['4548-4']))
      .filter((value) => value !== undefined);
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(mean(sugars(true)) > mean(sugars(false)) + 1);
  for (const { entry } of bundles.filter((bundle) => bundle.entry.some(({ resource }) => isDiabetes(resource)))) {
    const orders = entry.filter(({ resource }) => resource.resourceType === 'MedicationRequest');
    assert.ok(orders.length > 0);
  }
});

test('nothing happens before birth or after death or today', () => {
  for (const { entry } of bundles) {
    const patient = entry[0]?.resource as { birthDate?: string; deceasedDateTime?: string };
    const born = patient.birthDate ?? '';
    const end = patient.deceasedDateTime?.slice(0, 10) ?? '2026-01-01';
    for (const { resource } of entry.filter(({ resource: { resourceType } }) => resourceType !== 'Device')) {
      const { birthDate: _, ...rest } = resource;
      if (resource.resourceType === 'Patient' || resource.resourceType === 'RelatedPerson') continue;
      for (const [date] of JSON.stringify(rest).matchAll(/\b(19|20)\d\d-\d\d-\d\d/g)) {
        assert.ok(date >= born && date <= end, `${resource.resourceType}: ${date} outside ${born} to ${end}`);
      }
    }
  }
});

test('no number, address or mailbox can be a living person’s', () => {
  const text = JSON.stringify(all);
  for (const [, area] of text.matchAll(
    /"system":"http:\/\/hl7.org\/fhir\/sid\/us-ssn","value":"(\d{3}-\d{2})-\d{4}"/g,
  )) {
    assert.match(area ?? '', /^9\d\d-(0[1-9]|[1-4]\d)$/);
  }
  for (const [, phone] of text.matchAll(/"system":"phone","value":"([^"]+)"/g))
    assert.match(phone ?? '', /\) 555-01\d\d$/);
  const mailboxes = [...text.matchAll(/"system":"email","value":"([^"]+)"/g)];
  assert.ok(mailboxes.length > 50);
  for (const [, mailbox] of mailboxes)
    assert.match(mailbox ?? '', /^[a-z]+[a-z.]*\d+@(mail\.)?example\.(com|org|net)$/);
});

test('the population is mixed', () => {
  const patients = ofType('Patient');
  const some = (list: unknown[], low: number, what: string): void =>
    assert.ok(list.length >= low, `${what}: ${list.length} of ${patients.length}`);
  some(
    patients.filter((patient) => /[^\p{ASCII}]/u.test(JSON.stringify(patient.name))),
    60,
    'beyond ASCII',
  );
  some(
    patients.filter((patient) =>
      /\p{Script=Han}|\p{Script=Arabic}|\p{Script=Cyrillic}/u.test(JSON.stringify(patient.name)),
    ),
    4,
    'scripts',
  );
  some(
    patients.filter((patient) => patient.deceasedDateTime !== undefined),
    3,
    'dead',
  );
  for (const type of [
    'RelatedPerson',
    'Device',
    'AllergyIntolerance',
    'Immunization',
    'Procedure',
    'DocumentReference',
  ]) {
    some(ofType(type), 1, type);
  }
});
