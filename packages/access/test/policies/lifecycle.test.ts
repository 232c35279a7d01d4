import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { isFault, newId } from '@safeguard/kernel';
import { createPolicies } from '../../policies/policies.ts';
import type { Policy } from '../../policy/types.ts';
import { day_ms, hour_ms, why } from '../grants/world.ts';
import { house, rule, startPolicies, withRules } from './world.ts';

let world: Awaited<ReturnType<typeof startPolicies>>;
before(async () => {
  world = await startPolicies();
});
after(() => world.close());

const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;
const open = withRules(rule({ id: 'clinicians-see-observations' }));
/** The version in force as a process finds it that has nothing in memory. */
const inForce = async (): Promise<number> => (await world.replica().active(1)).version;

test('the policy of the house is in force until another one is', async () => {
  const { policies, people } = world;
  assert.equal((await policies.active(2)).version, 0);
  const found = await policies.byVersion(2, 0);
  assert.deepEqual([found?.state, found?.policy.format], ['active', 1]);
  assert.equal(await policies.byVersion(2, 1), undefined);
  assert.ok(people);
});

test('draft, change, submit, approve, activate, supersede', async () => {
  const { policies, author, approver, told, time } = world;
  const drafted = await policies.draft(author, { note: 'Observations for clinicians.' });
  assert.deepEqual([drafted.version, drafted.state, drafted.edition, drafted.based_on], [1, 'draft', 1, 0]);
  const changed = await policies.change(author, 1, { policy: open, edition: 1 });
  assert.deepEqual([changed.edition, changed.note], [2, 'Observations for clinicians.']);
  await assert.rejects(policies.change(author, 1, { note: 'Late.', edition: 1 }), kind('stale'));
  const submitted = await policies.submit(author, 1);
  assert.deepEqual([submitted.state, submitted.needed, submitted.submitted_by], ['submitted', 1, author.id]);
  assert.ok(told.some(({ kind: what, to }) => what === 'policy-submitted' && to.includes(approver.id)));
  assert.ok(told.every(({ kind: what, to }) => what !== 'policy-submitted' || !to.includes(author.id)));
  await assert.rejects(policies.change(author, 1, { note: 'Too late.' }), kind('conflict'));
  const approved = await policies.decide(approver, 1, 'approve', 'Read and found good.');
  assert.deepEqual([approved.state, approved.decisions[0]?.reason], ['approved', 'Read and found good.']);
  assert.equal(await inForce(), 0);
  const active = await policies.activate(author, 1);
  assert.deepEqual([active.state, await inForce()], ['active', 1]);
  time.now += 1;
  const next = await world.activated(house());
  assert.equal((await policies.byVersion(1, 1))?.state, 'superseded');
  assert.equal(await inForce(), next);
  const listed = await policies.list(1, { state: 'superseded' });
  assert.deepEqual(
    listed.map(({ version }) => version),
    [1],
  );
});

test('nobody approves what they wrote, changed or submitted; two versions of one person are two', async () => {
  const { policies, author, approver, another } = world;
  const { version } = await policies.draft(author, { policy: open });
  await policies.change(another, version, { note: 'A word more.' });
  await policies.submit(approver, version);
  for (const own of [author, another, approver]) {
    await assert.rejects(policies.decide(own, version, 'approve'), kind('forbidden'));
  }
  const fourth = world.officer();
  assert.equal((await policies.decide(fourth, version, 'approve')).state, 'approved');
  await assert.rejects(policies.decide(fourth, version, 'approve'), kind('conflict'));
  await policies.withdraw(author, version);
});

test('who is no officer approves and activates nothing, nor a patient, a client, somebody suspended', async () => {
  const { policies, author, people, person } = world;
  const { version } = await policies.draft(author, { policy: open });
  await policies.submit(author, version);
  const worker = person(people.add());
  const suspended = person(people.add({ roles: ['administrator'], state: 'suspended' }), { roles: ['administrator'] });
  const patient = person(people.add({ kind: 'patient' }), { account: 'patient', within: [newId()] });
  const client = { ...worker, kind: 'client' } as const;
  const claims = person(people.add(), { roles: ['administrator', 'security-officer'] });
  for (const who of [worker, suspended, patient, client, claims]) {
    await assert.rejects(policies.decide(who, version, 'approve'), kind('forbidden'));
    await assert.rejects(policies.activate(who, version), (error) => isFault(error) && error.kind !== 'internal');
  }
  await policies.withdraw(author, version);
});

