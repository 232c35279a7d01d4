import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { migrations as accessMigrations, type NewNotice } from '@safeguard/access';
import { newId, systemClock } from '@safeguard/kernel';
import { createLedger, ed25519Signer, migrations as ledgerMigrations } from '@safeguard/ledger';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { testStore } from '@safeguard/store';
import { createEvidence } from '../../checks/evidence.ts';
import { checkIds } from '../../checks/ids.ts';
import type { Evidence } from '../../checks/types.ts';
import { programmeDirectory, readContent } from '../../content/read.ts';
import { render } from '../../content/render.ts';
import type { Decision, Waiver } from '../../decisions/types.ts';
import { migrations } from '../../migrations.ts';
import type { PolicyVersion } from '../../policies/types.ts';
import { createPosture } from '../../posture/posture.ts';
import { createReports } from '../../reports/reports.ts';
import { createReportRequests } from '../../reports/requests/requests.ts';
import type { ReportsDeps } from '../../reports/types.ts';
import { createWorkflow } from '../../workflow/workflow.ts';
import { evidenceWith } from '../postgres.ts';
import { createPeople } from '../workflow/world.ts';

export const content = await readContent(programmeDirectory, { checks: checkIds });
export const hour_ms = 3_600_000;
export const day_ms = 24 * hour_ms;
export const actor = { tenant: 1, id: newId(), roles: ['security-officer'] };

/** Every check runs each hour. */
export const checks: ReportsDeps['checks'] = new Map(
  [...checkIds].map((id) => [id, { id, title: `Check ${id}`, query: `Asks for ${id}.`, every_s: 3_600 }]),
);

export const versionOf = (policy: string, number: number, published_at: number): PolicyVersion => {
  const text = content.policies.get(policy);
  if (text === undefined) throw new Error(policy);
  return {
    ...{ id: newId(), tenant: 1, policy, number, title: text.title, state: 'published', content: text },
    ...{ digest: hash('sha256', text.text, 'hex'), parameters: {}, units: {}, drifted: [], source: { kind: 'draft' } },
    ...{ made_by: 'operator', made_at: published_at - 1000, approved_by: [newId()], published_at },
  };
};

