import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { isFault } from '@safeguard/kernel';
import { compilePolicy, createAccess, entitled, type Holding, openStanding, type Policy, viewOf } from '../../index.ts';
import { housePolicy } from '../../policies/house.ts';
import type { Rule } from '../../policy/types.ts';
import { access, factsOf, type Thing, vocabulary } from './world.ts';

const { decide, visible, guard, shield, explain } = access;
const at = Date.parse('2026-11-22T12:00:00Z');

const policyOf = (rules: readonly Partial<Rule>[], more: Partial<Policy> = {}): Policy => ({
  ...housePolicy,
  ...more,
  rules: rules.map((rule, index) => ({
    id: `rule-${index}`,
    reason: 'Because.',
    effect: 'permit',
    who: { roles: ['clinician'] },
    interactions: ['create', 'read', 'update', 'search'],
    types: ['*'],
    ...rule,
  })),
});

const nobody: Principal = {
  tenant: 1,
  kind: 'user',
  id: 'u1',
  scopes: Object.freeze(['user/*.cruds']),
  view: 'full',
  assurance: { level: 2, at: at - 60_000, methods: [] },
};
const clinician: Holding = { role: 'clinician', grant: 'grant-1', kind: 'standing', until: at + 1000 };
const facts = {
  holdings: [clinician] as readonly Holding[],
  groups: [],
  careTeam: ['p1'],
  organizations: ['o1'],
  consents: [],
  testTenant: false,
  at,
  network: '10.0.0.1',
  purpose: 'TREAT',
};
const under = (policy: Policy, more: Partial<typeof facts> = {}, who: Partial<Principal> = {}): Principal =>
  entitled({ ...nobody, ...who }, { ...facts, ...more, policy: compilePolicy(policy, 1, vocabulary) });

const hiv = 'http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV';
const thing = (more: Partial<Thing> = {}): Thing => ({
  ...{ type: 'Observation', id: 'i1', patients: ['p1'], labels: [], values: {} },
  ...more,
});
const onRow = (who: Principal, action: string, more: Partial<Thing> = {}) => {
  const one = thing(more);
  return decide(who, action, { type: one.type, row: factsOf(one) });
};

test('both gates must permit: scopes without a standing reach nothing, nor a standing without scopes', () => {
  const who = under(policyOf([{}]));
  assert.deepEqual(decide(who, 'read', { type: 'Observation' }), {
    ...{ permit: true, reason: 'policy', rule: 'rule-0', grant: 'grant-1', scope: 'user/*.cruds', view: 'full' },
  });
  const { standing, ...bare } = who;
  assert.deepEqual(decide(bare, 'read', { type: 'Observation' }), { permit: false, reason: 'no role is held' });
  assert.equal(visible(bare, 'Observation'), 'none');
  assert.equal(decide(bare, 'transaction').permit, false);
  assert.equal(decide(bare, 'search-system').permit, false);
  const client: Principal = { ...bare, kind: 'client', scopes: ['system/*.cruds'] };
  assert.equal(decide(client, 'read', { type: 'Observation' }).permit, false);
  const scopeless = { ...who, scopes: ['user/Patient.rs'] };
  assert.equal(decide(scopeless, 'read', { type: 'Observation' }).reason, 'no scope permits it');
  assert.equal(visible(scopeless, 'Observation'), 'none');
  assert.equal(decide({ ...who, assurance: { level: 1, at, methods: [] } }, 'read', { type: 'Patient' }).permit, false);
});

test('negative control: with policies off the same principal without standing reads', () => {
  const off = createAccess({ ...vocabulary, policies: 'off' });
  assert.equal(off.decide(nobody, 'read', { type: 'Observation' }).permit, true);
});

test('a standing cannot be forged, nor made from what was written down', () => {
  const who = under(policyOf([{}]));
  const forged: unknown[] = [
    { ...facts, kind: 'standing', policy: compilePolicy(policyOf([{}]), 1, vocabulary), view: 'full' },
    JSON.parse(JSON.stringify(who.standing)),
    structuredClone({ kind: 'standing' }),
    {},
  ];
  for (const standing of forged) {
    const thief = { ...nobody, standing } as Principal;
    assert.equal(decide(thief, 'read', { type: 'Observation' }).permit, false);
    assert.equal(openStanding(thief), undefined);
  }
  assert.equal(JSON.stringify(who.standing), '{"kind":"standing"}', 'what is held leaves in no log');
  assert.throws(() => Object.assign(who.standing ?? {}, { kind: 'x' }), TypeError);
  assert.throws(() => (facts.holdings as Holding[]).push(clinician), TypeError);
});

