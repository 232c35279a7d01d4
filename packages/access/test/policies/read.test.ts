import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import { housePolicy } from '../../policies/house.ts';
import { readPolicy } from '../../policies/reading/read.ts';
import { house, rule, vocabulary, withRules } from './world.ts';

const secret = 'Zaphod-4711';

/** What is found: JSON pointers. */
function refused(json: unknown): string[] {
  try {
    readPolicy(json, vocabulary);
  } catch (error) {
    assert.ok(isFault(error) && error.kind === 'invalid' && error.issues.length > 0);
    const texts = [error.message, ...error.issues.map(({ text, code }) => text + code)].join();
    assert.ok(!texts.includes(secret), texts);
    return error.issues.map(({ at = 'nowhere' }) => at);
  }
  return [];
}

type Bag = Record<string, unknown>;
/** The policy of the house with something else at a place: `roles/billing/approvals`; undefined: with nothing there. */
function bent(...changes: readonly (readonly [at: string, value: unknown])[]): Bag {
  const policy = structuredClone(housePolicy) as unknown as Bag;
  for (const [at, value] of changes) {
    const steps = at.split('/');
    const holder = steps.slice(0, -1).reduce((held, step) => held[step] as Bag, policy);
    const key = steps.at(-1) ?? '';
    if (value === undefined) delete holder[key];
    else holder[key] = value;
  }
  return policy;
}
const ruled = (more: object): unknown => withRules({ ...rule(), ...more } as never);
const last = `/rules/${housePolicy.rules.length}`;
const where = (condition: object): unknown => ruled({ where: condition });

test('the policy of the house reads, and what is read is another object', () => {
  const json = house();
  const read = readPolicy(json, vocabulary);
  assert.deepEqual(read, housePolicy);
  assert.notEqual(read, json);
});