/** Real PostgreSQL, seal, ledger, evidence and workflow; policies and decisions as given. */
export async function openWorld(change: Partial<ReportsDeps> = {}) {
  const store = await testStore([...sealMigrations, ...ledgerMigrations, ...accessMigrations, ...migrations]);
  const home = mkdtempSync(join(tmpdir(), 'safeguard-reports-'));
  const segments = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const seal = createSeal({
    ...{ provider: await fileProvider({ directory: join(home, 'root') }), segments, clock: systemClock },
  });
  const signer = ed25519Signer('reports.example', generateKeyPairSync('ed25519').privateKey);
  const quiet = { info() {}, warn() {}, error() {} };
  const ledger = await createLedger({
    ...{ segment: segments.ledger, vault: (of: number) => seal.vault('ledger', of), clock: systemClock, signer },
    ...{ anchors: join(home, 'anchors'), checkpoint_interval_ms: 60_000, log: quiet },
  });
  after(async () => {
    await ledger.close();
    seal.close();
    await store.close();
    rmSync(home, { recursive: true, force: true });
  });
  const time = { shift: 0 };
  const clock = { now: () => Date.now() + time.shift };
  const segment = segments.identity;
  const vault = (tenant: number) => seal.vault('identity', tenant);
  const evidence = createEvidence({ ledger, signer: signer.name, segment, clock });
  const people = createPeople();
  const told: NewNotice[] = [];
  const workflow = createWorkflow({
    ...{ segment, vault, clock, people: people.port, holders: people.holders, base: 'https://house.example' },
    tell: { tell: async (_connection, notice) => void told.push(notice) },
  });
  const record = { policies: [] as PolicyVersion[], decisions: [] as Decision[], waivers: [] as Waiver[] };
  const at = <T extends { control: string }>(all: readonly T[]): Map<string, T> =>
    new Map(all.map((one) => [one.control, one]));
  const posture = createPosture({
    ...{ content, checks, evidence },
    decisionsAt: async (moment) => at(record.decisions.filter((one) => one.at <= moment)),
    waiversAt: async (moment) => at(record.waivers.filter((one) => one.from <= moment && moment < one.until)),
    publishedAt: async (moment) =>
      new Set(record.policies.filter((one) => (one.published_at ?? 0) <= moment).map(({ policy }) => policy)),
  });
  const deps: ReportsDeps = {
    ...{ content: () => content, checks, evidence, postureAt: posture.at, workflow, ledger, signer, segment, vault },
    ...{ clock, base: 'https://house.example', code: async () => ({ version: '0.1.0', digest: 'ab'.repeat(32) }) },
    render: (text) => render(text, content.parameters),
    policies: {
      list: async () => record.policies,
      versions: async (_tenant, policy) => record.policies.filter((one) => one.policy === policy),
      acknowledgements: async () => [
        { account: newId(), done: [], owed: ['auditing'] },
        { account: newId(), done: [], owed: [] },
      ],
    },
    decisions: { list: async () => record.decisions, waivers: { list: async () => record.waivers } },
    ...change,
  };
  const add = (check: string, moment: number, more: Partial<Evidence> = {}) =>
    evidence.add(evidenceWith({ check, at: moment, from: moment, until: moment, ...more }));
  return {
    ...{ store, ledger, signer, deps, record, people, workflow, told, time, evidence, add, segment, vault },
    reports: createReports(deps),
    requests: createReportRequests(deps),
    sql: (text: string, values: readonly unknown[] = []) => store.sql('identity', text, values),
    /** As the runtime role: what somebody has who took over the service's login. */
    runtime: (tenant: number, text: string, values: readonly unknown[] = []) =>
      segment.query(tenant, { name: `attack ${newId()}`, text }, values),
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

/** Three days of every check, hour by hour of some, with what was unmet for a while, and what is unmet at the end. */
export async function fill({ add, record, ledger }: World, end: number) {
  const from = end - 3 * day_ms;
  await ledger.append(0, [{ id: newId(), kind: 'request', action: 'read' }]);
  for (const check of checkIds) {
    await add(check, from - hour_ms, { saw: 'Before the period.' });
    if (check !== 'mail.transport') await add(check, end - 60_000);
  }
  await add('http.tls', from + hour_ms, {
    result: 'unmet',
    saw: 'One listener spoke plain HTTP.',
    todo: 'Turn TLS on.',
  });
  await ledger.append(0, [{ id: newId(), kind: 'request', action: 'read' }]);
  await add('http.tls', from + 2 * hour_ms, { result: 'unmet', saw: 'Still.' });
  await add('http.tls', from + 3 * hour_ms);
  await add('operations.backup-recent', end - 30_000, { result: 'unmet', saw: 'No receipt.', exceptions: ['backup'] });
  const addressable = [...content.controls.values()].filter(({ level }) => level === 'addressable');
  record.decisions = addressable.slice(1).map(
    ({ id }): Decision => ({
      ...{ id: newId(), control: id, kind: 'implemented', why: 'It is reasonable and appropriate here.' },
      ...{ factors: 'Weighed.', by: 'operator', approved_by: [newId()], at: from + hour_ms },
    }),
  );
  record.policies = [...content.policies.keys()].slice(2).map((id) => versionOf(id, 1, from + hour_ms));
  const waived = {
    id: newId(),
    control: '164.308-a-7-ii-A',
    owner: newId(),
    why: 'The backup moves.',
    approved_by: [],
  };
  record.waivers = [{ ...waived, from: from + hour_ms, until: end + hour_ms }];
  return { from, until: end };
}
