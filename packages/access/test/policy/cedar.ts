import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import fc from 'fast-check';
import type { ConsentPart } from '../../consent/types.ts';
import { compilePolicy, type Decide, entitled } from '../../index.ts';
import { cedarText, effectSlots, exceptSlots, holdingSlots, scopeSlots } from './cedar-text.ts';
import { type Case, clockIn, scopesOf, weekdays } from './oracle.ts';
import * as world from './world.ts';

/**
 * The same decisions by Cedar (`@cedar-policy/cedar-wasm`): the policy as Cedar text, everything else as its entities
 * and context. Only what is data is prepared here: clocks of zones, addresses without zones, which scopes name
 * the type.
 */

const require = createRequire(import.meta.url);
const cedar = require('@cedar-policy/cedar-wasm/nodejs') as typeof import('@cedar-policy/cedar-wasm/nodejs');

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

const inSlots = <T>(slots: readonly string[], list: readonly T[], told: (one: T) => Value): Record<string, Value> =>
  Object.fromEntries(list.slice(0, slots.length).map((one, index) => [slots[index] ?? '', told(one)]));

const ifAny = (key: string, value: Value | undefined): Record<string, Value> =>
  value === undefined ? {} : { [key]: value };

const letterOf: Readonly<Record<string, string>> = {
  create: 'c',
  read: 'r',
  update: 'u',
  delete: 'd',
  'search-type': 's',
};

/** The longest that Cedar's numbers need to reach: the year 2286. */
const never = 1e13;

function principalOf({ principal, found }: Case): Record<string, Value> {
  return {
    kind: principal.kind,
    number: principal.id,
    groups: found.groups,
    within: principal.within ?? [],
    permissions: principal.permissions ?? [],
    ...inSlots(holdingSlots, found.holdings, ({ role, patients, opens = [], kind, until = never }) => ({
      role,
      kind,
      opens,
      until,
      ...ifAny('patients', patients),
    })),
  };
}

const valuesIn = (query: string | undefined, name: string): string[] | undefined =>
  new URLSearchParams(query).get(name)?.split(',');

function partOf({ types, letters, instances, queries, except = [] }: ConsentPart): Value {
  const query = queries?.filter((one) => !one.includes('bad')).join('&');
  return {
    ...ifAny('types', types),
    ...ifAny('letters', letters && [...letters]),
    ...ifAny('instances', instances),
    ...ifAny(
      'parameters',
      queries?.map((one) => one.split('=')[0] ?? ''),
    ),
    ...ifAny('category', valuesIn(query, 'category')),
    ...ifAny('code', valuesIn(query, 'code')),
    ...ifAny('labels', valuesIn(query, '_security')),
    ...(queries?.some((one) => one.includes('bad')) ? { bad: true } : {}),
    ...inSlots(exceptSlots, except, partOf),
  };
}

/** `::ffff:10.0.0.1` is an IPv4 address to us; Cedar takes it for another. */
function addressOf(network: string): Value | undefined {
  const bare = network.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/, '');
  return isIP(bare) === 0 ? undefined : { __extn: { fn: 'ip', arg: bare } };
}

function clocksAt(at: number): Value {
  const clocks = world.zones.map((zone): [string, Value] => {
    const { time, weekday } = clockIn(zone, at);
    const minutes = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
    return [zone, { minutes, day: weekdays[weekday] ?? '', before: weekdays[(weekday + 6) % 7] ?? '' }];
  });
  return Object.fromEntries(clocks);
}
const clocks = new Map(world.moments.map((at) => [at, clocksAt(at)]));

function contextOf(asked: Case): Record<string, Value> {
  const { principal, found, action } = asked;
  const { at, purpose, testTenant, careTeam, organizations, consents } = found;
  return {
    at,
    purpose,
    careTeam,
    letter: letterOf[action] ?? '',
    test: testTenant,
    organizations: organizations.map((one) => `Organization/${one}`),
    clocks: clocks.get(at) ?? {},
    width: world.views.indexOf(principal.view),
    ...ifAny('address', addressOf(found.network)),
    ...ifAny('age_ms', principal.assurance && at - principal.assurance.at),
    ...inSlots(scopeSlots, scopesOf(asked), ({ limit, query }) => ({
      ...ifAny('limit', limit),
      ...ifAny('category', valuesIn(query, 'category')),
      ...ifAny('labels', valuesIn(query, '_security')),
    })),
    ...inSlots(effectSlots, consents, (one) => ({ ...(partOf(one) as object), patients: one.patients })),
  };
}

