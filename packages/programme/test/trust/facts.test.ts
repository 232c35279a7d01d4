import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkIds, type Posture, type StateName } from '../../index.ts';
import { controlPage } from '../../trust/control.ts';
import { factsOf } from '../../trust/facts.ts';
import { summaryOf } from '../../trust/json.ts';
import { overview } from '../../trust/overview.ts';
import type { Facts, Unmet } from '../../trust/types.ts';
import { liesIn } from './judge.ts';
import { content, leak, mixed, postureOf, publishedIds, type Said, type Told, versionOf } from './world.ts';

const brand = { name: 'Harbor Health Platform' };
const said: readonly Said[] = ['met', 'met', 'met', 'unmet', 'unknown', 'stale', 'none'];
const addressable = [...content.controls.values()].flatMap(({ id, level }) => (level === 'addressable' ? [id] : []));
const versions = new Map([...content.policies.keys()].map((id) => [id, versionOf(id)]));

const anything: fc.Arbitrary<Told> = fc.record({
  checks: fc
    .array(fc.tuple(fc.constantFrom(...checkIds), fc.constantFrom(...said)), { maxLength: 30 })
    .map((pairs) => Object.fromEntries(pairs)),
  unpublished: fc.subarray([...content.policies.keys()]),
  undecided: fc.subarray(addressable, { maxLength: 4 }),
  refused: fc.subarray(addressable, { maxLength: 4 }),
  waived: fc.subarray([...content.controls.keys()], { maxLength: 5 }),
});

const factsFor = (posture: Posture, told: Told, unmet: Unmet): Facts =>
  factsOf({
    ...{ content, posture, unmet, render: (text: string) => text },
    policies: publishedIds(told).flatMap((id) => versions.get(id) ?? []),
  });

const bodyOf = (facts: Facts): string => String(overview(facts, brand).body);

test('over any posture: every row and every need shows its state, the counts count, nothing unmet is met', () => {
  fc.assert(
    fc.property(anything, fc.constantFrom<Unmet>('named', 'counted'), (told, unmet) => {
      const posture = postureOf(told);
      assert.deepEqual(liesIn(bodyOf(factsFor(posture, told, unmet)), posture, unmet), []);
    }),
    { numRuns: 30 },
  );
});

test('the measure sees a lie (negative control)', () => {
  const posture = postureOf(mixed);
  const facts = factsFor(posture, mixed, 'named');
  const control = facts.controls.get('164.312-a-2-iii');
  assert.ok(control);
  const lying = { ...control, standing: { state: 'met' as const, checks: 1, since: posture.at } };
  const families = facts.families.map((family) => ({
    ...family,
    groups: family.groups.map((group) => ({
      ...group,
      rows: group.rows.map((row) => (row.id === lying.id ? lying : row)),
    })),
  }));
  assert.deepEqual(liesIn(bodyOf({ ...facts, families }), posture, 'named'), [
    '164.312-a-2-iii: unmet is shown as met',
  ]);
  const needs = facts.needs.map((need) => ({ ...need, standing: lying.standing }));
  assert.ok(liesIn(bodyOf({ ...facts, needs }), posture, 'named').length > 3);
  const counts = { ...facts.counts, met: 155 };
  assert.equal(liesIn(bodyOf({ ...facts, counts }), posture, 'named').length, 1);
});

test('a posture that says met and has no evidence for it is shown as not known', () => {
  const posture = postureOf({ checks: Object.fromEntries([...checkIds].map((id) => [id, 'none' as const])) });
  const forged = { ...posture, controls: posture.controls.map((one) => ({ ...one, state: 'met' as StateName })) };
  const facts = factsFor(forged, {}, 'named');
  assert.equal(facts.counts.met, undefined);
  assert.equal(facts.counts.unknown, facts.controls.size);
});

test('one that is absent from the posture is not known, and so is what is needed and rests on it', () => {
  const posture = postureOf();
  const gone = { ...posture, controls: posture.controls.filter(({ control }) => control.id !== '164.312-d') };
  const facts = factsFor(gone, {}, 'named');
  assert.equal(facts.controls.get('164.312-d')?.standing.state, 'unknown');
  assert.equal(facts.needs.find(({ id }) => id === 'system-access-tracking')?.standing.state, 'unknown');
});

/** Everything that is told of these facts: the page, each control's own page, and the summary for programs. */
const everything = (facts: Facts): string =>
  [
    bodyOf(facts),
    JSON.stringify(summaryOf(facts)),
    ...[...facts.controls.keys()].map((id) => String(controlPage(facts, brand, id).body)),
  ].join('\n');

test('no cause, exception, query, waiver, word of a decision or id of evidence and people is told', () => {
  const posture = postureOf(mixed);
  assert.ok(JSON.stringify(posture).split(leak).length > 100, 'there is much that could leak (negative control)');
  const causes = posture.controls.filter(({ state }) => state === 'unmet' || state === 'unknown');
  assert.ok(causes.length > 8);
  for (const unmet of ['named', 'counted'] as const) {
    const text = everything(factsFor(posture, mixed, unmet));
    assert.ok(!text.includes(leak));
    for (const { because } of causes) assert.ok(!text.includes(because), because);
    assert.doesNotMatch(text, /Title of (identity\.idle-logoff|operations\.backup-recent|mail\.transport)/);
  }
});

test('what is only counted is not told by other words: no state, no number of checks, no time, no decision', () => {
  const { controls, needs, counts } = factsFor(postureOf(mixed), mixed, 'counted');
  const hidden = [...controls.values()].filter(({ standing }) => standing.state === 'unpublished');
  assert.ok(hidden.length > 10);
  assert.equal(counts.unpublished, hidden.length);
  for (const { standing, decision, proofs } of hidden) {
    assert.deepEqual([standing, decision, proofs], [{ state: 'unpublished' }, undefined, []]);
  }
  const states = new Set([...controls.values(), ...needs].map(({ standing }) => standing.state));
  for (const state of ['unmet', 'unknown', 'undocumented'] as const) assert.ok(!states.has(state));
});

test('a standard is examined by the checks of its specifications too, and not by those that do not apply', () => {
  const told: Told = { refused: ['164.312-a-2-iii'], checks: { 'identity.idle-logoff': 'none' } };
  const { controls } = factsFor(postureOf(told), told, 'named');
  assert.equal(controls.get('164.312-a-2-iii')?.standing.state, 'not-applicable');
  const standard = controls.get('164.312-a-1')?.standing;
  assert.equal(standard?.state, 'met');
  assert.ok((standard?.checks ?? 0) > 6);
});
