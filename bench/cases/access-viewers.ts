import {
  type CompiledPolicy,
  compilePolicy,
  createAlike,
  createViewers,
  type HeldList,
  type RowFacts,
  type Viewer,
  type ViewersDeps,
  type ViewersPort,
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

function membersOf(ids: Iterable<string>, groupsOf: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const id of ids) {
    for (const group of groupsOf.get(id) ?? []) {
      const own = members.get(group);
      if (own === undefined) members.set(group, [id]);
      else own.push(id);
    }
  }
  return members;
}

/** Ports as they answer when everything is in memory already: what is measured is the judging and the joining. */
function worldOf(people: readonly KnownPerson[], policy: CompiledPolicy, rows: readonly RowFacts[]): ViewersDeps {
  const { numberOf, sampleOf } = createAlike();
  const lists = new Map(
    people.map(({ principal, holdings }) => [principal.id, { holdings, alike: numberOf(holdings) }]),
  );
  const ids = [...lists.keys()];
  const scopes = people[0]?.principal.scopes ?? [];
  const near = people.filter(({ careTeam }) => careTeam.includes(patient)).map(({ principal }) => principal.id);
  const groupsOf = new Map(people.map(({ principal, groups }) => [principal.id, groups]));
  const members = membersOf(groupsOf.keys(), groupsOf);
  const kind = { scopes, administrator: false, named: true };
  const list = (account: string) => lists.get(account) ?? { holdings: [], alike: 0 };
  const visit = (see: (account: string, list: HeldList) => boolean): void => {
    let isWanted = true;
    lists.forEach((one, id) => {
      isWanted = isWanted && see(id, one);
    });
  };
  return {
    standings: {
      holdersOf: async () => ({
        ...{ at, policy, lists: { size: lists.size, visit, of: list, sampleOf }, isHeld: () => false },
        each: () => lists.entries().map(([id, { holdings }]) => [id, holdings] as const),
        ...{ of: (id) => list(id).holdings, held: ({ id }) => list(id).holdings },
      }),
    },
    people: {
      withPatient: async () => [],
      clients: async () => [],
      isTest: async () => false,
      kinds: async () => [kind],
      workforce: async (_tenant, among = ids) => [{ ...kind, ids: among }],
      members: async (_tenant, groups, among) => {
        const known = among === undefined ? members : membersOf(among, groupsOf);
        return new Map(groups.map((group) => [group, known.get(group) ?? []]));
      },
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

/** People on a page of `/access/patients/…`. */
const page = 200;

/** So often the list, with the time and the CPU that it took. */
async function asked(viewersOf: ViewersPort, rounds: number) {
  const [took, cpu]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const [began, used] = [process.hrtime.bigint(), process.cpuUsage()];
    const list = await viewersOf(tenant, patient);
    if (list === undefined) throw new Error('there is no such patient');
    list.page(0, page);
    took.push(ms(began));
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
  }
  return { took, cpu };
}

async function measure(
  what: string,
  people: readonly KnownPerson[],
  policy: CompiledPolicy,
  rounds: number,
): Promise<Measured> {
  const viewersOf = createViewers(worldOf(people, policy, rowsOf(1_000)));
  const { took, cpu } = await asked(viewersOf, rounds);
  const [written, floors]: [number[], number[]] = [[], []];
  const found = { people: 0, entries: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const began = process.hrtime.bigint();
    const list = await viewersOf(tenant, patient);
    const viewers = [...(list ?? [])];
    written.push(ms(began));
    floors.push(floorOf(people, viewers));
    Object.assign(found, { people: list?.size, entries: viewers.length });
  }
  const [first = 0] = took;
  const [value, floor] = [median(took), median(floors)];
  const figures: Figure[] = [
    { what: `${what}: everybody judged, a page of ${page} read, median`, value, unit: 'ms' },
    { what: `${what}: CPU, garbage collection counted, median`, value: median(cpu), unit: 'ms' },
    { what: `${what}: first time in the process`, value: first, unit: 'ms' },
    { what: `${what}: the same, all entries read`, value: median(written), unit: 'ms' },
    { what: `${what}: floor, a look at each person, an entry for each way`, value: floor, unit: 'ms' },
    { what: `${what}: ratio`, value: value / floor, unit: '' },
    { what: `${what}: entries`, value: found.entries, unit: '' },
    { what: `${what}: people in it`, value: found.people, unit: '' },
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
