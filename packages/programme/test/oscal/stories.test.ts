import assert from 'node:assert/strict';
import { test } from 'node:test';
import { most_observations, oscalDocument, oscalNames } from '../../oscal/oscal.ts';
import { asJson, content, evidence as evidenceOf, input, now, posture } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into as JSON
type Any = any;
const of = (name: string, more: object = {}): Any => {
  const document = asJson(oscalDocument(name, { ...input, ...more })) as Record<string, Any>;
  return Object.values(document)[0];
};
const propOf = (thing: Any, name: string): string | undefined =>
  thing.props?.find((prop: Any) => prop.name === name)?.value;

test('the catalog has every control, specifications within their standards, with R and A', () => {
  const { groups } = of('catalog');
  const tops = groups.flatMap((group: Any) => group.controls);
  const below = tops.flatMap((top: Any) => top.controls ?? []);
  assert.equal(tops.length + below.length, content.controls.size);
  const labelled = below.filter((one: Any) => one.class === 'specification');
  assert.equal(labelled.length, 41);
  assert.equal(labelled.filter((one: Any) => propOf(one, 'level') === 'addressable').length, 22);
  const access = tops.find((one: Any) => one.id === 'cfr-164.312-a-1');
  assert.deepEqual(
    access.controls.map((one: Any) => propOf(one, 'label')),
    ['(i)', '(ii)', '(iii)', '(iv)'].map((part) => `45 CFR 164.312(a)(2)${part}`),
  );
});

test('the same input gives the same document; a later date changes the date alone, other content the UUID', () => {
  for (const name of oscalNames(content)) {
    const oscal = '1.2.2';
    const [one, same, later] = [of(name, { oscal }), of(name, { oscal }), of(name, { oscal, at: now + 5000 })];
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, later);
    later.metadata['last-modified'] = one.metadata['last-modified'];
    assert.deepEqual(one, later, name);
    assert.notEqual(one.uuid, of(name, { oscal, version: '0.2.0' }).uuid);
  }
});

