import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { CheckResult } from '@safeguard/kernel';
import { checkIds } from '../../checks/ids.ts';
import { type OwnCheckDeps, programmeChecks } from '../../checks/own/own.ts';
import { type Content, programmeDirectory, readContent } from '../../index.ts';
import { openHouse } from '../postgres.ts';

const house = await openHouse();
const content = await readContent(programmeDirectory, { checks: checkIds });
const day_ms = 86_400_000;
const at = Date.now();
const number = (name: string): number => Number(content.parameters.get(name)?.value);

const published = () =>
  new Map(
    [...content.policies.values()].map((text) => [
      text.id,
      {
        ...{ policy: text.id, number: 1, state: 'published', content: text, digest: text.digest, parameters: {} },
        ...{ approved_by: ['a'], review_due_at: at + day_ms, task: text.id },
      },
    ]),
  );

/** What a sound house answers; each test breaks one thing of it. */
let given: { -readonly [K in keyof OwnCheckDeps]: OwnCheckDeps[K] };
let versions: Map<string, Record<string, unknown>>;
beforeEach(() => {
  versions = published();
  const addressable = [...content.controls.values()].filter(({ level }) => level === 'addressable');
  given = {
    ...{ content, tenant: 1, segment: house.segments.identity, lastReport: async () => at - day_ms },
    evidence: {
      newest: async () => ({ found: new Map([['http.tls', {}]]), forged: [] }),
      unfound: async () => ({ entries: 1, missing: [] }),
    },
    parameters: { list: async () => [...content.parameters.values()].map(listed) },
    policies: {
      list: async () => [...versions.values()],
      read: async (_tenant: number, id: string) => versions.get(id),
      acknowledgements: async () => [{ account: 'ann', done: [], owed: [] }],
      owed: async () => [],
    },
    decisionsAt: async () => new Map(addressable.map(({ id }) => [id, { control: id, at: at - day_ms }])),
    workflow: { list: async () => [], byId: async (_tenant: number, id: string) => approval(id) },
  } as never;
});

/** The task that published a policy, as its sealed subject says. */
const approval = (policy: string) =>
  ({
    state: 'done',
    approvals: ['a'],
    subject: { policy, number: 1, digest: versions.get(policy)?.['digest'] },
  }) as never;

const listed = (parameter: ReturnType<Content['parameters']['get']> & object) => {
  const { setting, value } = parameter;
  return { parameter, value, source: 'file', ...(setting && { running: Number(value) * setting.times }) };
};

async function found(name: string): Promise<CheckResult> {
  const check = programmeChecks(given).find(({ id }) => id === `programme.${name}`);
  assert.ok(check, name);
  return check.run({ at, number, signal: AbortSignal.timeout(10_000) });
}

const said = ({ saw, exceptions = [] }: CheckResult): string => [saw, ...exceptions].join('\n');

test('every id of this group is a check, and in a sound house each is met', async () => {
  const names = [...checkIds].filter((id) => id.startsWith('programme.'));
  const all = programmeChecks(given);
  assert.deepEqual(all.map(({ id }) => id).sort(), names.sort());
  for (const check of all) {
    const result = await check.run({ at, number, signal: AbortSignal.timeout(10_000) });
    assert.equal(result.result, 'met', `${check.id}: ${said(result)}`);
    assert.ok(result.examined > 0, check.id);
  }
});