test('the standing of one is no other’s: rules for a user go by the principal', () => {
  const who = under(policyOf([{ who: { users: ['u1'] } }]), { holdings: [] });
  assert.equal(decide(who, 'read', { type: 'Observation' }).permit, true);
  assert.equal(decide({ ...who, id: 'u2' }, 'read', { type: 'Observation' }).permit, false);
  assert.equal(decide({ ...who, kind: 'client', scopes: ['system/*.r'] }, 'read', { type: 'Patient' }).permit, false);
});

test('a holding counts until its end, to the millisecond', () => {
  const policy = policyOf([{}]);
  assert.equal(decide(under(policy, { at: at + 999 }), 'read', { type: 'Patient' }).permit, true);
  const late = under(policy, { at: at + 1000 });
  assert.equal(decide(late, 'read', { type: 'Patient' }).permit, false);
  assert.equal(onRow(late, 'read').permit, false);
  assert.equal(visible(late, 'Patient'), 'none');
});

test('a forbid overrides every permit, and is named', () => {
  const who = under(
    policyOf([
      {},
      { id: 'not-now', effect: 'forbid', who: { everyone: true }, interactions: ['update'], types: ['Observation'] },
    ]),
  );
  assert.deepEqual(decide(who, 'update', { type: 'Observation' }), {
    ...{ permit: false, reason: 'forbidden by policy', rule: 'not-now' },
  });
  assert.throws(
    () => guard(who, 'patch', { type: 'Observation' }),
    (error) => isFault(error) && error.kind === 'forbidden' && !error.message.includes('not-now'),
  );
  assert.deepEqual(access.because(who), { rule: 'not-now' });
  assert.equal(decide(who, 'read', { type: 'Observation' }).permit, true);
});

test('what let a request through is told for its entry', () => {
  const who = under(policyOf([{}]));
  assert.equal(access.because(who), undefined);
  guard(who, 'read', { type: 'Observation' });
  assert.deepEqual(access.because(who), { rule: 'rule-0', grant: 'grant-1' });
});

test('what is sensitive is opened by rule, by grant, by a client’s permission, and never bars creating', () => {
  const labels = [hiv];
  const closed = under(policyOf([{}]));
  assert.equal(onRow(closed, 'read', { labels }).reason, 'sensitive');
  assert.equal(onRow(closed, 'update', { labels }).reason, 'sensitive');
  assert.equal(onRow(closed, 'create', { labels }).permit, true);
  assert.equal(onRow(under(policyOf([{ opens: ['hiv'] }])), 'read', { labels }).permit, true);
  const granted = under(policyOf([{}]), { holdings: [{ ...clinician, opens: ['hiv'] }] });
  assert.equal(onRow(granted, 'read', { labels }).permit, true);
  const service = (permissions: readonly string[]): Principal =>
    under(
      policyOf([{ who: { roles: ['service'] } }]),
      { holdings: [{ role: 'service', kind: 'relationship' }] },
      { kind: 'client', id: 'c1', scopes: ['system/*.cruds'], permissions },
    );
  assert.equal(onRow(service([]), 'read', { labels }).reason, 'sensitive');
  assert.equal(onRow(service(['sensitive:minors']), 'read', { labels }).reason, 'sensitive');
  assert.equal(onRow(service(['sensitive:hiv']), 'read', { labels }).permit, true);
  assert.ok(access.permissions.has('sensitive:hiv'));
});

