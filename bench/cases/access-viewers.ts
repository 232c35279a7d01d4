import {
  type CompiledPolicy,
  compilePolicy,
  createViewers,
  type Holding,
  type RowFacts,
  type Viewer,
  type ViewersDeps,
} from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import type { Bench } from '../bench.ts';
import { atMost, type Bar, type Figure, type Row } from '../row.ts';
import { at, type KnownPerson, largePolicy, personOf, sequence } from './access-world.ts';

const tenant = 1;
const patient = 'patient-7';
const place = (text: string): string => encodeURIComponent(text);

/** What is in the patient's compartment: many resources of a few types, few of many. */
function rowsOf(count: number): RowFacts[] {
  const next = sequence(77);
  return Array.from({ length: count }, (_, index) => {
    const type = resourceTypes[index % 3 === 0 ? next(resourceTypes.length) : next(12)] ?? 'Observation';
    const category = next(2) === 0 ? 'a' : 'b';
    return {
      ...{ type, id: `row-${index}`, patients: [patient], labels: next(20) === 0 ? ['s|HIV'] : [] },
      fulfils: (query: string) => query === `category=${place(category)}`,
      patientFulfils: () => false,
    };
  });
}

/** As most tenants would have it: whoever works with records is on the patient's care team, or named by the grant. */
function byCareTeam({ policy }: CompiledPolicy): CompiledPolicy {
  const rules = policy.rules.map((rule) =>
    rule.effect === 'forbid' ? rule : { ...rule, where: { compartment: 'care-team' as const, ...rule.where } },
  );
  return compilePolicy({ ...policy, rules }, 1, { types: new Set(resourceTypes) });
}

/** Ports as they answer when everything is in memory already: what is measured is the judging and the joining. */
function worldOf(people: readonly KnownPerson[], policy: CompiledPolicy, rows: readonly RowFacts[]): ViewersDeps {
  const holdings = new Map(people.map(({ principal, holdings: own }) => [principal.id, own]));
  const ids = [...holdings.keys()];
  const scopes = people[0]?.principal.scopes ?? [];
  const near = people.filter(({ careTeam }) => careTeam.includes(patient)).map(({ principal }) => principal.id);
  const members = new Map<string, string[]>();
  for (const { principal, groups } of people) {
    for (const group of groups) members.set(group, [...(members.get(group) ?? []), principal.id]);
  }
  const kind = { scopes, administrator: false, named: true };
  const of = (account: string): readonly Holding[] => holdings.get(account) ?? [];
  return {
    standings: {
      holdersOf: async () => ({ at, policy, each: () => holdings.entries(), of, held: ({ id }) => of(id) }),
    },
    people: {
      withPatient: async () => [],
      clients: async () => [],
      isTest: async () => false,
      kinds: async () => [kind],
      workforce: async (_tenant, among = ids) => [{ ...kind, ids: among }],
      members: async () => members,
      standFor: async () => new Map(near.map((id) => [id, `Practitioner/${id}`])),
    },
    clinical: {
      careTeamOf: async () => near.map((id) => `Practitioner/${id}`),
      organizationOf: async () => undefined,
      consents: async () => ({ version: 1, consents: [] }),
    },
    questions: { compartment: async () => rows, patientExists: async () => true, workersOf: async () => new Map() },
    vocabulary: { types: new Set(resourceTypes) },
  };
}

const ms = (began: bigint): number => Number(process.hrtime.bigint() - began) / 1e6;
const median = (all: number[]): number => all.sort((one, other) => one - other)[all.length >> 1] ?? 0;

/** A look at each person and an entry for each way in which they see: what no list can do without. */
function floorOf(people: readonly KnownPerson[], viewers: readonly Viewer[]): number {
  const holdings = new Map(people.map(({ principal, holdings: own }) => [principal.id, own]));
  const began = process.hrtime.bigint();
  let held = 0;
  for (const [id] of holdings) held += holdings.get(id)?.length ?? 0;
  const made = viewers.map((one) => ({ ...one }));
  if (made.length + held === 0) throw new Error('a list of nobody measures nothing');
  return ms(began);
}

interface Measured {
  readonly bar: Bar;
  readonly figures: readonly Figure[];
}

async function measure(
  what: string,
  people: readonly KnownPerson[],
  policy: CompiledPolicy,
  rounds: number,
): Promise<Measured> {
  const viewersOf = createViewers(worldOf(people, policy, rowsOf(1_000)));
  const took: number[] = [];
  const cpu: number[] = [];
  const floors: number[] = [];
  let viewers: readonly Viewer[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [began, used] = [process.hrtime.bigint(), process.cpuUsage()];
    viewers = (await viewersOf(tenant, patient)) ?? [];
    took.push(ms(began));
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
    floors.push(floorOf(people, viewers));
  }
  const [first = 0] = took;
  const [value, floor] = [median(took), median(floors)];
  const figures: Figure[] = [
    { what: `${what}, median`, value, unit: 'ms' },
    { what: `${what}: CPU, garbage collection counted, median`, value: median(cpu), unit: 'ms' },
    { what: `${what}: first time in the process`, value: first, unit: 'ms' },
    { what: `${what}: floor, a look at each person, an entry for each way`, value: floor, unit: 'ms' },
    { what: `${what}: ratio`, value: value / floor, unit: '' },
    { what: `${what}: entries`, value: viewers.length, unit: '' },
    { what: `${what}: people in it`, value: new Set(viewers.map(({ id }) => id)).size, unit: '' },
  ];
  return { figures, bar: atMost(what, value, 200, 'ms') };
}

/** Who can see this patient, in this process: no server, no database. */
export async function accessViewers({ options, say }: Bench): Promise<Row[]> {
  const [rules, count] = options.tiny ? [200, 500] : [10_000, 100_000];
  say(`access-viewers: ${rules} rules, ${count} people`);
  const people = Array.from({ length: count }, (_, number) => personOf(number));
  const rounds = options.tiny ? 2 : 9;
  const all = largePolicy(rules);
  const usual = await measure('by care team', people, byCareTeam(all), rounds);
  const most = await measure('everybody sees', people, all, rounds);
  const text = `who can see a patient of 1,000 resources, ${rules} rules, ${count} people`;
  const figures = [...usual.figures, ...most.figures];
  return [{ name: 'access-viewers', text, unit: 'requests', figures, bars: [usual.bar, most.bar] }];
}
