import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Control, type PostureInput, postureAt, type StateName } from '../../index.ts';
import { anyInput, at, controlWith, decisionWith, every_s, inputOf, placedWith, waiverWith } from './world.ts';

const stateIn = (input: PostureInput, id: string) => {
  const found = postureAt(input).controls.find(({ control }) => control.id === id);
  if (found === undefined) throw new Error(`no control ${id}`);
  return found;
};

const one = controlWith({ id: 'one', checks: ['http.tls', 'ledger.verifies'] });
const [tls, log] = [placedWith({ check: 'http.tls' }), placedWith({ check: 'ledger.verifies' })];

test('met only where every check has fresh evidence that it is; else the worst of them, and why', () => {
  const table: readonly (readonly [string, Parameters<typeof inputOf>[1], StateName, RegExp])[] = [
    ['all met', { evidence: [tls, log] }, 'met', /Each of its 2 checks/],
    ['one has none', { evidence: [tls] }, 'unknown', /Check ledger\.verifies: There is no evidence yet/],
    [
      'one unmet',
      { evidence: [tls, placedWith({ check: 'ledger.verifies', result: 'unmet', saw: 'Entry 4 differs.' })] },
      'unmet',
      /Entry 4 differs/,
    ],
    ['unmet outweighs unknown', { evidence: [placedWith({ check: 'http.tls', result: 'unmet' })] }, 'unmet', /Seen/],
    [
      'one could not tell',
      { evidence: [tls, placedWith({ check: 'ledger.verifies', result: 'unknown' })] },
      'unknown',
      /Seen/,
    ],
    [
      'nothing examined',
      { evidence: [tls, placedWith({ check: 'ledger.verifies', examined: 0 })] },
      'unknown',
      /Nothing was examined/,
    ],
    [
      'stale',
      { evidence: [tls, placedWith({ check: 'ledger.verifies', at: at - 7_300_000 })] },
      'unknown',
      /Stale since 2026-11-21 23:58 UTC/,
    ],
    [
      'of the future',
      { evidence: [tls, placedWith({ check: 'ledger.verifies', at: at + 1 })] },
      'unknown',
      /no evidence yet/,
    ],
    [
      'of another check',
      { evidence: [tls, { ...log, evidence: { ...log.evidence, check: 'x.y' } }] },
      'unknown',
      /no evidence/,
    ],
  ];
  for (const [what, given, state, because] of table) {
    const found = stateIn(inputOf([one], given), 'one');
    assert.equal(found.state, state, what);
    assert.match(found.because, because, what);
  }
});

test('evidence counts for exactly two intervals', () => {
  const control = controlWith({ id: 'c', checks: ['http.tls'] });
  const then = at - 2 * every_s * 1000;
  const state = (of: number) =>
    stateIn(inputOf([control], { evidence: [placedWith({ check: 'http.tls', at: of })] }), 'c');
  assert.equal(state(then).state, 'met');
  assert.equal(state(then).checks[0]?.fresh_until, at);
  assert.equal(state(then - 1).state, 'unknown');
  // Unmet that is stale is unknown too: nobody has looked.
  const unmet = placedWith({ check: 'http.tls', at: then - 1, result: 'unmet' });
  assert.equal(stateIn(inputOf([control], { evidence: [unmet] }), 'c').state, 'unknown');
});

test('without checks it rests on policies that are in force, and says so', () => {
  const control = controlWith({ id: 'c', policies: ['auditing#log', 'roles#officers'] });
  const state = (...published: string[]) => stateIn(inputOf([control], { published }), 'c');
  assert.equal(state('auditing', 'roles').state, 'documented');
  assert.deepEqual(
    [state('auditing').state, state('auditing').because],
    ['undocumented', 'Not approved and published: roles.'],
  );
  const bare = controlWith({ id: 'b', policies: [] });
  assert.equal(stateIn(inputOf([bare], { published: ['roles'] }), 'b').state, 'undocumented');
});

test('addressable: undecided is unmet; an alternative keeps its checks; not reasonable is not applicable', () => {
  const control = controlWith({ id: 'c', kind: 'specification', level: 'addressable', checks: ['http.tls'] });
  const state = (kind?: 'implemented' | 'alternative' | 'not-reasonable', evidence = [tls], change = {}) => {
    const decisions = kind === undefined ? [] : [decisionWith({ control: 'c', kind, ...change })];
    return stateIn(inputOf([control], { evidence, decisions }), 'c');
  };
  assert.deepEqual([state().state, state().because], ['unmet', 'No decision is recorded (45 CFR 164.306(d)(3)).']);
  assert.equal(state('implemented').state, 'met');
  assert.equal(state('alternative').state, 'met');
  assert.equal(state('alternative', []).state, 'unknown');
  assert.equal(state('not-reasonable', []).state, 'not-applicable');
  assert.match(state('not-reasonable').because, /It is reasonable/);
  assert.equal(state('implemented', [tls], { at: at + 1 }).state, 'unmet');
  // A decision takes nothing away from what is required.
  const required = controlWith({ id: 'c', checks: ['http.tls'] });
  const decisions = [decisionWith({ control: 'c', kind: 'not-reasonable' })];
  const found = stateIn(inputOf([required], { decisions }), 'c');
  assert.deepEqual([found.state, found.decision], ['unknown', undefined]);
});

test('a condition that does not hold exempts a standard and what is below it', () => {
  const applies = { when: 'group-health-plan', otherwise: 'No health plan is a customer.' };
  const standard = controlWith({ id: 's', level: 'none', applies });
  const below = controlWith({ id: 'p', kind: 'specification', standard: 's' });
  const away = inputOf([standard, below], { published: [] });
  for (const id of ['s', 'p']) {
    assert.deepEqual([stateIn(away, id).state, stateIn(away, id).because], ['not-applicable', applies.otherwise]);
  }
  const here = inputOf([standard, below], { conditions: ['group-health-plan'] });
  assert.equal(stateIn(here, 's').state, 'undocumented');
});

