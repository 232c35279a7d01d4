import { component, pageSchema, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import type { PlacedEvidence } from '../checks/types.ts';
import { productLines } from '../content/types.ts';
import type { CheckState, ControlState, Posture } from '../posture/types.ts';
import { iso, isoOr } from './fields.ts';

const states = ['met', 'unmet', 'unknown', 'documented', 'undocumented', 'not-applicable'] as const;
const state = z
  .enum(states)
  .describe('Computed from evidence; nothing sets it. `documented`: no machine proves it, its policy is in force.');
const result = z.enum(['met', 'unmet', 'unknown']);

export const evidence = component(
  'Evidence',
  z.strictObject({
    id: uuid,
    check: z.string(),
    received_at: time,
    from: time,
    until: time.describe('The time that the finding speaks for.'),
    result,
    examined: z.int().describe('How many things were examined.'),
    saw: z.string(),
    todo: z.string().nullable(),
    exceptions: z.array(z.string()),
    more: z.int().describe('Exceptions beyond those that are listed.'),
    query: z.string().describe('What was asked, for who wants to repeat it.'),
    how: z.enum(['performed', 'reported']),
    why: z.enum(['schedule', 'start', 'change', 'asked']),
    took_ms: z.number(),
    code: z.strictObject({ version: z.string(), digest: z.string(), programme: z.string() }),
    entry: z.strictObject({ log: z.string(), shard: z.int(), index: z.int() }).describe('Its leaf in the log.'),
  }),
);
export const evidencePage = component(
  'EvidencePage',
  z.strictObject({ items: z.array(evidence), next: time.nullable() }),
);

export function evidenceView({ evidence: one, place }: PlacedEvidence) {
  const { id, check, at, from, until, result: came, examined, saw, todo, exceptions, more, ...rest } = one;
  const { query, how, why, took_ms, code } = rest;
  return {
    ...{ id, check, result: came, examined, saw, query, how, why, took_ms, code },
    ...{ received_at: iso(at), from: iso(from), until: iso(until), todo: todo ?? null },
    ...{ exceptions: [...(exceptions ?? [])], more: more ?? 0, entry: place },
  };
}

const checkState = component(
  'CheckState',
  z.strictObject({
    check: z.string(),
    title: z.string(),
    state: result,
    because: z.string(),
    fresh_until: time.nullable(),
    evidence: uuid.nullable(),
  }),
);

export const checkView = ({ check, title, state: is, because, fresh_until, evidence: of }: CheckState) => ({
  ...{ check, title, state: is, because },
  fresh_until: isoOr(fresh_until),
  evidence: of?.evidence.id ?? null,
});

const summary = {
  id: z.string().describe('`164.312-a-2-iv`'),
  citation: z.string(),
  title: z.string(),
  family: z.string(),
  kind: z.enum(['standard', 'specification', 'rule']),
  level: z.enum(['required', 'addressable', 'none']),
  state,
  because: z.string(),
  waived_until: time.nullable().describe('Somebody answers for it until then. It is no less unmet.'),
};
export const controlSummary = component('ControlSummary', z.strictObject(summary));
export const control = component(
  'Control',
  z.strictObject({
    ...summary,
    standard: z.string().nullable(),
    requirement: z.string(),
    approach: z.string(),
    policies: z.array(z.string()),
    mechanisms: z.array(z.strictObject({ package: z.string(), does: z.string(), parameters: z.array(z.string()) })),
    checks: z.array(checkState),
    specifications: z.array(z.strictObject({ id: z.string(), state })),
    carried: z.record(z.enum(productLines), z.enum(['platform', 'shared', 'customer', 'not-applicable'])),
    verified: z.boolean().describe('Whether the citation was held against the regulation.'),
  }),
);
export const posture = component(
  'Posture',
  z.strictObject({
    at: time,
    counts: z.record(z.enum(states), z.int()),
    forged: z
      .array(z.string())
      .describe('Rows of evidence that the log does not bear out: any is a sign of tampering.'),
    controls: z.array(controlSummary),
  }),
);
export const controlPage = pageSchema('ControlPage', controlSummary).extend({ next: z.string().nullable() });

export function summaryView({ control: one, state: is, because, waiver }: ControlState) {
  const { id, citation, title, family, kind, level } = one;
  return { id, citation, title, family, kind, level, state: is, because, waived_until: isoOr(waiver?.until) };
}

export function controlView(one: ControlState, render: (text: string) => string) {
  const { standard, requirement, approach, policies, mechanisms, carried, verified } = one.control;
  return {
    ...summaryView(one),
    ...{ standard: standard ?? null, requirement, approach: render(approach), policies: [...policies] },
    mechanisms: mechanisms.map((each) => ({ ...each, parameters: [...each.parameters] })),
    checks: one.checks.map(checkView),
    specifications: one.specifications.map((each) => ({ ...each })),
    carried: Object.fromEntries(productLines.map((line) => [line, carried[line].by])),
    verified: verified === 'yes',
  };
}

export const postureView = ({ at, counts, forged, controls }: Posture) => ({
  ...{ at: iso(at), counts: { ...counts }, forged: [...forged] },
  controls: controls.map(summaryView),
});