const { clinician } = housePolicy.roles;
const bad: readonly (readonly [what: string, json: unknown, at: string])[] = [
  ['no object', [], ''],
  ['null', null, ''],
  ['a text', secret, ''],
  ['another format', bent(['format', 2]), '/format'],
  ['something more', bent([secret, 1]), ''],
  ['no rules', bent(['rules', undefined]), '/rules'],
  ['a role’s name in capitals', bent([`roles/${secret}`, clinician]), '/roles'],
  ['a name that all objects have', bent(['roles/constructor', clinician]), '/roles'],
  ['an unknown purpose', bent(['roles/billing/purpose', secret]), '/roles/billing/purpose'],
  ['grants for ever', bent(['roles/billing/longest_days', 4_000]), '/roles/billing/longest_days'],
  ['an unknown approver', bent(['roles/billing/approvers', ['zz']]), '/roles/billing/approvers/0'],
  ['an unknown role apart', bent(['roles/billing/apart', ['zz']]), '/roles/billing/apart/0'],
  ['a role apart from itself', bent(['roles/billing/apart', ['billing']]), '/roles/billing/apart/0'],
  ['ePHI without approval', bent(['roles/billing/approvals', 0]), '/roles/billing/approvals'],
  ['approvals by nobody', bent(['roles/billing/approvers', []]), '/roles/billing/approvers'],
  ['a role that only it approves', bent(['roles/billing/approvers', ['billing']]), '/roles/billing/approvers'],
  [
    'two roles that approve each other',
    bent(['roles/billing/approvers', ['front-desk']], ['roles/front-desk/approvers', ['billing']]),
    '/roles/billing/approvers',
  ],
  ['one approval for administrators', bent(['roles/administrator/approvals', 1]), '/roles/administrator/approvals'],
  ['an emergency for all', bent(['roles/break-glass/patients', undefined]), '/roles/break-glass/patients'],
  ['no security officer', bent(['roles/security-officer', undefined]), '/roles'],
  ['a role without a row', bent(['matrix/billing', undefined]), '/roles/billing'],
  ['a row without a role', bent(['matrix/zz', {}]), '/matrix/zz'],
  ['an unknown category in the matrix', bent(['matrix/billing/zz', 'r']), '/matrix/billing/zz'],
  ['letters in another order', bent(['matrix/billing/billing', 'sr']), '/matrix/billing/billing'],
  ['operators who see results', bent(['matrix/operator', { results: 'r' }]), '/matrix/operator'],
  ['an unknown type in a category', bent(['categories/notes/types/0', secret]), '/categories/notes/types/0'],
  ['a type in two', bent(['categories/log/types', ['AuditEvent', 'Patient']]), '/categories/log/types/1'],
  ['a type in none', bent(['categories/log/types', ['AuditEvents']]), '/categories'],
  ['a label without a system', bent(['sensitive/hiv/labels', ['HIV']]), '/sensitive/hiv/labels/0'],
  ['two rules with one id', ruled({ id: 'service-scopes' }), `${last}/id`],
  ['a rule for nobody', ruled({ who: {} }), `${last}/who`],
  ['a rule for an unknown role', ruled({ who: { roles: ['zz'] } }), `${last}/who/roles/0`],
  ['a rule for operators', ruled({ who: { roles: ['operator'] } }), `${last}/who/roles/0`],
  ['a rule for no uuid', ruled({ who: { users: [secret] } }), `${last}/who/users/0`],
  ['everyone: false', ruled({ who: { everyone: false } }), `${last}/who/everyone`],
  ['an unknown interaction', ruled({ interactions: ['purge'] }), `${last}/interactions/0`],
  ['the same interaction twice', ruled({ interactions: ['read', 'read'] }), `${last}/interactions`],
  ['an unknown type', ruled({ types: [secret] }), `${last}/types/0`],
  ['an unknown category', ruled({ types: ['category:zz'] }), `${last}/types/0`],
  ['an inherited category', ruled({ types: ['category:constructor'] }), `${last}/types/0`],
  ['an unknown view', ruled({ view: secret }), `${last}/view`],
  ['a write in a narrow view', ruled({ interactions: ['update'], view: 'limited' }), `${last}/view`],
  ['an unknown sensitive category', ruled({ opens: ['zz'] }), `${last}/opens/0`],
  ['an element that is none', ruled({ hide: [`Observation.${secret}`] }), `${last}/hide/0`],
  ['an element of another type', ruled({ hide: ['Patient.telecom'] }), `${last}/hide/0`],
  ['the id hidden', ruled({ hide: ['Observation.id'] }), `${last}/hide/0`],
  ['what must be there hidden', ruled({ hide: ['Observation.code'] }), `${last}/hide/0`],
  ['a choice by its JSON name', ruled({ hide: ['Observation.valueQuantity'] }), `${last}/hide/0`],
  ['a forbid that opens', ruled({ effect: 'forbid', opens: ['hiv'] }), `${last}/opens`],
  ['a forbid that hides', ruled({ effect: 'forbid', hide: ['Observation.note'] }), `${last}/hide`],
  [
    'a forbid that chains',
    ruled({ effect: 'forbid', where: { query: 'subject:Patient.active=true' } }),
    `${last}/where/query`,
  ],
  [
    'a forbid by organization',
    ruled({ effect: 'forbid', where: { compartment: 'organization' } }),
    `${last}/where/compartment`,
  ],
  ['no condition', where({}), `${last}/where`],
  ['an unknown parameter', where({ query: `${secret}=1` }), `${last}/where/query`],
  [
    'a parameter of one of two types',
    ruled({ types: ['Patient', 'Observation'], where: { query: 'gender=female' } }),
    `${last}/where/query`,
  ],
  ['no label', where({ labels: {} }), `${last}/where/labels`],
  ['an unknown purpose', where({ purposes: [secret] }), `${last}/where/purposes/0`],
  ['a network without a length', where({ networks: ['10.0.0.1'] }), `${last}/where/networks/0`],
  ['a network of 33 bits', where({ networks: ['10.0.0.0/33'] }), `${last}/where/networks/0`],
  ['a network with a zone', where({ networks: ['fe80::1%eth0/64'] }), `${last}/where/networks/0`],
  ['an unknown zone', where({ hours: { zone: secret, from: '08:00', to: '18:00' } }), `${last}/where/hours/zone`],
  ['hour 24', where({ hours: { zone: 'Europe/Berlin', from: '08:00', to: '24:00' } }), `${last}/where/hours/to`],
  ['no time at all', where({ hours: { zone: 'Europe/Berlin', from: '08:00', to: '08:00' } }), `${last}/where/hours/to`],
  ['fresh for a week', where({ fresh_s: 604_800 }), `${last}/where/fresh_s`],
  ['test: false', where({ test: false }), `${last}/where/test`],
  ['a reason of two lines', ruled({ reason: `${secret}\n` }), `${last}/reason`],
];

