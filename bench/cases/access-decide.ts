import { createAccess } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import type { Bench } from '../bench.ts';
import { atLeast, atMost, type Figure, type Row } from '../row.ts';
import { atRequest, type KnownPerson, largePolicy, personOf, sequence } from './access-world.ts';

/** Questions of an access case: who, what, on which type. */
interface Question {
  readonly who: number;
  readonly action: string;
  readonly type: string;
}

const actions = ['read', 'search-type', 'update', 'create', 'delete'] as const;
const access = createAccess({ types: new Set(resourceTypes), policies: 'on' });

function questionsOf(count: number, people: number): Question[] {
  const next = sequence(11);
  return Array.from({ length: count }, () => ({
    who: next(people),
    action: actions[next(actions.length)] ?? 'read',
    type: resourceTypes[next(resourceTypes.length)] ?? 'Patient',
  }));
}

/** How often some work is done in a CPU-second, all threads (garbage collection) counted. */
function rateOf(seconds: number, questions: readonly Question[], work: (asked: Question) => boolean): number {
  for (const asked of questions.slice(0, 100_000)) work(asked);
  const began = process.cpuUsage();
  let [done, yes, spent_s] = [0, 0, 0];
  while (spent_s < seconds) {
    for (const asked of questions) yes += work(asked) ? 1 : 0;
    done += questions.length;
    const { user, system } = process.cpuUsage(began);
    spent_s = (user + system) / 1e6;
  }
  if (yes === 0 || yes === done) throw new Error('a case that always answers the same measures nothing');
  return done / spent_s;
}

/** A look into a map per person, one per type, and the place of the letter: what no decision can do without. */
function floorOf(people: number, questions: readonly Question[], seconds: number): number {
  const places = new Map<string, number>(actions.map((action, place) => [action, place]));
  const rows = Array.from({ length: 64 }, (_, bits) => actions.map((_action, place) => ((bits >> place) & 1) === 1));
  const byPerson = Array.from({ length: people }, (_, who) => {
    const next = sequence(who + 5);
    return new Map(Array.from({ length: 12 }, () => [resourceTypes[next(resourceTypes.length)] ?? '', rows[next(64)]]));
  });
  const table = new Map(byPerson.map((row, who) => [`user-${who}`, row]));
  const names = byPerson.map((_, who) => `user-${who}`);
  return rateOf(seconds, questions, ({ who, action, type }) => {
    const row = table.get(names[who] ?? '')?.get(type);
    return row?.[places.get(action) ?? 0] === true;
  });
}