test('changing what administrators are takes two; so does what passes roles by', async () => {
  const { policies, author, approver, another } = world;
  const roles = house().roles;
  const graver: readonly Policy[] = [
    {
      ...house(),
      roles: { ...roles, 'security-officer': { ...roles['security-officer'], longest_days: 10 } } as never,
    },
    withRules(rule({ who: { users: [author.id] } })),
    withRules(rule({ who: { everyone: true } })),
    withRules(rule({ who: { roles: ['administrator'] } })),
  ];
  for (const policy of graver) {
    const { version } = await policies.draft(author, { policy });
    assert.equal((await policies.submit(author, version)).needed, 2);
    assert.equal((await policies.decide(approver, version, 'approve')).state, 'submitted');
    await assert.rejects(policies.activate(approver, version), kind('conflict'));
    await assert.rejects(policies.decide(approver, version, 'approve'), kind('conflict'));
    assert.equal((await policies.decide(another, version, 'approve')).state, 'approved');
    await policies.withdraw(author, version);
  }
});

test('a rejection says why, and ends it', async () => {
  const { policies, author, approver } = world;
  const { version } = await policies.draft(author, { policy: open });
  await policies.submit(author, version);
  await assert.rejects(policies.decide(approver, version, 'reject'), kind('invalid'));
  assert.equal((await policies.decide(approver, version, 'reject', why)).state, 'rejected');
  await assert.rejects(policies.activate(author, version), kind('conflict'));
  await assert.rejects(policies.withdraw(author, version), kind('conflict'));
});

test('a malformed policy, a time in the past, a failing test: refused, and what is in force stays', async () => {
  const { policies, author, time } = world;
  const before = await inForce();
  await assert.rejects(policies.draft(author, { policy: { ...open, rules: [{}] } }), kind('invalid'));
  await assert.rejects(policies.draft(author, { policy: open, based_on: 4_711 }), kind('missing'));
  await assert.rejects(policies.draft(author, { note: '\u0000' }), kind('invalid'));
  await assert.rejects(policies.draft(author, { tests: [{}] }), kind('invalid'));
  const version = await world.approved(open);
  for (const at of [time.now - 1, time.now + 400 * day_ms, Number.NaN, 1.5]) {
    await assert.rejects(policies.activate(author, version, at), kind('invalid'));
  }
  for (const none of [0, -1, 99_999, 2 ** 40, 1.5, Number.NaN]) {
    await assert.rejects(policies.activate(author, none), kind('missing'));
    await assert.rejects(policies.submit(author, none), kind('missing'));
  }
  const tests = [{ role: 'clinician', interaction: 'read', type: 'Observation', theirs: false, expected: 'deny' }];
  const failing = await policies.draft(author, { policy: open, tests });
  await assert.rejects(policies.submit(author, failing.version), kind('invalid'));
  const passing = await policies.change(author, failing.version, { policy: house() });
  assert.equal((await policies.submit(author, passing.version)).state, 'submitted');
  assert.equal(await inForce(), before);
});

test('a version begins when it was told to, to the millisecond, with the database asked beforehand', async () => {
  const { policies, approver, time } = world;
  const was = await inForce();
  const version = await world.approved(open);
  const at = time.now + hour_ms;
  assert.equal((await policies.activate(approver, version, at)).state, 'scheduled');
  time.now = at - 500;
  assert.equal((await policies.active(1)).version, was);
  time.now = at - 1;
  assert.equal((await policies.active(1)).version, was);
  time.now = at;
  assert.equal((await policies.active(1)).version, version);
  await assert.rejects(policies.withdraw(approver, version), kind('conflict'));
});

test('what is scheduled can be withdrawn, and then never begins', async () => {
  const { policies, approver, time } = world;
  const was = await inForce();
  const version = await world.approved(open);
  await policies.activate(approver, version, time.now + hour_ms);
  assert.equal((await policies.withdraw(approver, version)).state, 'withdrawn');
  time.now += 2 * hour_ms;
  assert.equal(await inForce(), was);
});