for (const [what, json, at] of bad) {
  test(`refused: ${what}`, () => {
    const found = refused(json);
    assert.ok(found.includes(at), `expected ${at}, found ${found.join(' ')}`);
  });
}

test('what is good reads', () => {
  const good = [
    ruled({ where: { query: 'subject:Patient.active=true', compartment: 'organization' } }),
    ruled({ hide: ['Observation.value', 'Observation.component.value'], readonly: ['Observation.status'] }),
    ruled({ where: { networks: ['10.0.0.0/8', 'fd00::/8', '0.0.0.0/0'], fresh_s: 300, purposes: ['TREAT'] } }),
    ruled({ where: { hours: { zone: 'America/New_York', days: ['mon'], from: '22:00', to: '06:00' } } }),
    ruled({ who: { everyone: true }, effect: 'forbid', where: { labels: { any: ['http://l|x'] } } }),
  ];
  for (const json of good) assert.deepEqual(refused(json), []);
});

test('too many rules, too much text, too deep a nest: refused, not fallen over', () => {
  const many = Array.from({ length: 10_001 }, (_, index) => rule({ id: `rule-${index}` }));
  assert.deepEqual(refused({ ...house(), rules: many }), ['/rules']);
  const labels = Array.from({ length: 100 }, (_, index) => `http://${'x'.repeat(280)}|${index}`);
  const heavy = Array.from({ length: 200 }, (_, index) =>
    rule({ id: `rule-${index}`, where: { labels: { any: labels } } }),
  );
  assert.deepEqual(refused({ ...house(), rules: heavy }), ['']);
  let deep: unknown = {};
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  assert.deepEqual(
    refused({ ...house(), rules: deep }),
    ['/rules/0', '/rules'].slice(0, refused({ ...house(), rules: deep }).length),
  );
});

test('a policy with more questions to the judge than a policy takes is refused before they are all asked', () => {
  let asked = 0;
  const isServedQuery = (): true => {
    asked += 1;
    return true;
  };
  const rules = Array.from({ length: 1_000 }, (_, index) =>
    rule({ id: `rule-${index}`, types: ['*'], where: { query: `_tag=${index}` } }),
  );
  assert.throws(() => readPolicy({ ...house(), rules }, { ...vocabulary, isServedQuery }));
  assert.ok(asked <= 20_000);
});

test('anything at all put anywhere is read or refused, and never quoted', () => {
  const paths = ['format', 'roles', 'roles/billing/approvers', 'rules/0', 'rules/0/where', 'matrix', 'categories/log'];
  const value = fc.oneof(fc.jsonValue(), fc.constant(secret), fc.constant({ [secret]: secret }));
  fc.assert(
    fc.property(fc.constantFrom(...paths), value, (path, put) => void refused(bent([path, put]))),
    { numRuns: 300 },
  );
});

test('a prototype in the JSON becomes nobody’s', () => {
  const json: unknown = JSON.parse(JSON.stringify(house()).replace('"matrix":{', '"matrix":{"__proto__":{"log":"r"},'));
  const { matrix } = readPolicy(json, vocabulary);
  assert.deepEqual(matrix, housePolicy.matrix);
  assert.equal(Object.getPrototypeOf(matrix['billing']), Object.prototype);
});
