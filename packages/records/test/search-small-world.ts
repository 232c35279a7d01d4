import { createHash } from 'node:crypto';
import type { JsonObject } from '@safeguard/kernel';
import type { Known } from './search-oracle.ts';

/** Random choices that a seed repeats. */
export function createDice(seed: number) {
  let turn = 0;
  const roll = (below: number): number => {
    turn += 1;
    return createHash('sha256').update(`${seed}/${turn}`).digest().readUInt32BE() % below;
  };
  const pick = <T>(from: readonly T[]): T => from[roll(from.length)] as T;
  const uuid = (): string => {
    turn += 1;
    const hex = createHash('sha256').update(`${seed}/${turn}`).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
  return { roll, pick, uuid, maybe: (percent: number): boolean => roll(100) < percent };
}
export type Dice = ReturnType<typeof createDice>;

export const codes = ['a', 'b', 'c'] as const;
export const days = ['2020-01-01', '2020-01-02', '2020-02', '2021', '2020-01-01T10:00:00Z'] as const;
export const families = ['Abel', 'Åberg', 'Berg', 'abend'] as const;

const coding = (dice: Dice): JsonObject => ({
  coding: [{ ...(dice.maybe(80) ? { system: dice.pick(['http://s', 'http://t']) } : {}), code: dice.pick(codes) }],
  ...(dice.maybe(30) ? { text: 'Some words' } : {}),
});

const some = <T>(dice: Dice, percent: number, name: string, make: () => T): JsonObject =>
  dice.maybe(percent) ? { [name]: make() as JsonObject[string] } : {};

type Ids = Readonly<Record<string, readonly string[]>>;

const to = (dice: Dice, ids: Ids, type: string): JsonObject => ({ reference: `${type}/${dice.pick(ids[type] ?? [])}` });

const makers: Readonly<Record<string, (dice: Dice, ids: Ids) => JsonObject>> = {
  Organization: (dice, ids) => ({
    name: dice.pick(families),
    ...some(dice, 30, 'partOf', () => to(dice, ids, 'Organization')),
    ...some(dice, 30, 'active', () => dice.maybe(50)),
  }),
  Practitioner: (dice) => ({
    name: [{ family: dice.pick(families) }],
    ...some(dice, 50, 'gender', () => dice.pick(['male', 'female'])),
  }),
  Patient: (dice, ids) => ({
    ...some(dice, 80, 'gender', () => dice.pick(['male', 'female'])),
    ...some(dice, 80, 'name', () => [{ family: dice.pick(families), given: [dice.pick(['Ann', 'Bo'])] }]),
    ...some(dice, 70, 'birthDate', () => dice.pick(['1980-01-01', '1980-02', '1990'])),
    ...some(dice, 50, 'identifier', () => [{ system: 'http://i', value: dice.pick(codes) }]),
    ...some(dice, 50, 'generalPractitioner', () => [to(dice, ids, dice.pick(['Practitioner', 'Organization']))]),
    ...some(dice, 40, 'managingOrganization', () => to(dice, ids, 'Organization')),
    ...some(dice, 20, 'link', () => [{ other: to(dice, ids, 'Patient'), type: 'seealso' }]),
    ...some(dice, 30, 'meta', () => ({ tag: [{ system: 'http://tag', code: dice.pick(codes) }] })),
  }),
  Encounter: (dice, ids) => ({
    status: dice.pick(['finished', 'planned']),
    class: { code: dice.pick(codes) },
    ...some(dice, 90, 'subject', () => to(dice, ids, 'Patient')),
    ...some(dice, 50, 'partOf', () => to(dice, ids, 'Encounter')),
    ...some(dice, 60, 'period', () => ({ start: dice.pick(days), ...some(dice, 50, 'end', () => '2022') })),
    ...some(dice, 40, 'participant', () => [{ individual: to(dice, ids, 'Practitioner') }]),
  }),
  Observation: (dice, ids) => ({
    status: dice.pick(['final', 'amended']),
    code: coding(dice),
    ...some(dice, 90, 'subject', () => to(dice, ids, dice.pick(['Patient', 'Patient', 'Group']))),
    ...some(dice, 50, 'encounter', () => to(dice, ids, 'Encounter')),
    ...some(dice, 80, 'effectiveDateTime', () => dice.pick(days)),
    ...some(dice, 50, 'performer', () => [to(dice, ids, dice.pick(['Practitioner', 'Organization', 'Patient']))]),
    ...some(dice, 50, 'valueQuantity', () => ({
      value: dice.pick([1, 5, 5.4, 20]),
      unit: 'mg',
      system: 'http://unitsofmeasure.org',
      code: dice.pick(['mg', 'g']),
    })),
    ...some(dice, 40, 'component', () => [{ code: coding(dice), valueCodeableConcept: coding(dice) }]),
    ...some(dice, 30, 'hasMember', () => [to(dice, ids, 'Observation')]),
    ...some(dice, 30, 'meta', () => ({ tag: [{ system: 'http://tag', code: dice.pick(codes) }] })),
    ...some(dice, 20, 'text', () => ({
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml">some words</div>',
    })),
  }),
  Goal: (dice, ids) => ({
    lifecycleStatus: 'active',
    description: { text: 'Walk' },
    subject: to(dice, ids, 'Patient'),
    ...some(dice, 90, 'target', () =>
      Array.from({ length: 1 + dice.roll(3) }, () => ({
        dueDate: dice.pick(['2020', '2021-03', '2020-06-01', '2020-06-02']),
      })),
    ),
  }),
  Group: (dice, ids) => ({
    type: 'person',
    actual: true,
    ...some(dice, 80, 'member', () => [{ entity: to(dice, ids, 'Patient') }]),
  }),
  List: (dice, ids) => ({
    status: 'current',
    mode: 'working',
    ...some(dice, 60, 'subject', () => to(dice, ids, 'Patient')),
    ...some(dice, 80, 'entry', () => [{ item: to(dice, ids, 'Observation') }, { item: to(dice, ids, 'Patient') }]),
  }),
};

export const worldTypes = Object.keys(makers);

/** Resources that refer to one another, values out of small pools so that queries meet. */
export function createWorld(dice: Dice, size: number): Known[] {
  const ids: Record<string, string[]> = {};
  for (const type of worldTypes) {
    const share = type === 'Observation' ? 3 : type === 'Goal' ? 2 : 1;
    ids[type] = Array.from({ length: Math.max(2, Math.floor((size * share) / 9)) }, dice.uuid);
  }
  const all = worldTypes.flatMap((type) => (ids[type] ?? []).map((id) => ({ type, id })));
  return all.map(({ type, id }, index) => ({
    type,
    id,
    at: Date.UTC(2026, 0, 1) + index * 1000,
    resource: { resourceType: type, id, ...makers[type]?.(dice, ids) },
  }));
}

/** One condition on a type, as a query spells it. */
export function condition(dice: Dice, world: readonly Known[], type: string, depth = 0): string {
  const id = (of: string): string => dice.pick(world.filter((one) => one.type === of)).id;
  const common = [
    () => `_id=${id(type)},${id(type)}`,
    () => `_lastUpdated=${dice.pick(['gt', 'le', 'eq', 'ne'])}2026-01-01T00:0${dice.roll(3)}`,
    () => `_tag=http://tag|${dice.pick(codes)}`,
    () => `_tag:missing=${dice.maybe(50)}`,
  ];
  const inner = (of: string): string => condition(dice, world, of, depth + 1);
  const own: Readonly<Record<string, readonly (() => string)[]>> = {
    Organization: [
      () => `name=${dice.pick(['a', 'ber', 'abe'])}`,
      () => `partof=Organization/${id('Organization')}`,
      () => `active=${dice.maybe(50)}`,
      () => `partof:Organization.${inner('Organization')}`,
      () => `_has:Patient:organization:${inner('Patient')}`,
    ],
    Practitioner: [
      () => `name=${dice.pick(['a', 'ber'])}`,
      () => `gender=${dice.pick(['male', 'female'])}`,
      () => `_has:Patient:general-practitioner:${inner('Patient')}`,
      () => `_has:Observation:performer:${inner('Observation')}`,
    ],
    Patient: [
      () => `gender=${dice.pick(['male', 'female', 'male,female'])}`,
      () => `gender:not=${dice.pick(['male', 'female'])}`,
      () => `gender:missing=${dice.maybe(50)}`,
      () => `name=${dice.pick(['ab', 'be', 'abel,berg', 'Ann'])}`,
      () => `family:exact=${dice.pick(families)}`,
      () => `name:contains=${dice.pick(['er', 'b'])}`,
      () => `name:missing=${dice.maybe(50)}`,
      () => `birthdate=${dice.pick(['1980', 'ge1980-02', 'lt1990', 'ne1980-01-01'])}`,
      () => `identifier=${dice.pick(['http://i|a', 'b', '|c', 'http://i|'])}`,
      () => `general-practitioner=Practitioner/${id('Practitioner')}`,
      () => `general-practitioner:Practitioner.${inner('Practitioner')}`,
      () => `organization:Organization.${inner('Organization')}`,
      () => `link:Patient.${inner('Patient')}`,
      () => `_has:Observation:patient:${inner('Observation')}`,
      () => `_has:Encounter:subject:${inner('Encounter')}`,
      () => `_has:Group:member:${inner('Group')}`,
      () => `_list=${id('List')}`,
    ],
    Encounter: [
      () => `status=${dice.pick(['finished', 'planned'])}`,
      () => `class=${dice.pick(codes)}`,
      () => `patient=${id('Patient')}`,
      () => `subject:Patient.${inner('Patient')}`,
      () => `part-of:Encounter.${inner('Encounter')}`,
      () => `date=${dice.pick(['2020', 'gt2020-01-01', 'le2020-02', 'ne2021', 'ap2020-01'])}`,
      () => `_has:Observation:encounter:${inner('Observation')}`,
    ],
    Observation: [
      () => `code=${dice.pick(['a', 'http://s|a', '|b', 'http://t|', 'a,b'])}`,
      () => `code:not=${dice.pick(codes)}`,
      () => 'code:text=some',
      () => `combo-code=${dice.pick(codes)}`,
      () => `patient=${id('Patient')}`,
      () => `subject=${id('Patient')},Group/${id('Group')}`,
      () => `subject:missing=${dice.maybe(50)}`,
      () => `subject:Patient.${inner('Patient')}`,
      () => `encounter:Encounter.${inner('Encounter')}`,
      () => `performer:Practitioner.${inner('Practitioner')}`,
      () => `performer=${id('Practitioner')}`,
      () => `date=${dice.pick(['2020', 'gt2020-01-01', 'le2020-01', 'ne2021', 'sa2020-01-02', 'eb2020-02'])}`,
      () => `date:missing=${dice.maybe(50)}`,
      () => `value-quantity=${dice.pick(['5', 'gt4', 'lt0.1|http://unitsofmeasure.org|g', '5||mg', 'ne5', '5e-3||g'])}`,
      () => `combo-code-value-concept=${dice.pick(codes)}$${dice.pick(codes)}`,
      () => `has-member:Observation.${inner('Observation')}`,
      () => `_has:List:item:${inner('List')}`,
      () => `_list=${id('List')}`,
    ],
    Goal: [
      () => `target-date=${dice.pick(['2020', 'gt2020-06-01', 'le2020-06-01', 'ne2021-03'])}`,
      () => `patient=${id('Patient')}`,
      () => `subject:Patient.${inner('Patient')}`,
    ],
    Group: [() => `member=Patient/${id('Patient')}`, () => `member:Patient.${inner('Patient')}`],
    List: [
      () => `subject=Patient/${id('Patient')}`,
      () => `item:Observation.${inner('Observation')}`,
      () => 'status=current',
    ],
  };
  const leaves = (all: readonly (() => string)[]): readonly (() => string)[] => (depth < 3 ? all : all.slice(0, 1));
  const chosen = dice.pick(leaves([...(own[type] ?? []), ...(own[type] ?? []), ...common]));
  return depth > 0 ? chosen().replace(/^subject=.*/, 'status=final') : chosen();
}

export const sorts: Readonly<Record<string, readonly string[]>> = {
  Patient: ['name', '-name', 'birthdate', '-_lastUpdated', 'gender,-_id'],
  Observation: ['date', '-date', 'code,-date', '_lastUpdated', '-date,_id', 'value-quantity', '-subject'],
  Encounter: ['date', '-date', 'status,date', '-_id'],
  Goal: ['target-date', '-target-date', '-_lastUpdated'],
};

export const includes: Readonly<Record<string, readonly string[]>> = {
  Observation: [
    '_include=Observation:subject',
    '_include=Observation:patient',
    '_include=Observation:performer:Practitioner',
    '_include=Observation:encounter&_include:iterate=Encounter:part-of',
    '_include=*',
    '_revinclude=List:item',
    '_include=Observation:patient&_include:iterate=Patient:organization&_include:iterate=Organization:partof',
  ],
  Patient: [
    '_revinclude=Observation:patient',
    '_revinclude=Encounter:subject&_include:iterate=Encounter:participant',
    '_revinclude=*',
    '_include=Patient:link',
    '_include=Patient:*',
  ],
  Encounter: [
    '_include=Encounter:patient',
    '_revinclude:iterate=Encounter:part-of',
    '_revinclude=Observation:encounter',
  ],
};