function rowOf({ type, id, patients, labels, values }: world.Thing): Record<string, Value> {
  return {
    type,
    patients,
    labels,
    reference: `${type}/${id}`,
    organizations: patients.map((one) => `Organization/${world.organizationOf[one]}`),
    parameters: world.parametersOf[type] ?? [],
    category: [],
    code: [],
    ...values,
  };
}

/** Whether Cedar permits it; the policy was prepared under the name. Throws Error where Cedar could not judge. */
function judge(name: string, asked: Case): boolean {
  const [principal, resource] = [
    { type: 'Who', id: 'who' },
    { type: 'Row', id: 'row' },
  ];
  const answer = cedar.statefulIsAuthorized({
    principal,
    resource,
    action: { type: 'Action', id: letterOf[asked.action] ?? '' },
    context: contextOf(asked) as never,
    preparsedPolicySetId: name,
    entities: [
      { uid: principal, attrs: principalOf(asked) as never, parents: [] },
      { uid: resource, attrs: rowOf(asked.thing) as never, parents: [] },
    ],
  });
  if (answer.type === 'failure') throw new Error(`Cedar: ${answer.errors[0]?.message}`);
  const [error] = answer.response.diagnostics.errors;
  if (error !== undefined) throw new Error(`Cedar: ${error.error.message}`);
  return answer.response.decision === 'allow';
}

function prepare(name: string, policy: Case['policy']): void {
  const answer = cedar.preparsePolicySet(name, { staticPolicies: cedarText(policy) });
  if (answer.type === 'failure') throw new Error(`Cedar: ${answer.errors[0]?.message}`);
}

const people = fc.record({
  found: world.found,
  principal: world.principal,
  header: fc.constantFrom(...world.views, 'full' as const),
});
const questions = fc.record({ thing: world.thing, action: fc.constantFrom(...world.actions) });

export interface Comparing {
  readonly decisions: number;
  readonly seed: number;
  readonly decide: Decide;
  /** Decisions by one policy: each has another ten people. Default 1,000. */
  readonly by_policy?: number;
  readonly onProgress?: (done: number) => void;
}

export interface Compared {
  readonly decisions: number;
  readonly policies: number;
  readonly permits: number;
  /** By our reason, of what both deny. */
  readonly denials: Readonly<Record<string, number>>;
  /** The first decision on which the two differ. */
  readonly differs?: { readonly at: number; readonly cedar: boolean; readonly asked: Case };
}

/** Random decisions by ours and by Cedar, until they differ. */
export function compareWithCedar(wanted: Comparing): Compared {
  const { decisions, seed, decide, by_policy = 1_000, onProgress } = wanted;
  const denials: Record<string, number> = {};
  let [done, permits, policies] = [0, 0, 0];
  while (done < decisions) {
    const from = seed + policies;
    const [policy] = fc.sample(world.policy, { numRuns: 1, seed: from });
    if (policy === undefined) throw new Error('no policy');
    prepare('policy', policy);
    const compiled = compilePolicy(policy, 1, world.vocabulary);
    policies += 1;
    for (const { found, principal, header } of fc.sample(people, { numRuns: by_policy / 10, seed: from })) {
      const unviewed = { ...found, policy: compiled };
      const who = entitled(world.dated(principal, found.at), unviewed, header);
      for (const { thing, action } of fc.sample(questions, { numRuns: 10, seed: from + done })) {
        const asked: Case = { policy, found, principal: who, action, thing };
        const ours = decide(who, action, { type: thing.type, row: world.factsOf(thing) });
        const theirs = judge('policy', asked);
        done += 1;
        if (ours.permit !== theirs)
          return { decisions: done, policies, permits, denials, differs: { at: done, cedar: theirs, asked } };
        if (ours.permit) permits += 1;
        else denials[ours.reason] = (denials[ours.reason] ?? 0) + 1;
      }
    }
    onProgress?.(done);
  }
  return { decisions: done, policies, permits, denials };
}
