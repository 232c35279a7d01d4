import type { Policy, Rule } from '../../policy/types.ts';
import { patients, sharedType, views } from './world.ts';

/** A policy of ours as Cedar text: for each rule a Cedar policy for every way in which it can name somebody. */

/** A principal's holdings and a request's scopes, consents stand in numbered places: Cedar has no loops. */
export const holdingSlots = ['h0', 'h1', 'h2'] as const;
export const scopeSlots = ['s0', 's1', 's2'] as const;
export const effectSlots = ['e0', 'e1'] as const;
export const exceptSlots = ['x0', 'x1'] as const;

const set = (texts: readonly string[]): string => JSON.stringify(texts);
const all = (parts: readonly string[]): string => `(${parts.join(' && ') || 'true'})`;
const any = (parts: readonly string[]): string => `(${parts.join(' || ') || 'false'})`;

/** The holding that a rule is asked through, as Cedar reaches it; undefined: it names the person otherwise. */
type Way = string | undefined;

const width = (rule: Rule): number => views.indexOf(rule.view ?? 'full');

function named({ who }: Rule): string {
  return any([
    ...(who.groups ? [`principal.groups.containsAny(${set(who.groups)})`] : []),
    ...(who.users ? [`(principal.kind == "user" && ${set(who.users)}.contains(principal.number))`] : []),
    ...(who.clients ? [`(principal.kind == "client" && ${set(who.clients)}.contains(principal.number))`] : []),
    ...(who.everyone ? ['true'] : []),
  ]);
}

const held = ({ who }: Rule, slot: string): string =>
  all([
    `principal has ${slot}`,
    `${set(who.roles ?? [])}.contains(principal.${slot}.role)`,
    `principal.${slot}.until > context.at`,
  ]);

function typed({ types }: Rule, { categories }: Policy): string {
  if (types.includes('*')) return 'true';
  const plain = types.flatMap((one) => (one.startsWith('category:') ? (categories[one.slice(9)]?.types ?? []) : [one]));
  return `${set(plain)}.contains(resource.type)`;
}

const letters = { create: 'c', read: 'r', update: 'u', delete: 'd', search: 's' } as const;

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function hours({ zone, days, from, to }: NonNullable<NonNullable<Rule['where']>['hours']>): string {
  const clock = `context.clocks["${zone}"]`;
  const today = days ? `${set(days)}.contains(${clock}.day)` : 'true';
  const before = days ? `${set(days)}.contains(${clock}.before)` : 'true';
  const [late, early] = [`${clock}.minutes >= ${minutes(from)}`, `${clock}.minutes < ${minutes(to)}`];
  return from < to ? all([today, late, early]) : any([all([late, today]), all([early, before])]);
}

function occasion({ where = {} }: Rule): string[] {
  const { purposes, networks, fresh_s, test } = where;
  return [
    ...(purposes ? [`${set(purposes)}.contains(context.purpose)`] : []),
    ...(networks
      ? [`context has address && ${any(networks.map((one) => `context.address.isInRange(ip("${one}"))`))}`]
      : []),
    ...(where.hours ? [hours(where.hours)] : []),
    ...(fresh_s === undefined ? [] : [`context has age_ms && context.age_ms <= ${fresh_s * 1000}`]),
    ...(test ? ['context.test'] : []),
  ];
}

function row({ where = {} }: Rule): string[] {
  const { query = '', labels } = where;
  const pairs = [...new URLSearchParams(query)];
  return [
    ...pairs.map(([name, value]) => `resource["${name}"].containsAny(${set(value.split(','))})`),
    ...(labels?.any ? [`resource.labels.containsAny(${set(labels.any)})`] : []),
    ...(labels?.none ? [`!resource.labels.containsAny(${set(labels.none)})`] : []),
  ];
}

/** Whether one patient is in the rule's compartment, and of the holding. */
function ofPatient({ where }: Rule, way: Way, patient: string): string {
  const compartments = {
    own: `principal.within.contains("${patient}")`,
    'care-team': `context.careTeam.contains("${patient}")`,
    granted: way ? `${way} has patients` : 'false',
    organization: 'true',
  };
  const isGranted = way ? `(!(${way} has patients) || ${way}.patients.contains("${patient}"))` : 'true';
  return all([where?.compartment ? compartments[where.compartment] : 'true', isGranted]);
}

const isLimited = ({ where }: Rule): boolean =>
  where?.compartment !== undefined && where.compartment !== 'organization';

const unlimited = (rule: Rule, way: Way): string =>
  isLimited(rule) ? 'false' : way ? `!(${way} has patients)` : 'true';

const shared = `(resource.type == "${sharedType}" && resource.patients.isEmpty())`;

