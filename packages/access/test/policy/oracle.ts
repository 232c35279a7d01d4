import type { Principal, View } from '@safeguard/http';
import type { ConsentPart } from '../../consent/types.ts';
import type { Holding } from '../../index.ts';
import type { Hours, Policy, Rule } from '../../policy/types.ts';
import { type Found, factsOf, parametersOf, sharedType, type Thing, views } from './world.ts';

/** The semantics of policies, said once more with plain loops over the documents, for tests to compare with. */

const letterOf: Readonly<Record<string, string>> = {
  create: 'c',
  read: 'r',
  update: 'u',
  delete: 'd',
  search: 's',
  'search-type': 's',
};

export interface Case {
  readonly policy: Policy;
  readonly found: Found;
  readonly principal: Principal;
  readonly action: string;
  readonly thing: Thing;
}

type Way = Holding | 'named';

/** All the ways in which a rule names somebody: each holding, and once for everything else. */
function waysOf(rule: Rule, { principal, found }: Pick<Case, 'principal' | 'found'>): Way[] {
  const { roles = [], groups = [], users = [], clients = [], everyone } = rule.who;
  const held = found.holdings.filter((one) => roles.includes(one.role) && (one.until ?? Infinity) > found.at);
  const isNamed =
    everyone === true ||
    groups.some((one) => found.groups.includes(one)) ||
    (principal.kind === 'user' ? users : clients).includes(principal.id);
  return [...held, ...(isNamed ? (['named'] as const) : [])];
}

/** The wall clock by the Swedish spelling of a moment, `2026-11-22 13:00:00`. */
export function clockIn(zone: string, at: number): { readonly time: string; readonly weekday: number } {
  const [date = '', time = ''] = new Date(at).toLocaleString('sv-SE', { timeZone: zone }).split(' ');
  return { time: time.slice(0, 5), weekday: new Date(`${date}T00:00:00Z`).getUTCDay() };
}

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

function isWithinHours({ zone, days, from, to }: Hours, at: number): boolean {
  const { time, weekday } = clockIn(zone, at);
  const isDay = (day: number): boolean => days === undefined || days.includes(weekdays[(day + 7) % 7] ?? '');
  if (from < to) return isDay(weekday) && from <= time && time < to;
  return (time >= from && isDay(weekday)) || (time < to && isDay(weekday - 1));
}

