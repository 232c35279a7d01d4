import { ageAt, type Day } from './calendar.ts';
import type { Person } from './person.ts';
import type { Rng } from './rng.ts';

/** One measurement of the body; every figure in the unit that its name says. */
export interface Body {
  readonly height_cm: number;
  readonly weight_kg: number;
  /** Computed from the two above as they are written, so that it always agrees with them. */
  readonly bmi: number;
  readonly systolic_mmHg: number;
  readonly diastolic_mmHg: number;
  readonly pulse_per_min: number;
  readonly breaths_per_min: number;
  readonly temperature_Cel: number;
  readonly saturation_percent: number;
}

/** What changes the figures of one day. */
export interface Influence {
  readonly fever_Cel?: number;
  readonly hypertension?: 'untreated' | 'treated';
  readonly breathless?: boolean;
}

type Curve = readonly (readonly [age: number, value: number])[];

// Medians close to the CDC growth charts of 2000.
const heights: Record<'female' | 'male', Curve> = {
  female: [
    [0, 49.5],
    [1, 74],
    [2, 86],
    [4, 101],
    [6, 115],
    [8, 127],
    [10, 138],
    [12, 151],
    [14, 160],
    [16, 162.5],
    [18, 163],
    [60, 162.5],
    [95, 157],
  ],
  male: [
    [0, 50],
    [1, 76],
    [2, 87.5],
    [4, 102.5],
    [6, 115.5],
    [8, 128],
    [10, 138.5],
    [12, 149],
    [14, 164],
    [16, 173.5],
    [18, 176.5],
    [60, 176],
    [95, 170],
  ],
};
const builds: Curve = [
  [0, 13.4],
  [0.5, 16.8],
  [1, 16.9],
  [2, 16.4],
  [5, 15.4],
  [8, 16],
  [12, 18],
  [16, 20.6],
  [20, 23],
  [35, 26.2],
  [60, 27.8],
  [95, 24.5],
];
const pulses: Curve = [
  [0, 138],
  [1, 118],
  [3, 104],
  [6, 92],
  [10, 84],
  [14, 77],
  [20, 72],
  [95, 71],
];
const breaths: Curve = [
  [0, 42],
  [1, 30],
  [3, 25],
  [6, 22],
  [12, 18],
  [18, 15],
  [95, 16],
];
const systolics: Curve = [
  [0, 72],
  [1, 88],
  [6, 98],
  [12, 108],
  [18, 115],
  [40, 119],
  [60, 127],
  [95, 134],
];

/** The curve's value at `age`, straight between its points. */
function along(curve: Curve, age: number): number {
  let [before, valueBefore] = curve[0] ?? [0, 0];
  for (const [at, value] of curve) {
    if (age <= at)
      return at === before ? value : valueBefore + ((value - valueBefore) * (age - before)) / (at - before);
    [before, valueBefore] = [at, value];
  }
  return valueBefore;
}

export const round = (value: number, places = 0): number => Number(value.toFixed(places));
const within = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

/** Body-mass index, kg/m2, of figures as they are written. */
export const bmiOf = (weight_kg: number, height_cm: number): number => round(weight_kg / (height_cm / 100) ** 2, 1);

function pressures(rng: Rng, person: Person, age: number, bmi: number, influence: Influence): [number, number] {
  const load = { untreated: 24, treated: 9, none: 0 }[influence.hypertension ?? 'none'];
  const weight = age < 18 ? 0 : within(-4, (bmi - 25) * 0.7, 14);
  const systolic = round(
    within(60, along(systolics, age) + person.pressure * 7 + weight + load + rng.around(0, 5), 215),
  );
  const diastolic = round(within(systolic * 0.48, systolic * 0.62 + 2 + rng.around(0, 3.5), systolic - 20));
  return [systolic, diastolic];
}

/** Measures a person on a day: the same person is tall, heavy or quick-pulsed at every visit. */
export function measure(rng: Rng, person: Person, day: Day, influence: Influence = {}): Body {
  const age = ageAt(person.birth, day);
  const height_cm = round(along(heights[person.sex], age) * (1 + person.stature * 0.037), 1);
  const wantedBmi = along(builds, age) * (1 + person.build * (age < 2 ? 0.06 : 0.13) + rng.around(0, 0.012));
  const weight_kg = round(within(11.5, wantedBmi, 52) * (height_cm / 100) ** 2, 1);
  const bmi = bmiOf(weight_kg, height_cm);
  const [systolic_mmHg, diastolic_mmHg] = pressures(rng, person, age, bmi, influence);
  const fever = influence.fever_Cel ?? 0;
  return {
    height_cm,
    weight_kg,
    bmi,
    systolic_mmHg,
    diastolic_mmHg,
    // Ten beats for every degree (Liebermeister's rule).
    pulse_per_min: round(along(pulses, age) * (1 + person.pulse * 0.09) + fever * 10 + rng.around(0, 4)),
    breaths_per_min: round(along(breaths, age) + fever * 2 + (influence.breathless ? 6 : 0) + rng.around(0, 1)),
    temperature_Cel: round(36.7 + fever + rng.around(0, 0.18), 1),
    saturation_percent: round(within(88, (influence.breathless ? 93.5 : 98) + rng.around(0, 0.7), 100)),
  };
}