test('a policy that nobody published, nobody approved, or whose text is another', async () => {
  versions.delete('breach');
  assert.match(said(await found('policies-approved')), /breach: not published/);
  versions = published();
  Object.assign(versions.get('breach') ?? {}, { approved_by: [] });
  assert.match(said(await found('policies-approved')), /breach: published without an approval/);
  versions = published();
  const breach = versions.get('breach') ?? {};
  Object.assign(breach, { digest: 'x', content: { ...(breach['content'] as object), digest: 'x' } });
  assert.match(said(await found('policies-approved')), /breach: the text of the repository is another/);
  versions = published();
  const own = versions.get('breach') ?? {};
  Object.assign(own, { content: { ...(own['content'] as object), sections: [] } });
  assert.match(said(await found('policies-approved')), /breach#\S+ is in no published policy/);
});

test('overdue: a review, an acknowledgement, a task, an evaluation, a decision', async () => {
  Object.assign(versions.get('roles') ?? {}, { review_due_at: at - 1 });
  assert.deepEqual((await found('policies-reviewed')).exceptions, ['roles: overdue']);
  const version = { policy: 'roles', number: 3 };
  Object.assign(given.policies, {
    acknowledgements: async () => [{ account: 'ann', done: [], owed: ['roles'] }],
    owed: async () => [{ version, by: at - 2 * day_ms }],
  });
  assert.deepEqual((await found('acknowledged')).exceptions, ['account ann: roles version 3, 2 days late']);
  Object.assign(given.policies, { owed: async () => [{ version, by: at + day_ms }] });
  assert.equal((await found('acknowledged')).result, 'met', 'there is time still');
  const late = { id: 't1', kind: 'waiver', due_at: at - 8 * day_ms };
  given.workflow = {
    ...given.workflow,
    list: async () => [late, { ...late, id: 't2', due_at: at - day_ms }] as never,
  };
  assert.deepEqual((await found('tasks-on-time')).exceptions, ['waiver t1']);
  given.lastReport = async () => at - 400 * day_ms;
  assert.match(said(await found('evaluation')), /400 days ago; at most 365/);
  given.lastReport = async () => undefined;
  assert.match(said(await found('evaluation')), /No audit report was ever made/);
  given.decisionsAt = async () => new Map([['164.312-a-2-iii', { at: at - 500 * day_ms }]]) as never;
  const undecided = await found('decisions');
  assert.equal((undecided.exceptions?.length ?? 0) + (undecided.more ?? 0), 22);
});

test('a setting that is not what the programme says, and a policy published with another number', async () => {
  const all = [...content.parameters.values()].map(listed);
  const other = all.map((one) => (one.parameter.name === 'sessions.idle_minutes' ? { ...one, running: 1_800 } : one));
  given.parameters = { list: async () => other } as never;
  assert.deepEqual((await found('parameters')).exceptions, [
    'sessions.idle_minutes: the programme says 900, sessions.idle_s is 1800',
  ]);
  given.parameters = { list: async () => all } as never;
  Object.assign(versions.get('roles') ?? {}, { parameters: { 'sessions.idle_minutes': 10 } });
  assert.match(said(await found('parameters')), /roles: was published with another sessions\.idle_minutes/);
});

test('somebody who touches ePHI without an agreement', async () => {
  const one = { name: 'Somewhere Hosting', purpose: 'Servers', country: 'US', ephi: true };
  given.content = { ...content, subprocessors: [one] };
  assert.deepEqual((await found('subcontractors')).exceptions, ['Somewhere Hosting']);
  given.content = { ...content, subprocessors: [{ ...one, agreement: { date: '2026-01-01', reference: 'BAA 1' } }] };
  assert.equal((await found('subcontractors')).result, 'met');
});

test('evidence that the log does not bear out is unmet', async () => {
  const { newest, unfound } = given.evidence;
  given.evidence = { newest: async () => ({ found: new Map(), forged: ['x'] }), unfound };
  assert.deepEqual((await found('evidence-kept')).exceptions, ['row x']);
  const missing = [{ evidence: { id: 'y' } }] as never;
  given.evidence = { newest, unfound: async () => ({ entries: 1, missing }) };
  assert.deepEqual((await found('evidence-kept')).exceptions, ['entry y: no row finds it']);
});

test('a role that may delete records is named; taken away again it is met', async () => {
  await house.sql('grant delete on programme.evidence to safeguard_identity');
  assert.deepEqual((await found('retention')).exceptions, ['programme.evidence: DELETE']);
  await house.sql('revoke delete on programme.evidence from safeguard_identity');
  assert.equal((await found('retention')).result, 'met');
});