test('a consent takes what it names, with its id; not from the patient, not in an emergency', () => {
  const consents = [
    { patients: ['p1', 'p2'], types: ['Observation'], letters: 'rs', consent: 'c-1', consents: ['c-1', 'c-2'] },
  ];
  const policy = policyOf([{}, { who: { roles: ['break-glass'] } }, { who: { roles: ['patient'] } }]);
  const who = under(policy, { consents: consents as never });
  assert.deepEqual(onRow(who, 'read', { patients: ['p2'] }), {
    ...{ permit: false, reason: "patient's consent", consent: 'c-2' },
  });
  assert.equal(onRow(who, 'read', { patients: ['p3'] }).permit, true);
  assert.equal(onRow(who, 'update', { patients: ['p1'] }).permit, true);
  const emergency = under(policy, {
    consents: consents as never,
    holdings: [{ role: 'break-glass', kind: 'break-glass', patients: ['p1'], until: at + 1 }],
  });
  assert.equal(onRow(emergency, 'read').permit, true);
  const self = under(
    policy,
    { consents: consents as never, holdings: [{ role: 'patient', kind: 'relationship' }] },
    { within: ['p1'] },
  );
  assert.equal(onRow(self, 'read').permit, true);
  assert.equal(onRow(self, 'read', { patients: ['p1', 'p2'] }).reason, "patient's consent");
});

test('sights: limits meet, queries join, exceptions stand once, what another shows is left out', () => {
  const careTeam = under(policyOf([{ where: { compartment: 'care-team', query: 'code=1' } }], { sensitive: {} }), {
    careTeam: ['p1', 'p2'],
  });
  const why = { rule: 'rule-0', grant: 'grant-1' };
  assert.deepEqual(visible({ ...careTeam, scopes: ['user/*.s?_security=x'], within: ['p2', 'p3'] }, 'Observation'), [
    { patients: ['p2'], query: '_security=x&code=1', why },
  ]);
  assert.equal(visible({ ...careTeam, within: ['p3'] }, 'Observation'), 'none');
  assert.deepEqual(visible({ ...careTeam, within: ['p3'] }, 'Organization'), [{ patients: [], query: 'code=1', why }]);
  const wide = under(policyOf([{ where: { compartment: 'care-team' } }, {}], { sensitive: {} }));
  assert.equal(visible(wide, 'Observation'), 'all');
  const labelled = under(
    policyOf([{ where: { compartment: 'organization' } }, { where: { compartment: 'care-team' } }], {
      sensitive: { hiv: { title: '', labels: ['s|HIV'] } },
    }),
  );
  const except = [{ labels: ['s|HIV'] }];
  assert.deepEqual(visible(labelled, 'Observation'), [
    { patientQuery: 'organization=Organization/o1', why, except },
    { patients: ['p1'], why: { ...why, rule: 'rule-1' }, except },
  ]);
});

test('of several grants for patients one sight is made', () => {
  const holdings = ['p1', 'p2', 'p3'].map((one): Holding => ({ ...clinician, patients: [one], grant: `grant-${one}` }));
  const who = under(policyOf([{}], { sensitive: {} }), { holdings });
  assert.deepEqual(visible(who, 'Observation'), [
    { patients: ['p1', 'p2', 'p3'], why: { rule: 'rule-0', grant: 'grant-p1' } },
  ]);
  assert.equal(onRow(who, 'read', { patients: ['p2'] }).grant, 'grant-p2');
});

test('the view is the widest that somebody’s rules open, and rules that are narrower count only under it', () => {
  const policy = policyOf([
    { who: { roles: ['researcher'] }, view: 'deidentified' },
    { types: ['Patient'], where: { networks: ['10.0.0.0/8'] } },
  ]);
  const both: Holding[] = [clinician, { ...clinician, role: 'researcher' }];
  const who = under(policy, { holdings: both });
  assert.equal(who.view, 'full');
  assert.equal(decide(who, 'read', { type: 'Observation' }).permit, false, 'only the researcher may, and not in full');
  const away = under(policy, { holdings: both, network: '11.0.0.1' });
  assert.equal(away.view, 'deidentified');
  assert.equal(decide(away, 'read', { type: 'Observation' }).permit, true);
  const unviewed = { ...facts, holdings: both, policy: compilePolicy(policy, 1, vocabulary) };
  assert.equal(viewOf(nobody, unviewed, 'limited'), 'limited');
  assert.equal(viewOf({ ...nobody, view: 'deidentified' }, unviewed, 'full'), 'deidentified');
});

