import type { Exception, Sight, Visibility } from '@safeguard/access';
import { sharedTypes } from '@safeguard/access';
import { compartmentPatients } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Known } from '../search-oracle.ts';
import type { Dice } from '../search-small-world.ts';

/**
 * Visibilities with all their parts, made at random, and a judge of them that reads resources by hand: it knows nothing
 * of search parameters, tokens or SQL.
 */

// biome-ignore lint/suspicious/noExplicitAny: the test's own resources, read by hand
type Any = any;
type Holds = (resource: Any, world: World) => boolean;

export interface World {
  readonly all: readonly Known[];
  readonly byId: ReadonlyMap<string, Known>;
}

export const labels = ['http://label|a', 'http://label|b', 'http://other|a'] as const;

/** The same world, with security labels on some. */
export function labelledWorld(dice: Dice, known: readonly Known[]): World {
  const all = known.map((one): Known => {
    if (!dice.maybe(35)) return one;
    const security = [dice.pick(labels), dice.pick(labels)].slice(0, 1 + dice.roll(2)).map((label) => {
      const [system = '', code = ''] = label.split('|');
      return { system, code };
    });
    const { meta, ...rest } = one.resource as Any;
    return { ...one, resource: { ...rest, meta: { ...meta, security } } as JsonObject };
  });
  return { all, byId: new Map(all.map((one) => [one.id, one])) };
}

const led = (world: World, type: string, element: Any): Any => {
  const [of, id = ''] = String(element?.reference ?? '').split('/');
  return of === type ? world.byId.get(id)?.resource : undefined;
};
const has = (element: Any, code: string): boolean => (element?.coding ?? []).some((one: Any) => one.code === code);
const tagged = (resource: Any, code: string): boolean =>
  (resource.meta?.tag ?? []).some((one: Any) => one.code === code);

type Queries = Readonly<Record<string, readonly (readonly [query: string, holds: Holds])[]>>;

/** Queries with what they mean, by hand. */
export function queriesOf(world: World): Queries {
  const first = (type: string, n = 0): string => world.all.filter((one) => one.type === type)[n]?.id ?? '';
  const [org, other, mine] = [first('Organization'), first('Organization', 1), first('Patient')];
  return {
    Patient: [
      ['gender=female', ({ gender }) => gender === 'female'],
      ['gender:not=female', ({ gender }) => gender !== 'female'],
      ['gender:missing=true', ({ gender }) => gender === undefined],
      [
        `organization=Organization/${org},Organization/${other}`,
        ({ managingOrganization: at }) => [`Organization/${org}`, `Organization/${other}`].includes(at?.reference),
      ],
      [
        'organization:Organization.active=true',
        ({ managingOrganization: at }, all) => led(all, 'Organization', at)?.active === true,
      ],
      [
        'general-practitioner:Practitioner.gender=male',
        ({ generalPractitioner: list }, all) =>
          (list ?? []).some((one: Any) => led(all, 'Practitioner', one)?.gender === 'male'),
      ],
      ['_tag=http://tag|a', (one) => tagged(one, 'a')],
      [`_id=${mine},${first('Patient', 1)}`, ({ id }) => id === mine || id === first('Patient', 1)],
    ],
    Observation: [
      ['status=final', ({ status }) => status === 'final'],
      ['status:not=final&code=a,b', ({ status, code }) => status !== 'final' && (has(code, 'a') || has(code, 'b'))],
      ['code=|a', ({ code }) => code.coding.some((one: Any) => one.code === 'a' && one.system === undefined)],
      ['subject:Patient.gender=male', ({ subject }, all) => led(all, 'Patient', subject)?.gender === 'male'],
      [
        'patient.gender=female&status=final',
        ({ subject, status }, all) => status === 'final' && led(all, 'Patient', subject)?.gender === 'female',
      ],
      [
        'encounter:Encounter.subject:Patient.gender=male',
        ({ encounter }, all) => led(all, 'Patient', led(all, 'Encounter', encounter)?.subject)?.gender === 'male',
      ],
      [
        'encounter:Encounter.class=|a',
        ({ encounter }, all) => {
          const found = led(all, 'Encounter', encounter)?.class;
          return found?.code === 'a' && found.system === undefined;
        },
      ],
      [
        'performer:Organization.active=true',
        ({ performer }, all) => (performer ?? []).some((one: Any) => led(all, 'Organization', one)?.active === true),
      ],
      ['date=lt2020-01-02', ({ effectiveDateTime: at }) => at === '2020-01-01' || at === '2020-01-01T10:00:00Z'],
      [
        'has-member:Observation.status=final',
        ({ hasMember }, all) => (hasMember ?? []).some((one: Any) => led(all, 'Observation', one)?.status === 'final'),
      ],
    ],
    Encounter: [
      ['status=planned', ({ status }) => status === 'planned'],
      [
        'subject:Patient.gender:missing=true',
        ({ subject }, all) => {
          const found = led(all, 'Patient', subject);
          return found !== undefined && found.gender === undefined;
        },
      ],
      ['part-of:Encounter.status=planned', ({ partOf }, all) => led(all, 'Encounter', partOf)?.status === 'planned'],
    ],
    Organization: [
      ['active=true', ({ active }) => active === true],
      ['partof:Organization.active=true', ({ partOf }, all) => led(all, 'Organization', partOf)?.active === true],
    ],
    Goal: [
      ['lifecycle-status=active', () => true],
      ['_tag=http://tag|a', () => false],
    ],
  };
}