/** An address as a number of 128 bits, IPv4 as IPv6 maps it; undefined: it is none. */
function numberOf(text: string): bigint | undefined {
  const bare = text.split('%')[0] ?? '';
  const four = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  if (four !== null) return four.slice(1).reduce((sum, part) => sum * 256n + BigInt(part), 0n) + (0xffffn << 32n);
  if (!bare.includes(':')) return undefined;
  const [head = '', tail = ''] = bare.split('::');
  const [left, right] = [head, tail].map((part) => part.split(':').filter((one) => one !== ''));
  const zeros = Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0');
  return [...(left ?? []), ...zeros, ...(right ?? [])].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

export function isInNetwork(network: string, address: string): boolean {
  const [base = '', bits] = network.split('/');
  const [one, other] = [numberOf(base), numberOf(address)];
  if (one === undefined || other === undefined) return false;
  const length = bits === undefined ? 128 : base.includes(':') ? Number(bits) : Number(bits) + 96;
  const rest = BigInt(128 - length);
  return one >> rest === other >> rest;
}

export function occasionFits({ where = {} }: Rule, { principal, found }: Pick<Case, 'principal' | 'found'>): boolean {
  const { purposes, networks, hours, fresh_s, test } = where;
  if (purposes && !purposes.includes(found.purpose)) return false;
  if (networks && !networks.some((one) => isInNetwork(one, found.network))) return false;
  if (hours && !isWithinHours(hours, found.at)) return false;
  if (fresh_s !== undefined && !(found.at - (principal.assurance?.at ?? -Infinity) <= fresh_s * 1000)) return false;
  return !test || found.testTenant;
}

function isOn(rule: Rule, { policy, action, thing }: Case): boolean {
  const letters = rule.interactions.map((one) => letterOf[one]);
  const named = rule.types.flatMap((one) =>
    one.startsWith('category:') ? (policy.categories[one.slice('category:'.length)]?.types ?? []) : [one],
  );
  return letters.includes(letterOf[action] ?? '') && (named.includes('*') || named.includes(thing.type));
}

function inMatrix(policy: Policy, role: string, type: string, letter: string): boolean {
  const category = Object.entries(policy.categories).find(([, { types }]) => types.includes(type))?.[0];
  return category !== undefined && policy.matrix[role]?.[category]?.includes(letter) === true;
}

/** What a rule asks of the patients of a row, one by one; undefined: nothing. */
function patientTest(rule: Rule, way: Way, { principal, found }: Case): ((patient: string) => boolean) | undefined {
  const granted = way === 'named' ? undefined : way.patients;
  const of = { own: principal.within, 'care-team': found.careTeam, granted } as const;
  const compartment = rule.where?.compartment;
  const isIn =
    compartment === undefined || compartment === 'organization'
      ? undefined
      : (patient: string): boolean => of[compartment]?.includes(patient) === true;
  if (granted === undefined) return isIn;
  return (patient) => granted.includes(patient) && (isIn === undefined || isIn(patient));
}

function labelsFit({ where }: Rule, { labels }: Thing): boolean {
  const { any, none = [] } = where?.labels ?? {};
  return (any === undefined || any.some((one) => labels.includes(one))) && !none.some((one) => labels.includes(one));
}

const queryFits = (query: string | undefined, thing: Thing): boolean =>
  query === undefined || factsOf(thing).fulfils(query);

export interface Scoped {
  readonly limit: readonly string[] | undefined;
  readonly query: string | undefined;
}

export function scopesOf({ principal, action, thing }: Case): Scoped[] {
  const { within, patient, kind } = principal;
  return principal.scopes.flatMap((text) => {
    const [, level, type, letters = '', query] = /^(\w+)\/([\w*]+)\.(\w+)(?:\?(.*))?$/.exec(text) ?? [];
    if (!letters.includes(letterOf[action] ?? '') || (type !== '*' && type !== thing.type)) return [];
    if (kind === 'client') return { limit: patient ? [patient] : undefined, query };
    if (within?.length === 0) return [];
    if (level === 'user') return { limit: within, query };
    if (patient === undefined || within?.includes(patient) === false) return [];
    return { limit: [patient], query };
  });
}

const isShared = ({ type, patients }: Thing): boolean => type === sharedType && patients.length === 0;

/** A permit and a scope have the row in common: one and the same patient is within all their limits. */
function reaches(rule: Rule, way: Way, { limit, query }: Scoped, asked: Case): boolean {
  const { thing, found } = asked;
  const test = patientTest(rule, way, asked);
  const isNear =
    (test === undefined && limit === undefined) ||
    isShared(thing) ||
    thing.patients.some((one) => (test === undefined || test(one)) && (limit === undefined || limit.includes(one)));
  const query_ = `organization=${found.organizations.map((one) => `Organization/${one}`).join(',')}`;
  const isOfOrganization =
    rule.where?.compartment !== 'organization' || isShared(thing) || factsOf(thing).patientFulfils(query_);
  return isNear && isOfOrganization && queryFits(query, thing) && queryFits(rule.where?.query, thing);
}

function isSensitive(rule: Rule, way: Way, { policy, principal, thing }: Case): boolean {
  const opens = [...(rule.opens ?? []), ...(way === 'named' ? [] : (way.opens ?? []))];
  return Object.entries(policy.sensitive).some(
    ([name, { labels }]) =>
      labels.some((one) => thing.labels.includes(one)) &&
      !opens.includes(name) &&
      !(principal.kind === 'client' && principal.permissions?.includes(`sensitive:${name}`)),
  );
}

/** `takes`: in doubt it is meant; what gives back is in doubt not meant. */
function isMeant(part: ConsentPart, { action, thing }: Case, takes: boolean): boolean {
  const { types, queries = [], instances, letters, except = [] } = part;
  if (types && !types.includes(thing.type)) return false;
  if (letters && !letters.includes(letterOf[action] ?? '')) return false;
  if (instances && !instances.includes(`${thing.type}/${thing.id}`)) return false;
  const fits = queries.every((query) => {
    if (!parametersOf[thing.type]?.includes(query.split('=')[0] ?? '')) return false;
    return query.includes('bad') ? takes : queryFits(query, thing);
  });
  return fits && !except.some((one) => isMeant(one, { action, thing } as Case, !takes));
}

function isWithheld(way: Way, asked: Case): boolean {
  const { found, principal, thing } = asked;
  if (way !== 'named' && way.kind === 'break-glass') return false;
  return found.consents.some(
    (one) =>
      one.patients.some((each) => thing.patients.includes(each) && !principal.within?.includes(each)) &&
      isMeant(one, asked, true),
  );
}

function isForbidden(asked: Case): boolean {
  return asked.policy.rules.some(
    (rule) =>
      rule.effect === 'forbid' &&
      isOn(rule, asked) &&
      occasionFits(rule, asked) &&
      labelsFit(rule, asked.thing) &&
      queryFits(rule.where?.query, asked.thing) &&
      waysOf(rule, asked).some((way) => {
        const test = patientTest(rule, way, asked);
        return test === undefined || asked.thing.patients.some(test);
      }),
  );
}

const widthOf = (view: View): number => views.indexOf(view);

/** Whether a row is permitted, by everything that has a say. The principal has the view of the request. */
export function mayTouch(asked: Case): boolean {
  const { policy, principal, action, thing } = asked;
  const letter = letterOf[action] ?? '';
  const permits = policy.rules.filter(
    (rule) =>
      rule.effect === 'permit' &&
      isOn(rule, asked) &&
      occasionFits(rule, asked) &&
      widthOf(rule.view ?? 'full') >= widthOf(principal.view) &&
      labelsFit(rule, thing),
  );
  const isPermitted = permits.some((rule) =>
    waysOf(rule, asked).some(
      (way) =>
        (way === 'named' || inMatrix(policy, way.role, thing.type, letter)) &&
        scopesOf(asked).some((scope) => reaches(rule, way, scope, asked)) &&
        (letter === 'c' || (!isSensitive(rule, way, asked) && !isWithheld(way, asked))),
    ),
  );
  return isPermitted && !isForbidden(asked);
}

/** The view of a request. */
export function viewFor(asked: Omit<Case, 'action' | 'thing'>, header: View): View {
  const { policy, principal } = asked;
  const all = Object.values(policy.categories).flatMap(({ types }) => types);
  const isOpen = (rule: Rule, way: Way): boolean =>
    way === 'named' ||
    all.some((type) =>
      Object.keys(letterOf).some(
        (action) =>
          isOn(rule, { ...asked, action, thing: { type } } as Case) &&
          inMatrix(policy, way.role, type, letterOf[action] ?? ''),
      ),
    );
  const open = policy.rules
    .filter((rule) => rule.effect === 'permit' && occasionFits(rule, asked))
    .filter((rule) => waysOf(rule, asked).some((way) => isOpen(rule, way)))
    .map((rule) => widthOf(rule.view ?? 'full'));
  const widest = open.length === 0 ? widthOf('full') : Math.max(...open);
  return views[Math.min(widest, widthOf(principal.view), widthOf(header))] ?? 'deidentified';
}