test('every reference by UUID or token leads to something', () => {
  const plan = of('system-security-plan');
  const known = new Set(plan['system-implementation'].components.map((one: Any) => one.uuid));
  const requirements = plan['control-implementation']['implemented-requirements'];
  const parts = requirements.flatMap((one: Any) => one.statements[0]['by-components']);
  assert.ok(parts.every((one: Any) => known.has(one['component-uuid'])));
  const offered = new Set(parts.flatMap((one: Any) => (one.export?.provided ?? []).map(({ uuid }: Any) => uuid)));
  const left = new Set(parts.flatMap((one: Any) => (one.export?.responsibilities ?? []).map(({ uuid }: Any) => uuid)));

  const customer = of('customer-system-security-plan');
  const owns = customer['control-implementation']['implemented-requirements'].flatMap(
    (one: Any) => one.statements[0]['by-components'],
  );
  const inherited = owns.flatMap((one: Any) => one.inherited ?? []);
  const satisfied = owns.flatMap((one: Any) => one.satisfied ?? []);
  assert.ok(inherited.length > 20);
  assert.ok(inherited.every((one: Any) => offered.has(one['provided-uuid'])));
  assert.equal(satisfied.length, 1);
  assert.ok(left.has(satisfied[0]['responsibility-uuid']));
  const [authorization] = customer['system-implementation']['leveraged-authorizations'];
  assert.equal(authorization['date-authorized'], '2026-02-01');

  const catalog = JSON.stringify(of('catalog'));
  for (const { 'control-id': id } of requirements) assert.ok(catalog.includes(`"${id}"`), id);
  const params = new Set(of('catalog').params.map(({ id }: Any) => id));
  const used = JSON.stringify([plan, of('component-definition')]).matchAll(/\{\{ insert: param, ([a-z0-9_.]+)/g);
  for (const [, id] of used) assert.ok(params.has(id), id);
});

test('no two parts of a document have the same UUID, but where they are the same thing', () => {
  const uuids = (value: Any): string[] =>
    typeof value !== 'object' || value === null
      ? []
      : [...(typeof value.uuid === 'string' ? [value.uuid] : []), ...Object.values(value).flatMap(uuids)];
  for (const name of oscalNames(content)) {
    const all = uuids(of(name, { oscal: '1.2.2' }));
    assert.equal(new Set(all).size, all.length, name);
    assert.ok(all.every((uuid) => /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)));
  }
});

test('only what evidence bears out is satisfied or implemented', () => {
  const states = new Map(posture.controls.map(({ control, state }) => [`cfr-${control.id}_stmt`, state]));
  assert.deepEqual(new Set(states.values()).size, 6, 'the world has every state');
  const [result] = of('assessment-results').results;
  assert.equal(result.findings.length, content.controls.size);
  for (const { target } of result.findings) {
    const state = states.get(target['target-id']);
    const isWell = state === 'met' || state === 'not-applicable';
    assert.equal(target.status.state, isWell ? 'satisfied' : 'not-satisfied', state);
    assert.equal(target.status.reason === 'pass', state === 'met', state);
  }
  const plan = of('system-security-plan')['control-implementation']['implemented-requirements'];
  for (const { statements } of plan) {
    const [{ 'by-components': parts, 'statement-id': id }] = statements;
    const { state } = parts[0]['implementation-status'];
    assert.equal(['implemented', 'alternative'].includes(state), states.get(id) === 'met');
  }
});

test('observations tell what was tried from what another tool left, and name their ledger entry', () => {
  const [{ observations }] = of('assessment-results').results;
  const about = (check: string): Any => observations.find((one: Any) => propOf(one, 'check') === check);
  assert.deepEqual(about('http.tls').methods, ['TEST']);
  assert.deepEqual(about('operations.backup-recent').methods, ['EXAMINE']);
  assert.equal(propOf(about('http.tls').subjects[0], 'examined'), '12');
  assert.equal(propOf(about('http.tls')['relevant-evidence'][0], 'log'), 'ledger.example/platform');
});

test('each open control is an item with its cause, what to do, and who answers for it; none closes by a waiver', () => {
  const plan = of('plan-of-action-and-milestones');
  const open = posture.controls.filter(({ state }) => ['unmet', 'unknown', 'undocumented'].includes(state));
  assert.equal(plan['poam-items'].length, open.length);
  const item = plan['poam-items'].find((one: Any) => propOf(one, 'control') === 'cfr-164.312-e-2-ii');
  const risk = plan.risks.find((one: Any) => one.uuid === item['related-risks'][0]['risk-uuid']);
  assert.equal(risk.status, 'open');
  assert.equal(risk.deadline, new Date(now + 3_600_000).toISOString());
  assert.equal(risk.remediations[0].description, 'Turn TLS on.');
  assert.equal(risk['risk-log'].entries[0].description, 'The proxy is being moved.');
  assert.ok(item['related-observations'].length > 0);
});

test('where nothing is open the plan of action says so', () => {
  const all = posture.controls.filter(({ state }) => state === 'met');
  const { 'poam-items': items, risks } = of('plan-of-action-and-milestones', {
    posture: { ...posture, controls: all },
  });
  assert.deepEqual([items.length, items[0].title, risks], [1, 'Nothing is open', undefined]);
});

test('the proposed rule is proposed in its title, its marker and every row', () => {
  const profile = of('profile-nprm-2025');
  assert.match(profile.metadata.title, /^PROPOSED, NOT LAW/);
  assert.equal(propOf(profile.metadata, 'marker'), 'proposed');
  const { groups } = profile.merge.custom;
  assert.equal(groups.length, content.profiles.get('nprm-2025')?.rows.length);
  assert.ok(groups.every((group: Any) => propOf(group, 'status') === 'proposed' && group.class === 'proposed'));
});

test('without a service that it needs, a control stays with the customer', () => {
  const needing = [...content.controls.values()].find(({ carried }) => carried.api.with !== undefined);
  const found = (services: readonly string[]): Any => {
    const plan = of('customer-system-security-plan', { customer: { ...input.customer, services } });
    const all = plan['control-implementation']['implemented-requirements'];
    return all.find((one: Any) => one['control-id'] === `cfr-${needing?.id}`);
  };
  if (needing === undefined) return;
  assert.equal(propOf(found([]), 'carried-by'), 'customer');
  assert.equal(propOf(found(needing.carried.api.with ?? []), 'carried-by'), needing.carried.api.by);
});

test('a name that is none, a customer without lines, too long a period and a forgotten part are refused', () => {
  assert.throws(() => oscalDocument('constructor', input), { kind: 'missing' });
  assert.throws(() => oscalDocument('profile-none', input), { kind: 'missing' });
  const idle = { ...input, customer: { ...input.customer, lines: [] } } as never;
  assert.throws(() => oscalDocument('customer-system-security-plan', idle), { kind: 'invalid' });
  const evidence = Array.from({ length: most_observations + 1 }, () => evidenceOf('http.tls', 'met'));
  const long = { ...input, period: { from: 0, until: now, evidence } };
  assert.throws(() => oscalDocument('assessment-results', long), { kind: 'tooLarge' });
  const { posture: _, ...less } = input;
  assert.throws(() => oscalDocument('system-security-plan', less), { kind: 'internal' });
});
