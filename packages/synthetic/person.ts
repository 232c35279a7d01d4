import { ageAt, type Day } from './calendar.ts';
import type { Rng } from './rng.ts';
import type { Sex } from './types.ts';
import { type Origin, origins, words } from './words/names.ts';
import { type Town, towns } from './words/places.ts';

/** A name in Latin letters and, where its origin writes otherwise, in its own script. */
export interface WrittenName {
  readonly given: readonly string[];
  readonly family: string;
  readonly native?: { readonly given: string; readonly family: string };
  readonly text: string;
}

/** What is true of one invented person before any record of it is written. */
export interface Person {
  readonly sex: Sex;
  readonly origin: Origin;
  readonly name: WrittenName;
  readonly birth: Day;
  readonly death: Day | undefined;
  /** The last day that anything can happen to them: death or today. */
  readonly until: Day;
  readonly town: Town;
  /** Standard deviations from the median; height, build, pulse and pressure stay with a person for life. */
  readonly stature: number;
  readonly build: number;
  readonly pulse: number;
  readonly pressure: number;
}

function weighted(rng: Rng): Origin {
  let left = rng.next() * origins.reduce((sum, origin) => sum + origin.weight, 0);
  for (const origin of origins) {
    left -= origin.weight;
    if (left < 0) return origin;
  }
  return origins[0] as Origin;
}

const split = (word: string): readonly [string, string | undefined] => {
  const [latin = word, native] = word.split('|');
  return [latin, native];
};

/** A name of this origin. */
export function writeName(rng: Rng, origin: Origin, sex: Sex): WrittenName {
  const list = words(origin[sex]);
  const [first, firstNative] = split(rng.pick(list));
  const [family, familyNative] = split(rng.pick(words(origin.family)));
  const [second] = split(rng.pick(list));
  const given = rng.chance(0.4) && second !== first && firstNative === undefined ? [first, second] : [first];
  const text = origin.familyFirst ? `${family} ${given.join(' ')}` : `${given.join(' ')} ${family}`;
  if (firstNative === undefined || familyNative === undefined) return { given, family, text };
  return { given, family, text, native: { given: firstNative, family: familyNative } };
}

function lifeSpan(rng: Rng, today: Day): Pick<Person, 'birth' | 'death' | 'until'> {
  // Flat to 60, thinner above: the shape of a clinic's population.
  const years = rng.chance(0.75) ? rng.next() * 60 : 60 + rng.next() * rng.next() * 38;
  const birth = today - 30 - Math.floor(years * 365.25);
  const risk = years < 40 ? 0.01 : 0.01 + (years - 40) * 0.005;
  if (!rng.chance(risk)) return { birth, death: undefined, until: today };
  const death = Math.max(birth + 1, today - rng.int(20, 1_400));
  return { birth, death, until: death };
}

/** Invents a person, alive or dead, as of `today`. */
export function inventPerson(rng: Rng, today: Day): Person {
  const sex: Sex = rng.chance(0.5) ? 'female' : 'male';
  const origin = weighted(rng);
  return {
    sex,
    origin,
    name: writeName(rng, origin, sex),
    ...lifeSpan(rng, today),
    town: rng.pick(towns),
    stature: rng.around(0, 1),
    build: rng.around(0, 1),
    pulse: rng.around(0, 1),
    pressure: rng.around(0, 1),
  };
}

export const ageOf = (person: Person, day: Day): number => ageAt(person.birth, day);
