import { parametersOf } from '@safeguard/fhir';
import { type Fields, listOf, localOf } from '../shape.ts';
import { everything, type Term, termOf } from '../terms.ts';
import { type Meant, same } from './meant.ts';
import { byParameter, query } from './query.ts';

const encounterNames = [['encounter'], ['context']].map(byParameter);
const pointsToEncounter = (type: string, name: string): boolean =>
  parametersOf(type).get(name)?.target.includes('Encounter') === true;

/** An Encounter and what refers to it as its own. */
const ofEncounter = (encounter: string): Term[] => [
  termOf({ instances: [encounter] }),
  ...encounterNames.flatMap((names) =>
    [...names].flatMap(([name, of]) => {
      const pointing = of.filter((type) => pointsToEncounter(type, name));
      return pointing.length === 0 ? [] : [termOf({ types: pointing, queries: [query(name, [encounter])] })];
    }),
  ),
];

function oneOfData({ meaning, reference, modifierExtension }: Fields, patient: string): Meant {
  const local = modifierExtension === undefined ? localOf(reference) : undefined;
  if (local === undefined) return { may: [everything], must: [] };
  const itself = [termOf({ instances: [local] })];
  if (meaning === 'instance') return same(itself);
  if (meaning === 'dependents' && local === `Patient/${patient}`) return same([everything]);
  if (meaning === 'dependents' && local.startsWith('Encounter/')) return same(ofEncounter(local));
  return { may: [everything], must: meaning === 'related' || meaning === 'dependents' ? itself : [] };
}

/** Instances that are meant by themselves, however many, are one term. */
function joined(terms: readonly Term[]): Term[] {
  const [named, others] = [terms.filter(isNamed), terms.filter((term) => !isNamed(term))];
  const instances = named.flatMap((term) => term.instances ?? []);
  return instances.length === 0 ? others : [termOf({ instances }), ...others];
}
const isNamed = ({ instances, queries, except }: Term): boolean =>
  instances !== undefined && queries === undefined && except === undefined;

/** Instances. What else refers to one, or was written by somebody, cannot be asked of every type: see README.md. */
export function readData(value: unknown, patient: string): Meant {
  const read = listOf(value)?.map((data) => oneOfData(data, patient)) ?? [{ may: [everything], must: [] }];
  return { may: joined(read.flatMap(({ may }) => may)), must: joined(read.flatMap(({ must }) => must)) };
}
