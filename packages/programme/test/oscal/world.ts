import type { CheckResult } from '@safeguard/kernel';
import { checkIds } from '../../checks/ids.ts';
import type { PlacedEvidence } from '../../checks/types.ts';
import type { Decision, Waiver } from '../../decisions/types.ts';
import { type Content, postureAt, programmeDirectory, readContent } from '../../index.ts';
import type { CheckFacts, OscalInput } from '../../oscal/oscal.ts';

export const now = Date.parse('2026-11-22T12:00:00Z');
const hour_ms = 3_600_000;

export const content: Content = await readContent(programmeDirectory, { checks: checkIds });

export const checks: ReadonlyMap<string, CheckFacts> = new Map(
  [...checkIds].map((id) => [
    id,
    {
      id,
      title: `Check ${id}`,
      query: 'Asks for it, and looks at "every" <one> of {{them}}.',
      every_s: 86_400,
      ...(id.startsWith('operations.') ? { kind: 'reported' as const } : {}),
    },
  ]),
);

export const evidence = (check: string, result: CheckResult['result'], n = 0): PlacedEvidence => ({
  evidence: {
    kind: 'evidence',
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    check,
    at: now - hour_ms + n,
    from: now - 2 * hour_ms,
    until: now - hour_ms + n,
    result,
    examined: 12,
    saw: 'One of <b>three</b> listeners spoke *plain* HTTP: {{insert: param, x}}.',
    query: 'Asks each listener.',
    how: check.startsWith('operations.') ? 'reported' : 'performed',
    why: 'schedule',
    took_ms: 12.5,
    code: { version: '0.1.0', digest: 'ab'.repeat(32), programme: content.digest },
    ...(result === 'unmet' ? { todo: 'Turn TLS on.', exceptions: ['127.0.0.1:80', ' spaced\n'], more: 3 } : {}),
  },
  place: { log: 'ledger.example/platform', shard: 0, index: n },
});

const unmet = new Set(['http.tls', 'operations.backup-recent']);
const placed = [...checkIds]
  .filter((id) => id !== 'ledger.anchored')
  .map((id, n) => evidence(id, unmet.has(id) ? 'unmet' : 'met', n));

const addressable = [...content.controls.values()].filter(({ level }) => level === 'addressable').map(({ id }) => id);

const decision = (control: string, n: number): Decision => ({
  ...{ id: `10000000-0000-4000-8000-${String(n).padStart(12, '0')}`, control },
  kind: n === 0 ? 'alternative' : 'implemented',
  why: 'Because it is reasonable: "yes", <really>.\n\n    And indented.',
  factors: 'Size, infrastructure, cost, risks.',
  ...{ by: 'operator', approved_by: ['20000000-0000-4000-8000-000000000000'], at: now - 1000 },
});

export const waiver: Waiver = {
  ...{ id: '30000000-0000-4000-8000-000000000000', control: '164.312-e-2-ii', owner: 'an-account' },
  ...{ why: 'The proxy is being moved.', approved_by: ['one', 'two'], from: now - hour_ms, until: now + hour_ms },
};

export const posture = postureAt({
  at: now,
  controls: content.controls,
  conditions: content.organization.conditions,
  checks,
  newest: new Map(placed.map((one) => [one.evidence.check, one])),
  decisions: new Map(addressable.slice(0, -1).map((id, n) => [id, decision(id, n)])),
  waivers: new Map([[waiver.control, waiver]]),
  published: new Set([...content.policies.keys()].filter((id) => id !== 'facility-access')),
  forged: ['40000000-0000-4000-8000-000000000000'],
});

/** Everything that a document can be made from, of the shipped content. */
export const input: OscalInput = {
  ...{ content, at: now, version: '0.1.0', posture, checks },
  parameters: [...content.parameters.values()].map((parameter) => ({
    ...{ parameter, value: parameter.value, source: 'file' },
    ...(parameter.setting === undefined ? {} : { running: 900 }),
  })),
  period: { from: now - 24 * hour_ms, until: now, evidence: placed },
  customer: {
    ...{ id: '2', name: 'Clinic <One>', since: '2026-02-01', lines: ['api'], services: ['logging'] },
    answers: new Map([['164.312-a-2-iii', 'Our screens lock after {{two}} minutes.']]),
  },
};

export const asJson = (document: unknown): unknown => JSON.parse(JSON.stringify(document));
