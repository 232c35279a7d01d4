import { type CompiledPolicy, compilePolicy, entitled, type Holding, letters, type Policy } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';

type Rule = Policy['rules'][number];

/** A large tenant: 10,000 rules, of which a person meets some, and 100,000 people with one to three grants each. */

/** A number of a sequence that is the same every time (xorshift32). */
export function sequence(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const counts = { roles: 50, groups: 300 } as const;
export const at = Date.parse('2026-11-23T10:00:00Z');
const interactions: readonly Rule['interactions'][] = [
  ['read', 'search'],
  ['create', 'read', 'update', 'search'],
  ['create', 'read', 'update', 'delete', 'search'],
];
const wheres: readonly Rule['where'][] = [
  {},
  {},
  { compartment: 'care-team' },
  { compartment: 'care-team', purposes: ['TREAT', 'ETREAT'] },
  { compartment: 'granted' },
  { networks: ['10.0.0.0/8'] },
  { hours: { zone: 'America/New_York', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '05:00', to: '19:00' } },
  { query: 'category=a' },
];

const pick = <T>(next: (below: number) => number, list: readonly T[]): T => list[next(list.length)] as T;

function ruleOf(order: number, next: (below: number) => number): Rule {
  const share = order % 10;
  const who =
    share < 5
      ? { roles: [`role-${next(counts.roles)}`] }
      : share < 7
        ? { groups: [`group-${next(counts.groups)}`] }
        : share < 9 || order > 200
          ? { users: [`user-${next(100_000)}`] }
          : { everyone: true as const };
  const isForbid = share === 9;
  return {
    id: `rule-${order}`,
    reason: 'Measured.',
    effect: isForbid ? 'forbid' : 'permit',
    who,
    interactions: pick(next, interactions),
    types: next(400) === 0 ? ['*'] : [pick(next, resourceTypes)],
    where: isForbid ? { query: 'category=b' } : (pick(next, wheres) ?? {}),
  };
}

/** Of so many rules. */
export function largePolicy(rules: number): CompiledPolicy {
  const next = sequence(2026);
  const roles = Array.from({ length: counts.roles }, (_, index) => `role-${index}`);
  const policy: Policy = {
    format: 1,
    roles: {},
    categories: { all: { title: 'All', types: resourceTypes } },
    sensitive: { hiv: { title: 'HIV', labels: ['s|HIV'] }, sud: { title: 'SUD', labels: ['s|SUD', 's|ETHUD'] } },
    matrix: Object.fromEntries(roles.map((role) => [role, { all: letters }])),
    rules: Array.from({ length: rules }, (_, order) => ruleOf(order, next)),
  };
  return compilePolicy(policy, 1, { types: new Set(resourceTypes) });
}

/** What is known of a person between requests. */
export interface KnownPerson {
  readonly principal: Principal;
  readonly holdings: readonly Holding[];
  readonly groups: readonly string[];
  readonly careTeam: readonly string[];
}

const scopes = Object.freeze(['user/*.cruds']);

/** The same person every time, in new objects. */
export function personOf(number: number): KnownPerson {
  const next = sequence(number * 7919 + 1);
  const some = (most: number, name: string, of: number): string[] =>
    Array.from({ length: next(most + 1) }, () => `${name}-${next(of)}`);
  const holdings = ['', ...some(2, 'more', 2)].map(
    (_, index): Holding => ({
      role: `role-${next(counts.roles)}`,
      grant: `grant-${number}-${index}`,
      kind: 'standing',
      until: at + 1e9,
    }),
  );
  return {
    principal: {
      tenant: 1,
      kind: 'user',
      id: `user-${number}`,
      scopes,
      view: 'full',
      assurance: { level: 2, at: at - 60_000, methods: ['pwd', 'otp'] },
    },
    holdings: Object.freeze(holdings),
    groups: Object.freeze(some(3, 'group', counts.groups)),
    careTeam: Object.freeze(some(60, 'patient', 100_000)),
  };
}

/** What `entitle` makes of a person at a request. */
export const atRequest = ({ principal, holdings, groups, careTeam }: KnownPerson, policy: CompiledPolicy): Principal =>
  entitled(principal, {
    holdings,
    groups,
    careTeam,
    organizations: [],
    consents: [],
    testTenant: false,
    policy,
    at,
    network: '10.1.2.3',
    purpose: 'TREAT',
  });