test('a standard is as good as the weakest of what applies below it', () => {
  const spec = (id: string, change: Partial<Control> = {}) =>
    controlWith({ id, kind: 'specification', standard: 's', ...change });
  const standard = controlWith({ id: 's', level: 'none' });
  const proven = spec('a', { checks: ['http.tls'] });
  const written = spec('b');
  const undecided = spec('c', { level: 'addressable', checks: ['http.tls'] });
  const state = (controls: Control[], given: Parameters<typeof inputOf>[1] = {}) =>
    stateIn(inputOf([standard, ...controls], { evidence: [tls], published: ['auditing'], ...given }), 's');
  assert.equal(state([proven]).state, 'met');
  assert.equal(state([proven, written]).state, 'documented');
  assert.equal(state([proven, written], { published: [] }).state, 'undocumented');
  assert.equal(state([proven, written], { evidence: [] }).state, 'unknown');
  assert.equal(state([proven, undecided]).state, 'unmet');
  assert.match(state([proven, undecided]).because, /^Title of c: No decision/);
  assert.deepEqual(state([proven, undecided]).specifications, [
    { id: 'a', state: 'met' },
    { id: 'c', state: 'unmet' },
  ]);
  // All below it decided away: the standard stands for itself.
  const decisions = [decisionWith({ control: 'c', kind: 'not-reasonable' })];
  assert.equal(state([undecided], { decisions }).state, 'documented');
});

test('a waiver names who answers for it and changes no state; one that has ended is none', () => {
  const evidence = [placedWith({ check: 'http.tls', result: 'unmet' }), log];
  const state = (change = {}) =>
    stateIn(inputOf([one], { evidence, waivers: [waiverWith({ control: 'one', ...change })] }), 'one');
  assert.deepEqual([state().state, state().waiver?.owner], ['unmet', 'a']);
  for (const change of [{ until: at }, { from: at + 1 }, { ended_at: at - 1 }])
    assert.equal(state(change).waiver, undefined);
});

test('every control is counted once', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { controls, counts } = postureAt(input);
      assert.equal(controls.length, input.controls.size);
      assert.equal(
        Object.values(counts).reduce((sum, count) => sum + count, 0),
        controls.length,
      );
    }),
  );
});

/** Of a control with checks of its own that is met: each has evidence that is fresh, met, and of something. */
function holds(input: PostureInput, judge: typeof postureAt): boolean {
  return judge(input).controls.every(({ control, state }) => {
    const below = [...input.controls.values()].filter(({ standard }) => standard === control.id);
    const checks = [...control.checks, ...below.flatMap((one) => (control.checks.length > 0 ? [] : one.checks))];
    if (state !== 'met') return true;
    if (checks.length === 0) return false;
    return control.checks.every((id) => {
      const { evidence } = input.newest.get(id) ?? {};
      const age_ms = input.at - (evidence?.at ?? 0);
      return evidence?.result === 'met' && evidence.examined > 0 && age_ms >= 0 && age_ms <= 2 * every_s * 1000;
    });
  });
}

test('nothing but fresh evidence of each of its checks makes a control met', () => {
  fc.assert(
    fc.property(anyInput, (input) => holds(input, postureAt)),
    { numRuns: 3000 },
  );
});

test('control: the property finds who lets a decision, a waiver, a policy or stale evidence do it', () => {
  const broken: readonly ((input: PostureInput) => PostureInput['newest'])[] = [
    ({ newest, decisions, controls }) =>
      new Map([...newest, ...given([...decisions.keys()].flatMap((id) => controls.get(id)?.checks ?? []))]),
    ({ newest, waivers, controls }) =>
      new Map([...newest, ...given([...waivers.keys()].flatMap((id) => controls.get(id)?.checks ?? []))]),
    ({ newest, published, checks }) => new Map([...newest, ...given(published.size > 0 ? [...checks.keys()] : [])]),
    ({ newest }) =>
      new Map([...newest].map(([id, placed]) => [id, { ...placed, evidence: { ...placed.evidence, at } }])),
  ];
  for (const lie of broken) {
    const judge = (input: PostureInput) => postureAt({ ...input, newest: lie(input) });
    const found = fc.check(
      fc.property(anyInput, (input) => holds(input, judge)),
      { numRuns: 3000 },
    );
    assert.ok(found.failed);
  }
});

const given = (checks: readonly string[]) => checks.map((check) => [check, placedWith({ check })] as const);

test('without any evidence nothing is met, whatever was decided, waived and published', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { counts } = postureAt({ ...input, newest: new Map() });
      assert.equal(counts.met, 0);
    }),
  );
});

test('the order in which evidence, controls’ checks and decisions come changes no state', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const turned = <T>(map: ReadonlyMap<string, T>) => new Map([...map].reverse());
      const { newest, decisions, waivers } = input;
      const other = { ...input, newest: turned(newest), decisions: turned(decisions), waivers: turned(waivers) };
      const states = (of: PostureInput) => postureAt(of).controls.map(({ control, state }) => [control.id, state]);
      assert.deepEqual(states(other), states(input));
    }),
  );
});

test('decisions take no standard away', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const without = [...input.controls.values()].map(({ applies: _, ...control }) => [control.id, control] as const);
      for (const { control, state } of postureAt({ ...input, controls: new Map(without) }).controls) {
        if (control.level !== 'addressable') assert.notEqual(state, 'not-applicable');
      }
    }),
  );
});