export const types = ['Patient', 'Observation', 'Encounter', 'Organization', 'Goal'] as const;

export interface Making {
  readonly dice: Dice;
  readonly world: World;
  readonly queries: Queries;
}

const patientsOf = ({ dice, world }: Making): string[] => {
  const all = world.all.filter(({ type }) => type === 'Patient');
  return Array.from({ length: dice.roll(5) }, () => dice.pick(all).id);
};

const queryOf = ({ dice, queries }: Making, type: string): string => dice.pick(queries[type] ?? [['', () => true]])[0];

function exceptionOf(making: Making, type: string, depth = 0): Exception {
  const { dice, world } = making;
  const ids = world.all.filter((one) => one.type === type).map(({ id }) => id);
  const some = <T extends object>(percent: number, make: () => T): T | object => (dice.maybe(percent) ? make() : {});
  const made = {
    ...some(35, () => ({ patients: patientsOf(making) })),
    ...some(40, () => ({ labels: [dice.pick(labels), dice.pick(labels)].slice(0, 1 + dice.roll(2)) })),
    ...some(30, () => ({ query: queryOf(making, type) })),
    ...some(25, () => ({ ids: Array.from({ length: 1 + dice.roll(6) }, () => dice.pick(ids)) })),
    ...some(depth < 2 ? 30 : 0, () => ({ except: [exceptionOf(making, type, depth + 1)] })),
  };
  return Object.keys(made).length === 0 ? { labels: [dice.pick(labels)] } : made;
}

export function visibilityOf(making: Making, type: string): Visibility {
  const { dice } = making;
  if (dice.maybe(4)) return dice.pick(['all', 'none'] as const);
  const common = dice.maybe(50) ? [exceptionOf(making, type)] : [];
  return Array.from({ length: 1 + dice.roll(3) }, (): Sight => {
    const except = [...common, ...(dice.maybe(40) ? [exceptionOf(making, type)] : [])];
    return {
      ...(dice.maybe(35) ? { patients: patientsOf(making) } : {}),
      ...(dice.maybe(35) ? { patientQuery: queryOf(making, 'Patient') } : {}),
      ...(dice.maybe(40) ? { query: queryOf(making, type) } : {}),
      ...(except.length > 0 ? { except } : {}),
    };
  });
}

const fulfils = ({ world, queries }: Making, { type, resource }: Known, query: string): boolean =>
  (queries[type] ?? []).some(([text, holds]) => text === query && holds(resource, world));

const inOneOf = (one: Known, patients: readonly string[]): boolean =>
  compartmentPatients(one.resource).some((of) => patients.includes(of));

function isExcepted(
  making: Making,
  one: Known,
  { patients, query, ids, labels: any, except = [] }: Exception,
): boolean {
  if (patients !== undefined && !inOneOf(one, patients)) return false;
  if (ids !== undefined && !ids.includes(one.id)) return false;
  const own = ((one.resource.meta as Any)?.security ?? []).map((label: Any) => `${label.system}|${label.code}`);
  if (any !== undefined && !any.some((label) => own.includes(label))) return false;
  if (query !== undefined && !fulfils(making, one, query)) return false;
  return !except.some((inner) => isExcepted(making, one, inner));
}

function isNear(one: Known, test: (patients: readonly string[]) => boolean): boolean {
  const of = compartmentPatients(one.resource);
  return of.length === 0 ? sharedTypes.has(one.type) : test(of);
}

/** By hand: whether a visibility shows a resource. */
export function shows(making: Making, visibility: Visibility, one: Known): boolean {
  if (typeof visibility === 'string') return visibility === 'all';
  return visibility.some(({ patients, patientQuery, query, except = [] }) => {
    if (patients !== undefined && !isNear(one, (of) => of.some((id) => patients.includes(id)))) return false;
    const led = (of: readonly string[]): boolean =>
      of.some((id) => {
        const patient = making.world.byId.get(id);
        return patient !== undefined && fulfils(making, patient, patientQuery ?? '');
      });
    if (patientQuery !== undefined && !isNear(one, led)) return false;
    if (query !== undefined && !fulfils(making, one, query)) return false;
    return !except.some((inner) => isExcepted(making, one, inner));
  });
}