function scoped(rule: Rule, way: Way, slot: string): string {
  const scope = `context.${slot}`;
  const near = patients.map((one) =>
    all([
      `resource.patients.contains("${one}")`,
      ofPatient(rule, way, one),
      `(!(${scope} has limit) || ${scope}.limit.contains("${one}"))`,
    ]),
  );
  return all([
    `context has ${slot}`,
    `(!(${scope} has category) || resource.category.containsAny(${scope}.category))`,
    `(!(${scope} has labels) || resource.labels.containsAny(${scope}.labels))`,
    any([shared, all([unlimited(rule, way), `!(${scope} has limit)`]), ...near]),
  ]);
}

function matrix({ matrix: rows, categories }: Policy, way: string): string {
  const cells = Object.entries(rows).flatMap(([role, cellsOf]) =>
    Object.entries(cellsOf).map(([category, granted]) =>
      all([
        `${way}.role == "${role}"`,
        `${set(categories[category]?.types ?? [])}.contains(resource.type)`,
        `${set([...granted])}.contains(context.letter)`,
      ]),
    ),
  );
  return any(cells);
}

function insensitive(rule: Rule, { sensitive }: Policy, way: Way): string[] {
  const names = Object.entries(sensitive).filter(([name]) => !rule.opens?.includes(name));
  return names.map(([name, { labels }]) =>
    any([
      'context.letter == "c"',
      `!resource.labels.containsAny(${set(labels)})`,
      `(principal.kind == "client" && principal.permissions.contains("sensitive:${name}"))`,
      ...(way ? [`${way}.opens.contains("${name}")`] : []),
    ]),
  );
}

/** A provision of a consent, at a place in the context. */
function meant(place: string, takes: boolean, depth: number): string {
  const absent = (key: string, test: string): string => `(!(${place} has ${key}) || ${test})`;
  const conditions = [
    absent('types', `${place}.types.contains(resource.type)`),
    absent('letters', `${place}.letters.contains(context.letter)`),
    absent('instances', `${place}.instances.contains(resource.reference)`),
    absent('parameters', `resource.parameters.containsAll(${place}.parameters)`),
    absent('category', `resource.category.containsAny(${place}.category)`),
    absent('code', `resource.code.containsAny(${place}.code)`),
    absent('labels', `resource.labels.containsAny(${place}.labels)`),
    absent('bad', `${takes}`),
  ];
  const inner = depth === 0 ? [] : exceptSlots;
  return all([
    ...conditions,
    ...inner.map((slot) => `!(${place} has ${slot} && ${meant(`${place}.${slot}`, !takes, depth - 1)})`),
  ]);
}

const unwithheld = any([
  'context.letter == "c"',
  all(
    effectSlots.map((slot) => {
      const bound = patients.map((one) =>
        all([
          `resource.patients.contains("${one}")`,
          `context.${slot}.patients.contains("${one}")`,
          `!principal.within.contains("${one}")`,
        ]),
      );
      return `!(context has ${slot} && ${any(bound)} && ${meant(`context.${slot}`, true, 2)})`;
    }),
  ),
]);

function permit(rule: Rule, policy: Policy, way: Way): string[] {
  const isOfOrganization =
    rule.where?.compartment === 'organization'
      ? [`(${shared} || resource.organizations.containsAny(context.organizations))`]
      : [];
  return [
    `context.width <= ${width(rule)}`,
    ...(way ? [matrix(policy, way)] : []),
    ...isOfOrganization,
    any(scopeSlots.map((slot) => scoped(rule, way, slot))),
    ...insensitive(rule, policy, way),
    way ? any([`${way}.kind == "break-glass"`, unwithheld]) : unwithheld,
  ];
}

function forbid(rule: Rule, way: Way): string[] {
  const near = patients.map((one) => `(resource.patients.contains("${one}") && ${ofPatient(rule, way, one)})`);
  return [any([unlimited(rule, way), ...near])];
}

function written(rule: Rule, policy: Policy, way: Way, who: string): string {
  const actions = rule.interactions.map((one) => `Action::"${letters[one]}"`);
  const parts = [
    who,
    typed(rule, policy),
    ...occasion(rule),
    ...row(rule),
    ...(rule.effect === 'permit' ? permit(rule, policy, way) : forbid(rule, way)),
  ];
  return `${rule.effect} (principal, action in [${actions}], resource) when { ${parts.join('\n && ')} };`;
}

/** The whole policy in Cedar's language. */
export function cedarText(policy: Policy): string {
  const texts = policy.rules.flatMap((rule) => {
    const { roles, ...others } = rule.who;
    const byRole = roles
      ? holdingSlots.map((slot) => written(rule, policy, `principal.${slot}`, held(rule, slot)))
      : [];
    return Object.keys(others).length > 0 ? [...byRole, written(rule, policy, undefined, named(rule))] : byRole;
  });
  return texts.join('\n');
}
