import type { Blood } from '../blood.ts';
import type { Body } from '../body.ts';
import { type Day, timeText } from '../calendar.ts';
import { type Chart, momentOf, type Visit } from '../chart.ts';
import type { Rng } from '../rng.ts';
import type { Concept, Resource } from '../types.ts';
import { concept, loinc, quantity, snomed, status } from '../words/concepts.ts';

interface Frame {
  readonly subject: object;
  readonly encounter?: object;
  readonly at: string;
}

const profile = 'http://hl7.org/fhir/StructureDefinition';
const frameOf = (chart: Chart, visit: Visit, later: number): Frame => ({
  subject: { reference: chart.subject.reference },
  encounter: visit.encounter,
  at: momentOf(visit, later),
});

const observation = (frame: Frame, category: string, code: Concept, value: object): Resource => ({
  resourceType: 'Observation',
  status: 'final',
  category: [status('observation-category', category, category)],
  code: concept(code),
  subject: frame.subject,
  ...(frame.encounter === undefined ? {} : { encounter: frame.encounter }),
  effectiveDateTime: frame.at,
  issued: frame.at.replace(/(?=-05:00$)/, '.000'),
  ...value,
});

const vital = (frame: Frame, profileName: string, code: Concept, value: object): Resource => {
  const made = observation(frame, 'vital-signs', code, value);
  const { resourceType, ...rest } = made;
  return { resourceType, meta: { profile: [`${profile}/${profileName}`] }, ...rest };
};

const of = (value: number, unit: string, code = unit): object => ({ valueQuantity: quantity(value, unit, code) });

function bloodPressure(frame: Frame, body: Body): Resource {
  const part = (code: Concept, value: number): object => ({ code: concept(code), ...of(value, 'mmHg', 'mm[Hg]') });
  return vital(frame, 'bp', loinc('85354-9', 'Blood pressure panel with all children optional'), {
    component: [
      part(loinc('8480-6', 'Systolic blood pressure'), body.systolic_mmHg),
      part(loinc('8462-4', 'Diastolic blood pressure'), body.diastolic_mmHg),
    ],
  });
}

/**
 * The vital signs of one measurement: height, weight, BMI, blood pressure, pulse, breathing, temperature,
 * saturation.
 */
export function vitalSigns(frame: Frame, body: Body): Resource[] {
  return [
    vital(frame, 'bodyheight', loinc('8302-2', 'Body height'), of(body.height_cm, 'cm')),
    vital(frame, 'bodyweight', loinc('29463-7', 'Body weight'), of(body.weight_kg, 'kg')),
    vital(frame, 'bmi', loinc('39156-5', 'Body mass index (BMI) [Ratio]'), of(body.bmi, 'kg/m2')),
    bloodPressure(frame, body),
    vital(frame, 'heartrate', loinc('8867-4', 'Heart rate'), of(body.pulse_per_min, '/min')),
    vital(frame, 'resprate', loinc('9279-1', 'Respiratory rate'), of(body.breaths_per_min, '/min')),
    vital(frame, 'bodytemp', loinc('8310-5', 'Body temperature'), of(body.temperature_Cel, 'Cel')),
    vital(frame, 'oxygensat', loinc('2708-6', 'Oxygen saturation in Arterial blood'), of(body.saturation_percent, '%')),
  ];
}

/** Adds the vital signs of a visit to the chart. */
export function addVitalSigns(chart: Chart, visit: Visit, body: Body): void {
  for (const sign of vitalSigns(frameOf(chart, visit, 4), body)) chart.add(sign);
}

const report = (chart: Chart, visit: Visit, code: Concept, results: readonly string[]): Resource => ({
  resourceType: 'DiagnosticReport',
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB', display: 'Laboratory' }] },
  ],
  code: concept(code),
  subject: { reference: chart.subject.reference },
  encounter: visit.encounter,
  effectiveDateTime: momentOf(visit, 12),
  issued: momentOf(visit, 60),
  performer: [chart.facility.organization],
  result: results.map((reference) => ({ reference })),
});

/** Adds a lipid panel, glucose, HbA1c and kidney function with the reports that gather them. */
export function addLaboratory(chart: Chart, visit: Visit, blood: Blood): void {
  const frame = frameOf(chart, visit, 12);
  const put = (code: Concept, value: object): string => chart.add(observation(frame, 'laboratory', code, value));
  const lipids = [
    put(loinc('2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma'), of(blood.total_cholesterol_mg_dL, 'mg/dL')),
    put(loinc('2571-8', 'Triglyceride [Mass/volume] in Serum or Plasma'), of(blood.triglycerides_mg_dL, 'mg/dL')),
    put(
      loinc('18262-6', 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by Direct assay'),
      of(blood.ldl_mg_dL, 'mg/dL'),
    ),
    put(loinc('2085-9', 'Cholesterol in HDL [Mass/volume] in Serum or Plasma'), of(blood.hdl_mg_dL, 'mg/dL')),
  ];
  chart.add(report(chart, visit, loinc('57698-3', 'Lipid panel with direct LDL - Serum or Plasma'), lipids));
  const metabolic = [
    put(loinc('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'), of(blood.hba1c_percent, '%')),
    put(loinc('2339-0', 'Glucose [Mass/volume] in Blood'), of(blood.glucose_mg_dL, 'mg/dL')),
    put(loinc('38483-4', 'Creatinine [Mass/volume] in Blood'), of(blood.creatinine_mg_dL, 'mg/dL')),
    put(loinc('33914-3', 'Glomerular filtration rate/1.73 sq M.predicted'), of(blood.gfr_mL_min, 'mL/min/{1.73_m2}')),
  ];
  chart.add(report(chart, visit, loinc('51990-0', 'Basic metabolic panel - Blood'), metabolic));
}

/** Adds the smoking status: the same at every visit of one person. */
export function addSmokingStatus(chart: Chart, visit: Visit, smokes: boolean): void {
  const value = smokes ? snomed('8517006', 'Former smoker') : snomed('266919005', 'Never smoker');
  const frame = frameOf(chart, visit, 3);
  const code = loinc('72166-2', 'Tobacco smoking status NHIS');
  chart.add(observation(frame, 'social-history', code, { valueCodeableConcept: concept(value) }));
}

/** One stand-alone vital-sign Observation of `subject` (a reference such as `Patient/…`), for benchmarks and tests. */
export function singleObservation(rng: Rng, subject: string, today: Day, body: Body): Resource {
  const at = timeText(today - rng.int(0, 365), rng.int(480, 1_020));
  return rng.pick(vitalSigns({ subject: { reference: subject }, at }, body));
}