test('another replica has it within a second', async () => {
  const { replica, time } = world;
  const other = replica();
  const was = (await other.active(1)).version;
  const version = await world.approved(open);
  await world.policies.activate(world.approver, version);
  assert.equal((await world.policies.active(1)).version, version);
  assert.equal((await other.active(1)).version, was);
  time.now += 1_000;
  assert.equal((await other.active(1)).version, version);
});

test('of two activations at the same moment the later one counts, whatever the clocks say', async () => {
  const { approver, another, time, policyDeps } = world;
  const [one, other] = [await world.approved(open), await world.approved(house())];
  const behind = createPolicies({ ...policyDeps, clock: { now: () => time.now - 5_000 } });
  await world.policies.activate(approver, one);
  await behind.activate(another, other);
  assert.equal(await inForce(), other);
});

test('two who activate the same version: one does', async () => {
  const { approver, another, replica } = world;
  const version = await world.approved(open);
  const tried = await Promise.allSettled([
    world.policies.activate(approver, version),
    replica().activate(another, version),
  ]);
  assert.deepEqual(tried.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal(await inForce(), version);
  world.time.now += 1;
});

test('two drafts at once get two numbers; two changes at once: one is told', async () => {
  const { policies, author, another } = world;
  const [one, other] = await Promise.all([policies.draft(author, {}), policies.draft(another, {})]);
  assert.equal(Math.abs(one.version - other.version), 1);
  const tried = await Promise.allSettled([
    policies.change(author, one.version, { note: 'One.', edition: 1 }),
    policies.change(another, one.version, { note: 'Other.', edition: 1 }),
  ]);
  assert.deepEqual(tried.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('rolling back: at once to what was in force just before, else by approval; history stays', async () => {
  const { policies, approver, another, author, time } = world;
  const good = await world.activated(house());
  const bad = await world.activated(open);
  const undone = await policies.rollBack(author, good);
  assert.deepEqual([undone.state, undone.based_on, undone.rolls_back], ['active', good, true]);
  assert.deepEqual(undone.policy, house());
  assert.equal(await inForce(), undone.version);
  assert.equal((await policies.byVersion(1, bad))?.state, 'superseded');
  time.now += 1;
  await assert.rejects(policies.rollBack(author, undone.version), kind('conflict'));
  time.now += 2 * day_ms;
  const back = await policies.rollBack(author, bad);
  assert.equal(back.state, 'submitted');
  await assert.rejects(policies.decide(author, back.version, 'approve'), kind('forbidden'));
  await policies.decide(approver, back.version, 'approve');
  await policies.activate(another, back.version);
  assert.equal(await inForce(), back.version);
  time.now += 1;
  const draft = await policies.draft(author, { policy: open });
  await assert.rejects(policies.rollBack(author, draft.version), kind('conflict'));
});

test('a policy that cannot be read denies: Fault unavailable, not the one before', async () => {
  const { time, sql, approver } = world;
  const version = await world.activated(open);
  const other = world.replica();
  assert.equal((await other.active(1)).version, version);
  // The text of another version, put there by somebody who may write the table but has no key.
  await sql('alter table access.policy disable trigger policy_steps');
  await sql('create table kept as select version, sealed from access.policy where tenant = 1');
  await sql(`update access.policy set sealed = (select sealed from access.policy where tenant = 1 and version = 1)
    where tenant = 1 and version = ${version}`);
  await assert.rejects(world.replica().active(1), kind('unavailable'));
  await sql(`update access.policy p set sealed = k.sealed from kept k where k.version = p.version and p.tenant = 1`);
  await sql('alter table access.policy enable trigger policy_steps');
  time.now += 1_000;
  assert.equal(await inForce(), version);
  const away = createPolicies({
    ...world.policyDeps,
    segment: { ...world.segment, query: () => Promise.reject(new Error('away')) },
  });
  await assert.rejects(away.active(1), kind('unavailable'));
  assert.ok(approver);
});

test('the database holds it a second time', async () => {
  const { sql, author, policies, segment } = world;
  const { version } = await policies.draft(author, { policy: open });
  const asRuntime = (text: string) => segment.query(1, { name: `test.${newId()}`, text });
  const row = `tenant = 1 and version = ${version}`;
  const tried = [
    `update access.policy set state = 'approved', submitted_by = authors[1], submitted_at = now(), needed = 1
      where ${row}`,
    `update access.policy set state = 'activated', activates_at = now(), activated_at = now(),
      activated_by = authors[1], activation = 1 where ${row}`,
    `update access.policy set based_on = 0 where ${row}`,
    `delete from access.policy where ${row}`,
    `insert into access.policy_decision (id, tenant, policy, decided_by, verdict, decided_at)
      select gen_random_uuid(), 1, id, authors[1], 'approve', now() from access.policy where ${row}`,
  ];
  for (const text of tried) await assert.rejects(asRuntime(text), text);
  await policies.submit(author, version);
  const late = [
    `update access.policy set sealed = sealed || '\\x00' where ${row}`,
    `update access.policy set authors = array[gen_random_uuid()] where ${row}`,
    `update access.policy set state = 'approved' where ${row}`,
    `insert into access.policy_decision (id, tenant, policy, decided_by, verdict, decided_at)
      select gen_random_uuid(), 1, id, submitted_by, 'approve', now() from access.policy where ${row}`,
  ];
  for (const text of late) await assert.rejects(asRuntime(text), text);
  // The control: without the triggers the same statement goes through.
  await sql('alter table access.policy disable trigger policy_steps');
  await asRuntime(late[2] ?? '');
  await sql('alter table access.policy enable trigger policy_steps');
});

test('another tenant sees nothing of it, and its officers decide nothing', async () => {
  const { policies, author, people, person, segment } = world;
  const { version } = await policies.draft(author, { policy: open });
  const foreign = person(people.add({ tenant: 2, roles: ['administrator'] }), { tenant: 2, roles: ['administrator'] });
  assert.equal(await policies.byVersion(2, version), undefined);
  assert.deepEqual(await policies.list(2), []);
  await policies.submit(author, version);
  await assert.rejects(policies.decide(foreign, version, 'approve'), kind('missing'));
  await assert.rejects(policies.withdraw(foreign, version), kind('missing'));
  const count = { name: 'test.count', text: 'select count(*) as n from access.policy' };
  assert.deepEqual(await segment.query(2, count), [{ n: 0 }]);
  assert.notDeepEqual(await segment.query(1, count), [{ n: 0 }]);
});

test('nothing that people wrote stands in clear', async () => {
  const { policies, author, sql } = world;
  const secret = 'Mrs-Zaphod-4711';
  const { version } = await policies.draft(author, { policy: withRules(rule({ reason: secret })), note: secret });
  await policies.submit(author, version);
  await policies.decide(world.approver, version, 'reject', `${secret} asked me to.`);
  const tables = ['policy', 'policy_decision', 'notice'];
  for (const table of tables) {
    const rows = await sql(`select t::text as row from access.${table} t`);
    assert.ok(rows.every(({ row }) => !String(row).includes(secret)));
    assert.ok(rows.every(({ row }) => !String(row).includes(Buffer.from(secret).toString('hex'))));
  }
});

test('the control: with a seal that binds nothing, the text of another version would be in force', async () => {
  const { policyDeps, people, person, sql, time } = world;
  const roles = ['administrator'];
  const [author, approver] = [1, 2].map(() => person(people.add({ tenant: 2, roles }), { tenant: 2, roles })) as [
    Principal,
    Principal,
  ];
  const careless = createPolicies({
    ...policyDeps,
    vault: async (tenant) => ({
      ...(await policyDeps.vault(tenant)),
      seal: (_key, _binding, plain) => plain,
      open: (_key, _binding, sealed) => sealed,
    }),
  });
  const drafted = [await careless.draft(author, { policy: house() }), await careless.draft(author, { policy: open })];
  const [version = 0, wider = 0] = drafted.map((one) => one.version);
  await careless.submit(author, version);
  await careless.decide(approver, version, 'approve');
  await careless.activate(approver, version);
  await sql('alter table access.policy disable trigger policy_steps');
  await sql(`update access.policy p set sealed = o.sealed from access.policy o
    where p.tenant = 2 and p.version = ${version} and o.tenant = 2 and o.version = ${wider}`);
  await sql('alter table access.policy enable trigger policy_steps');
  time.now += 1_000;
  const { policy } = await careless.active(2);
  assert.ok(policy.rules.some(({ id }) => id === 'clinicians-see-observations'));
});
