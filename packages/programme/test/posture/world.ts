import fc from 'fast-check';
import type { Decision, Waiver } from '../../decisions/types.ts';
import type { Control, Evidence, PlacedEvidence, PostureInput } from '../../index.ts';

export const at = Date.UTC(2026, 10, 22);
export const every_s = 3600;

const carried = { by: 'platform' } as const;

export const controlWith = (change: Partial<Control> & Pick<Control, 'id'>): Control => ({
  ...{ citation: '45 CFR 164.312(b)', title: `Title of ${change.id}`, family: 'technical', kind: 'standard' },
  ...{ level: 'required', requirement: 'R', approach: 'A', policies: ['auditing#log'], mechanisms: [] },
  ...{ checks: [], verified: 'yes', place: 'program/controls/technical.yaml:1' },
  carried: { api: carried, hosting: carried, interfaces: carried, messages: carried },
  ...change,
});

export const placedWith = (change: Partial<Evidence> & Pick<Evidence, 'check'>): PlacedEvidence => {
  const then = change.at ?? at - 1000;
  return {
    evidence: {
      ...{ kind: 'evidence', id: 'e', at: then, from: then, until: then, result: 'met', examined: 1, saw: 'Seen.' },
      ...{ query: 'Q', how: 'performed', why: 'schedule', took_ms: 1 },
      code: { version: '1', digest: 'd', programme: 'p' },
      ...change,
    },
    place: { log: 'x/0/0', shard: 0, index: 1 },
  };
};

export const decisionWith = (change: Partial<Decision> & Pick<Decision, 'control'>): Decision => ({
  ...{ id: 'd', kind: 'implemented', why: 'It is reasonable and appropriate.', factors: 'All four.', by: 'a' },
  ...{ approved_by: ['b'], at: at - 86_400_000 },
  ...change,
});

export const waiverWith = (change: Partial<Waiver> & Pick<Waiver, 'control'>): Waiver => ({
  ...{ id: 'w', owner: 'a', why: 'It is being repaired.', approved_by: ['b'] },
  ...{ from: at - 86_400_000, until: at + 86_400_000 },
  ...change,
});

export const byKey = <T>(items: readonly T[], key: (item: T) => string): Map<string, T> =>
  new Map(items.map((item) => [key(item), item]));

/** An input of these controls; checks are all that they name. */
export function inputOf(
  controls: readonly Control[],
  given: {
    readonly evidence?: readonly PlacedEvidence[];
    readonly decisions?: readonly Decision[];
    readonly waivers?: readonly Waiver[];
    readonly published?: readonly string[];
    readonly conditions?: readonly string[];
    readonly at?: number;
  } = {},
): PostureInput {
  const ids = [...new Set(controls.flatMap(({ checks }) => checks))];
  return {
    at: given.at ?? at,
    controls: byKey(controls, ({ id }) => id),
    conditions: given.conditions ?? [],
    checks: byKey(
      ids.map((id) => ({ id, title: `Check ${id}`, every_s })),
      ({ id }) => id,
    ),
    newest: byKey(given.evidence ?? [], ({ evidence }) => evidence.check),
    decisions: byKey(given.decisions ?? [], ({ control }) => control),
    waivers: byKey(given.waivers ?? [], ({ control }) => control),
    published: new Set(given.published ?? []),
  };
}

const checkIds = ['http.tls', 'ledger.verifies', 'seal.disposal'] as const;
const results = ['met', 'unmet', 'unknown'] as const;

/** Anything that evidence may say, also of the future, of long ago, and of nothing. */
export const anyEvidence: fc.Arbitrary<PlacedEvidence[]> = fc
  .uniqueArray(
    fc.record({
      check: fc.constantFrom(...checkIds),
      result: fc.constantFrom(...results),
      examined: fc.nat(2),
      at: fc.integer({ min: at - 3 * every_s * 1000, max: at + 10_000 }),
    }),
    { selector: ({ check }) => check },
  )
  .map((list) => list.map(placedWith));

/** A standard with its specifications, addressable ones among them, and rules. */
export const anyControls: fc.Arbitrary<Control[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('standard', 'specification', 'rule'),
      level: fc.constantFrom('required', 'addressable', 'none'),
      checks: fc.uniqueArray(fc.constantFrom(...checkIds)),
      policies: fc.constantFrom([], ['auditing#log'], ['auditing#log', 'roles#officers']),
      applies: fc.option(fc.constant({ when: 'clearinghouse', otherwise: 'None is run.' }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) =>
    list.map(({ kind, applies, ...rest }, index) =>
      controlWith({
        ...rest,
        id: `c${index}`,
        kind: index === 0 ? 'standard' : kind,
        ...(kind === 'specification' && index > 0 ? { standard: 'c0' } : {}),
        ...(applies === undefined ? {} : { applies }),
      } as Partial<Control> & { id: string }),
    ),
  );

const someControl = fc.constantFrom('c0', 'c1', 'c2', 'c3', 'c4', 'c5');

export const anyDecisions: fc.Arbitrary<Decision[]> = fc
  .array(
    fc.record({
      control: someControl,
      kind: fc.constantFrom('implemented', 'alternative', 'not-reasonable'),
      at: fc.integer({ min: at - 10_000, max: at + 10_000 }),
    }),
  )
  .map((list) => list.map((one) => decisionWith(one)));

export const anyWaivers: fc.Arbitrary<Waiver[]> = fc
  .array(fc.record({ control: someControl, from: fc.integer({ min: at - 9_000, max: at + 9_000 }) }))
  .map((list) => list.map((one) => waiverWith(one)));

export const anyInput: fc.Arbitrary<PostureInput> = fc
  .record({
    controls: anyControls,
    evidence: anyEvidence,
    decisions: anyDecisions,
    waivers: anyWaivers,
    published: fc.subarray(['auditing', 'roles']),
    conditions: fc.subarray(['clearinghouse']),
  })
  .map(({ controls, ...rest }) => inputOf(controls, rest));
