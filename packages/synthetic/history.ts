import { type BloodInfluence, drawBlood } from './blood.ts';
import { bmiOf, measure } from './body.ts';
import { ageAt, type Day } from './calendar.ts';
import type { Chart, Visit } from './chart.ts';
import { addAllergies, addCondition } from './resources/condition.ts';
import { addNote } from './resources/document-reference.ts';
import { encounter } from './resources/encounter.ts';
import { addImmunizations } from './resources/immunization.ts';
import { addMedicationRequest } from './resources/medication-request.ts';
import { addLaboratory, addSmokingStatus, addVitalSigns } from './resources/observation.ts';
import { addDevice, addProcedures, insulinPump, pacemaker } from './resources/procedure.ts';
import { acute, type ChronicName, chronic } from './words/illnesses.ts';

/** What a person's record remembers from visit to visit. */
interface Course {
  /** Onset of each chronic illness that will come or has come. */
  readonly onsets: ReadonlyMap<ChronicName, Day>;
  /** References of the Conditions that are written. */
  readonly known: Map<ChronicName, string>;
  readonly doses: Set<number>;
  readonly smokes: boolean;
}

type Planned = { readonly day: Day; readonly kind: 'routine' | 'followUp' | 'acute' };

function fate({ rng, person }: Chart): Map<ChronicName, Day> {
  const age = ageAt(person.birth, person.until);
  const body = measure(rng, person, person.until);
  const bmi = bmiOf(body.weight_kg, body.height_cm);
  const onsets = new Map<ChronicName, Day>();
  for (const [name, illness] of Object.entries(chronic) as [ChronicName, (typeof chronic)[ChronicName]][]) {
    if (!rng.chance(illness.risk(age, bmi)) || age <= illness.from) continue;
    const first = person.birth + Math.ceil(illness.from * 365.25);
    onsets.set(name, rng.int(first, person.until));
  }
  if (onsets.has('diabetes')) onsets.delete('prediabetes');
  return onsets;
}

function plan(chart: Chart, years: number, ill: boolean): Planned[] {
  const { rng, person } = chart;
  const first = Math.max(person.birth + 3, person.until - Math.floor(years * 365.25));
  const planned: Planned[] = [];
  for (let day = first + rng.int(0, 90); day < person.until; day += rng.int(330, 400)) {
    planned.push({ day, kind: 'routine' });
    if (ill) planned.push({ day: day + rng.int(150, 200), kind: 'followUp' });
    if (rng.chance(0.35)) planned.push({ day: day + rng.int(20, 320), kind: 'acute' });
  }
  if (planned.length === 0) planned.push({ day: Math.max(person.birth, person.until - 1), kind: 'routine' });
  return planned.filter(({ day }) => day < person.until).sort((a, b) => a.day - b.day);
}

function prescribe(chart: Chart, visit: Visit, name: ChronicName, reason: string): void {
  // Insulin is the second step against diabetes, and only for some.
  const steps = name === 'diabetes' && chart.person.build < 0.5 ? 1 : chronic[name].medications.length;
  for (const code of chronic[name].medications.slice(0, steps)) addMedicationRequest(chart, visit, code, reason, 365);
}

function diagnose(chart: Chart, visit: Visit, course: Course): void {
  for (const [name, onset] of course.onsets) {
    if (onset > visit.day || course.known.has(name)) continue;
    const reason = addCondition(chart, visit, chronic[name].code, onset);
    course.known.set(name, reason);
    prescribe(chart, visit, name, reason);
    if (name === 'fibrillation' && chart.rng.chance(0.5)) addDevice(chart, visit, reason, pacemaker);
    if (name === 'diabetes' && chart.person.build >= 0.5) addDevice(chart, visit, reason, insulinPump);
  }
}

function sugarOf(course: Course): BloodInfluence['sugar'] {
  if (course.known.has('diabetes')) return 'diabetes';
  return course.known.has('prediabetes') ? 'prediabetes' : 'none';
}

function treated(course: Course, name: ChronicName, visit: Visit): 'untreated' | 'treated' | undefined {
  const onset = course.onsets.get(name);
  if (onset === undefined || onset > visit.day) return undefined;
  return course.known.has(name) ? 'treated' : 'untreated';
}

function routine(chart: Chart, visit: Visit, course: Course): void {
  const { rng, person } = chart;
  const age = ageAt(person.birth, visit.day);
  const hypertension = treated(course, 'hypertension', visit);
  const lipids = treated(course, 'hyperlipidemia', visit) ?? 'none';
  const body = measure(rng, person, visit.day, hypertension === undefined ? {} : { hypertension });
  if (course.doses.size === 0 && course.known.size === 0) addAllergies(chart, visit);
  for (const [name, reason] of course.known) prescribe(chart, visit, name, reason);
  diagnose(chart, visit, course);
  addVitalSigns(chart, visit, body);
  if (age >= 13) addSmokingStatus(chart, visit, course.smokes);
  if (age >= 20) {
    addLaboratory(
      chart,
      visit,
      drawBlood(rng, { sex: person.sex, age, bmi: body.bmi, sugar: sugarOf(course), lipids }),
    );
  }
  addImmunizations(chart, visit, course.doses);
  addProcedures(chart, visit, { medicated: course.known.size > 0, asthma: course.known.get('asthma') });
  addNote(
    chart,
    visit,
    body,
    [...course.known.keys()].map((name) => chronic[name].code.display),
  );
}

function followUp(chart: Chart, visit: Visit, course: Course): void {
  const { rng, person } = chart;
  diagnose(chart, visit, course);
  const hypertension = treated(course, 'hypertension', visit);
  const body = measure(rng, person, visit.day, hypertension === undefined ? {} : { hypertension });
  addVitalSigns(chart, visit, body);
  if (!course.known.has('diabetes') && !course.known.has('prediabetes')) return;
  const age = ageAt(person.birth, visit.day);
  const lipids = treated(course, 'hyperlipidemia', visit) ?? 'none';
  addLaboratory(chart, visit, drawBlood(rng, { sex: person.sex, age, bmi: body.bmi, sugar: sugarOf(course), lipids }));
}

function fallIll(chart: Chart, visit: Visit): void {
  const { rng, person } = chart;
  const age = ageAt(person.birth, visit.day);
  const possible = acute.filter(({ ages: [from, to] }) => age >= from && age <= to);
  if (possible.length === 0) return;
  const illness = rng.pick(possible);
  const reason = addCondition(
    chart,
    visit,
    illness.code,
    visit.day,
    Math.min(visit.day + rng.int(5, 14), person.until),
  );
  addVitalSigns(chart, visit, measure(rng, person, visit.day, { fever_Cel: illness.fever_Cel }));
  if (illness.medication !== undefined) addMedicationRequest(chart, visit, illness.medication, reason, 10);
}

/** Writes the last `years` of a person's visits into the chart. */
export function writeHistory(chart: Chart, years: number): void {
  const onsets = fate(chart);
  const course: Course = { onsets, known: new Map(), doses: new Set(), smokes: chart.rng.chance(0.25) };
  for (const { day, kind } of plan(chart, years, onsets.size > 0)) {
    const child = ageAt(chart.person.birth, day) < 18;
    const routineKind = child ? 'child' : 'wellness';
    const names = { routine: routineKind, followUp: 'followUp', acute: 'symptom' } as const;
    const visit = encounter(chart, day, names[kind]);
    if (kind === 'routine') routine(chart, visit, course);
    else if (kind === 'followUp') followUp(chart, visit, course);
    else fallIll(chart, visit);
  }
}