const quantile = (sorted: Float64Array, share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;

/** Of each person the first decision alone, with everything that is made for it. Microseconds. */
function firstDecisions(
  people: readonly KnownPerson[],
  questions: readonly Question[],
  decide: (who: KnownPerson, asked: Question) => void,
) {
  const took = new Float64Array(people.length);
  for (const [index, one] of people.entries()) {
    const asked = questions[index % questions.length];
    if (asked === undefined) break;
    const began = process.hrtime.bigint();
    decide(one, asked);
    took[index] = Number(process.hrtime.bigint() - began) / 1000;
  }
  return took.sort();
}

/** Requests a CPU-second: somebody drawn at random, their standing made, then so many decisions. */
function requestsOf(seconds: number, decisions: number, { people, questions, standing }: Asking): number {
  const next = sequence(3);
  const request = (turn: number): boolean => {
    const principal = standing(next(people));
    let isAny = principal.standing === undefined;
    for (let each = 0; each < decisions; each += 1) {
      const asked = questions[(turn * decisions + each) % questions.length];
      if (asked === undefined) throw new Error('nothing to ask');
      const { permit } = access.decide(principal, asked.action, { type: asked.type });
      isAny = permit || isAny;
    }
    return isAny;
  };
  const began = process.cpuUsage();
  let [done, spent_s, permits] = [0, 0, 0];
  while (spent_s < seconds) {
    for (let turn = 0; turn < 2_000; turn += 1) permits += request(done + turn) ? 1 : 0;
    done += 2_000;
    const { user, system } = process.cpuUsage(began);
    spent_s = (user + system) / 1e6;
  }
  if (decisions > 0 && permits === 0) throw new Error('a case that permits nothing measures nothing');
  return done / spent_s;
}

interface Asking {
  readonly people: number;
  readonly questions: readonly Question[];
  readonly standing: (who: number) => Principal;
}

const by_request = 10;

/**
 * What a decision costs in a request: requests of ten decisions less requests of none, in turns, so that both see the
 * same machine. Garbage collection is in both.
 */
function decisionsOf(seconds: number, asking: Asking): { readonly rate: number; readonly standings: number } {
  const turns = 4;
  let [with_s, without_s] = [0, 0];
  requestsOf(seconds / turns, by_request, asking);
  for (let turn = 0; turn < turns; turn += 1) {
    without_s += 1 / requestsOf(seconds / turns / 2, 0, asking) / turns;
    with_s += 1 / requestsOf(seconds / turns / 2, by_request, asking) / turns;
  }
  return { rate: by_request / (with_s - without_s), standings: 1 / without_s };
}

/** Decisions in this process: no server, no database. */
export async function accessDecide({ options, say }: Bench): Promise<Row[]> {
  const [rules, people] = options.tiny ? [200, 500] : [10_000, 100_000];
  const seconds = options.tiny ? 0.2 : options.seconds;
  say(`access-decide: ${rules} rules, ${people} people`);
  const compiling = process.cpuUsage();
  const policy = largePolicy(rules);
  const compiled_ms = process.cpuUsage(compiling).user / 1000;
  const questions = questionsOf(options.tiny ? 2_000 : 1_000_000, people);
  const before = floorOf(people, questions, seconds / 2);

  const known = Array.from({ length: people }, (_, number) => personOf(number));
  const standing = (who: number): Principal => atRequest(known[who] ?? personOf(who), policy);
  const { decide, visible } = access;
  const first = firstDecisions(known, questions, (who, { action, type }) =>
    decide(atRequest(who, policy), action, { type }),
  );
  const { rate, standings } = decisionsOf(seconds, { people, questions, standing });
  const whole = rateOf(
    seconds / 2,
    questions,
    ({ who, action, type }) => decide(standing(who), action, { type }).permit,
  );
  const sights = rateOf(
    seconds / 2,
    questions,
    ({ who, action, type }) => visible(standing(who), type, action) !== 'none',
  );
  const principals = known.map((one) => atRequest(one, policy));
  const cold = rateOf(seconds / 2, questions, ({ who, action, type }) => {
    const principal = principals[who];
    return principal !== undefined && decide(principal, action, { type }).permit;
  });
  const after = floorOf(people, questions, seconds / 2);
  const floor = (before + after) / 2;
  const p99 = quantile(first, 0.99);
  const figures: Figure[] = [
    { what: 'decisions a CPU-second in requests of ten, of people at random', value: rate, unit: '/s' },
    { what: 'their standings made, a CPU-second', value: standings, unit: '/s' },
    { what: 'decisions a CPU-second, each of another of all people’s standings in memory', value: cold, unit: '/s' },
    { what: 'floor: a look into a map by person, at random, one by type', value: floor, unit: '/s' },
    { what: 'floor before', value: before, unit: '/s' },
    { what: 'floor after', value: after, unit: '/s' },
    { what: 'ratio of these to the floor', value: cold / floor, unit: '' },
    { what: 'standing made and one decision', value: whole, unit: '/s' },
    { what: 'standing made and one visibility', value: sights, unit: '/s' },
    { what: 'first decision of a person, standing and tables made, p50', value: quantile(first, 0.5), unit: 'µs' },
    { what: 'the same, p99', value: p99, unit: 'µs' },
    { what: 'the same, p99.9', value: quantile(first, 0.999), unit: 'µs' },
    { what: 'compiling the policy', value: compiled_ms, unit: 'ms' },
  ];
  const bars = [
    atLeast('decisions a CPU-second', rate, 1_000_000, '/s'),
    atMost('first decision of a person, p99', p99, 50, 'µs'),
  ];
  const text = `decide() in this process, ${rules} rules, ${people} people, ${resourceTypes.length} types`;
  return [{ name: 'access-decide', text, unit: 'requests', figures, bars }];
}