test('an element is hidden unless a permit leaves it open; by the row it is told exactly', () => {
  const who = under(
    policyOf([
      { types: ['Patient'], hide: ['Patient.telecom', 'Patient.contact.name'], readonly: ['Patient.birthDate'] },
      { types: ['Patient'], hide: ['Patient.telecom.value', 'Patient.contact'], where: { compartment: 'care-team' } },
    ]),
  );
  assert.deepEqual(shield(who, 'Patient', 'read'), { hide: ['contact.name', 'telecom.value'], readonly: [] });
  const row = (patient: string) => factsOf(thing({ type: 'Patient', patients: [patient] }));
  assert.deepEqual(shield(who, 'Patient', 'update', row('p9')), {
    hide: ['contact.name', 'telecom'],
    readonly: ['birthDate'],
  });
  assert.deepEqual(shield(who, 'Patient', 'read', row('p1')), {
    hide: ['contact.name', 'telecom.value'],
    readonly: [],
  });
  assert.equal(shield(who, 'Observation', 'read'), undefined);
});

test('explain names every rule on the type, and the condition that failed', () => {
  const who = under(
    policyOf([
      { id: 'by-team', where: { compartment: 'care-team' } },
      { id: 'at-night', where: { hours: { zone: 'UTC', from: '22:00', to: '06:00' } } },
      { id: 'elsewhere', where: { networks: ['192.168.0.0/16'] } },
      { id: 'for-billing', who: { roles: ['billing'] } },
      { id: 'writing', interactions: ['create'] },
      { id: 'no-stubs', effect: 'forbid', who: { everyone: true }, where: { query: 'code=9' } },
    ]),
  );
  const told = explain(who, 'read', { type: 'Observation', row: factsOf(thing()) });
  assert.equal(told.gate, 'policy');
  assert.equal(told.until, clinician.until);
  assert.deepEqual(
    told.rules.map(({ rule, failed }) => [rule, failed]),
    [
      ['by-team', undefined],
      ['at-night', 'hours'],
      ['elsewhere', 'network'],
      ['no-stubs', 'query'],
      ['for-billing', 'subject'],
    ],
  );
  assert.deepEqual(told.rules[0]?.through, {
    kind: 'role',
    name: 'clinician',
    grant: 'grant-1',
    until: clinician.until,
  });
  const far = explain(who, 'read', { type: 'Observation', row: factsOf(thing({ patients: ['p2'] })) });
  assert.equal(far.decision.permit, false);
  assert.equal(far.rules[0]?.failed, 'compartment');
  assert.equal(explain({ ...who, scopes: ['user/Patient.r'] }, 'read', { type: 'Observation' }).gate, 'scope');
  assert.equal(explain(who, 'client-create', { type: 'Client' }).gate, 'table');
});

test('what cannot be enforced within queries is refused, every such rule at once', () => {
  const wrong: Partial<Rule>[] = [
    { effect: 'forbid', where: { compartment: 'organization' } },
    { effect: 'forbid', where: { query: 'subject:Patient.active=true' } },
    { where: { networks: ['10.0.0.0/99'] } },
    { where: { hours: { zone: 'Nowhere/None', from: '00:00', to: '01:00' } } },
    { where: { labels: { any: [] } } },
  ];
  assert.throws(
    () => compilePolicy(policyOf(wrong), 1, vocabulary),
    (error) => isFault(error) && error.kind === 'invalid' && error.issues.length === wrong.length,
  );
  assert.ok(compilePolicy(housePolicy, 0, vocabulary));
});

test('a changed policy counts at once, whatever was remembered of the person', () => {
  const holdings = Object.freeze([clinician]);
  const one = under(policyOf([{}]), { holdings });
  assert.equal(decide(one, 'read', { type: 'Patient' }).permit, true);
  const other = under(policyOf([{ types: ['Observation'] }]), { holdings });
  assert.equal(decide(other, 'read', { type: 'Patient' }).permit, false);
  const grouped = policyOf([{ who: { groups: ['g1'] } }]);
  const compiled = compilePolicy(grouped, 1, vocabulary);
  const as = (groups: string[]) => entitled(nobody, { ...facts, holdings, groups, policy: compiled } as never);
  assert.equal(decide(as([]), 'read', { type: 'Patient' }).permit, false);
  assert.equal(decide(as(['g1']), 'read', { type: 'Patient' }).permit, true);
  assert.equal(decide(as([]), 'read', { type: 'Patient' }).permit, false);
});
