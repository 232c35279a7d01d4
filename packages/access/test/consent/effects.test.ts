import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@safeguard/kernel';
import { compileConsents, nextChange } from '../../consent/compile.ts';
import { effectsFor } from '../../consent/effects.ts';
import { isPurpose, purposesAbove } from '../../consent/vocabulary.ts';
import { purposesOfUse } from '../../policies/purposes.ts';
import { actor, consent, doctor, instance, label, loinc, newer, noon, purpose, service, types } from './world.ts';

const compiled = (...consents: JsonObject[]) =>
  compileConsents({ version: 1, consents: consents.map((one) => JSON.parse(JSON.stringify(one))) });
const of = (patient: string, id: string) => ({ id, patient: { reference: `Patient/${patient}` } });

test('the same opt-out of ten thousand is one effect', () => {
  const provision = { type: 'deny', provision: [{ type: 'permit', purpose: purpose('ETREAT') }] };
  const many = Array.from({ length: 10_000 }, (_, n) => consent(provision, of(`p${n}`, `c${n}`)));
  const effects = effectsFor(compiled(...many, consent({ type: 'permit' }, of('x', 'x'))), doctor);
  assert.equal(effects.length, 1);
  assert.equal(effects[0]?.patients.length, 10_000);
  assert.deepEqual([effects[0]?.patients[7], effects[0]?.consents?.[7], effects[0]?.consent], ['p7', 'c7', 'c0']);
  assert.deepEqual(Object.keys(effects[0] ?? {}), ['patients', 'consent', 'consents']);
});

test('effects say what is taken, in what order ever it was written', () => {
  const provision = {
    type: 'deny',
    class: types('Observation', 'Condition'),
    action: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code: 'access' }] }],
    provision: [{ type: 'permit', securityLabel: [label('HIV')] }],
  };
  assert.deepEqual(effectsFor(compiled(consent(provision)), doctor), [
    {
      patients: ['p'],
      types: ['Condition', 'Observation'],
      letters: 'rs',
      except: [{ queries: ['_security=http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV'] }],
      consent: 'c1',
      consents: ['c1'],
    },
  ]);
});

test('a value of a Consent ends no condition and begins none', () => {
  const odd = { system: 'http://x|y,z', code: 'a&code=b\\,c$d' };
  const [effect] = effectsFor(compiled(consent({ type: 'deny', securityLabel: [odd] })), doctor);
  const [query = ''] = effect?.queries ?? [];
  assert.deepEqual([...new URLSearchParams(query)], [['_security', 'http://x\\|y\\,z|a&code=b\\\\\\,c\\$d']]);
});

test('what is taken changes at the millisecond, between two changes it is remembered', () => {
  const consents = compiled(
    consent({ type: 'deny', period: { start: '2026-11-22T12:00:00.500Z', end: '2026-11-22' } }),
  );
  const at = (moment: number) => effectsFor(consents, { ...doctor, at: moment });
  assert.equal(at(noon + 499).length, 0);
  assert.equal(nextChange(consents, noon), noon + 500);
  assert.equal(at(noon + 500).length, 1);
  const end = Date.parse('2026-11-23');
  assert.equal(nextChange(consents, noon + 500), end);
  assert.equal(at(end - 1), at(noon + 500));
  assert.equal(at(end).length, 0);
  assert.equal(nextChange(consents, end), undefined);
});

test('callers whom no Consent tells apart share an answer; those that one names do not', () => {
  const consents = compiled(consent({ type: 'deny', actor: [actor('Practitioner/x')] }));
  const one = effectsFor(consents, { ...doctor, fhir_user: 'Practitioner/1' });
  assert.equal(effectsFor(consents, { ...doctor, fhir_user: 'Practitioner/2', purpose: 'HPAYMT' }), one);
  assert.equal(one.length, 0);
  assert.equal(effectsFor(consents, { ...doctor, fhir_user: 'Practitioner/x' }).length, 1);
  for (let n = 0; n < 1_000; n += 1) effectsFor(consents, { ...doctor, at: noon + n, letters: `r${n}` });
  assert.equal(effectsFor(consents, { ...doctor, fhir_user: 'Practitioner/x' }).length, 1);
});

test('letters that do not matter are left out', () => {
  const correct = [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code: 'correct' }] }];
  const consents = compiled(consent({ type: 'deny', action: correct }));
  assert.equal(effectsFor(consents, { ...doctor, letters: 'rs' }).length, 0);
  assert.equal(effectsFor(consents, { ...doctor, letters: 'ru' }).length, 1);
});

test('a client is on no team; a person may be on one that is not told', () => {
  const consents = compiled(consent({ type: 'deny', actor: [actor('CareTeam/t')] }));
  const untold = { careTeams: undefined, practitionerRoles: undefined };
  assert.equal(effectsFor(consents, { ...service, ...untold }).length, 0);
  assert.equal(effectsFor(consents, { ...doctor, ...untold }).length, 1);
});

test('what is not understood is named, with the reason', () => {
  const { notes } = compiled(
    consent(undefined, of('a', 'bare')),
    consent({ type: 'deny', actor: [actor('Group/g')], class: [{ code: 'x' }] }, of('a', 'odd')),
    consent({ type: 'permit', modifierExtension: [] }, of('a', 'modified')),
    consent({ type: 'deny' }, { id: 'nobody', patient: { display: 'Ann' } }),
    consent({ type: 'deny' }, of('a', 'fine')),
  );
  assert.deepEqual(notes, [
    { consent: 'bare', patient: 'a', reason: 'it has no provision, and no policy rule that is known' },
    { consent: 'odd', patient: 'a', reason: 'actor is not understood' },
    { consent: 'odd', patient: 'a', reason: 'class is not understood' },
    { consent: 'modified', patient: 'a', reason: 'a provision has parts that are not understood' },
    { consent: 'nobody', reason: 'it names no patient of this server' },
  ]);
});

test('a snapshot is compiled once, and a new one shows what is new', () => {
  const first = { version: 1, consents: [consent({ type: 'deny' })] };
  const known = compileConsents(first);
  assert.equal(compileConsents(first), known);
  const second = compileConsents({ version: 2, consents: [...first.consents, newer({ type: 'permit' })] });
  assert.equal(effectsFor(known, doctor).length, 1);
  assert.equal(effectsFor(second, doctor).length, 0);
});

test('what would be too much to enforce is denied, and quickly', () => {
  const visit = (n: number) => ({ meaning: 'dependents', reference: { reference: `Encounter/${n}` } });
  const wide = { type: 'deny', code: [loinc('718-7')], data: Array.from({ length: 100 }, (_, n) => visit(n)) };
  assert.deepEqual(compiled(consent(wide)).notes, [{ consent: 'c1', patient: 'p', reason: 'too much is combined' }]);
  const named = Array.from({ length: 1_000 }, (_, n) => instance(`Observation/${n}`));
  const [effect] = effectsFor(compiled(consent({ type: 'deny', data: named })), doctor);
  assert.equal(effect?.instances?.length, 1_000);
  let deep: JsonObject = { type: 'deny' };
  for (let n = 0; n < 200; n += 1) deep = { type: n % 2 === 0 ? 'permit' : 'deny', provision: [deep] };
  const consents = compiled(consent(deep));
  assert.equal(consents.notes.length, 1);
  assert.equal(effectsFor(consents, doctor).length, 1);
});

test('every purpose that can be asked for is known here', () => {
  for (const code of purposesOfUse) assert.ok(isPurpose(code), code);
  assert.deepEqual(purposesAbove('BTG'), ['BTG', 'ETREAT', 'TREAT', 'PurposeOfUse']);
});
