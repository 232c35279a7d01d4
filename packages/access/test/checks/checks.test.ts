import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CheckResult, newId } from '@safeguard/kernel';
import { createAccess } from '../../access.ts';
import { holdersAmong } from '../../checks/checks.ts';
import type { Policy } from '../../policy/types.ts';
import { day_ms, hour_ms, why } from '../grants/world.ts';
import { house as housePolicy, rule, withRules } from '../policies/world.ts';
import { openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
let sound: ReturnType<(typeof house)['platform']>;
let clinician: Awaited<ReturnType<(typeof house)['holding']>>;
let security: typeof clinician;

before(async () => {
  house = await openHouse();
  security = await house.holding('security-officer');
  await house.holding('privacy-officer');
  clinician = await house.holding('clinician');
  sound = house.platform();
});
after(() => house.close());

const met = (told: CheckResult): void => assert.equal(told.result, 'met', JSON.stringify(told));
function unmet(told: CheckResult, cause: RegExp): void {
  assert.equal(told.result, 'unmet', JSON.stringify(told));
  assert.match([told.saw, ...(told.exceptions ?? [])].join('\n'), cause);
  assert.ok(told.todo);
}

test('on a sound platform all of them are met', async () => {
  assert.equal(sound.ids.length, 9);
  for (const id of sound.ids.filter((one) => one !== 'access.cross-tenant')) {
    const told = await sound.run(id);
    assert.equal(told.result, 'met', `${id} ${JSON.stringify(told)}`);
    assert.ok(told.examined > 0 && told.saw.length <= 500);
  }
});

test('default-deny: a decision that lets a type through, a server that shows accounts', async () => {
  const decide: typeof house.access.decide = (principal, action, target) =>
    action === 'read' && target?.type === 'Condition'
      ? { permit: true, reason: 'policy' }
      : house.access.decide(principal, action, target);
  unmet(await house.platform({ access: { decide } }).run('access.default-deny'), /may read Condition/);
  const shown = house.platform({ probe: house.refusing(200) });
  unmet(await shown.run('access.default-deny'), /GET \/api\/v1\/accounts by a client for health data: answered 200/);
  const open = createAccess({ types: house.types, policies: 'off' });
  unmet(
    await house.platform({ access: open }).run('access.default-deny'),
    /a person of the workforce who holds nothing may/,
  );
  met(await sound.run('access.default-deny'));
});

test('a policy that permits everybody something, or more than the matrix, is found by two checks', async () => {
  const everyone = rule({ id: 'open-house', who: { everyone: true } });
  const version = await house.activated(withRules(everyone));
  house.policies.forget(1);
  unmet(await sound.run('access.minimum-necessary'), /tenant 1: rule open-house permits something to everybody/);
  unmet(await sound.run('access.default-deny'), /holds nothing may read Observation \(open-house\)/);
  await house.activated(housePolicy() as Policy);
  assert.ok(version > 0);
  met(await sound.run('access.minimum-necessary'));
  met(await sound.run('access.default-deny'));
});

test('minimum-necessary: beyond the matrix, sensitive labels that open, a policy nobody approved', async () => {
  const wide: typeof house.access.decide = (principal, action, target) =>
    action === 'delete' ? { permit: true, reason: 'policy' } : house.access.decide(principal, action, target);
  unmet(
    await house.platform({ access: { decide: wide } }).run('access.minimum-necessary'),
    /role patient reaches demographics by d/,
  );
  const unlabelled: typeof house.access.decide = (principal, action, target) =>
    house.access.decide(principal, action, target?.row ? { ...target, row: { ...target.row, labels: [] } } : target);
  const open = house.platform({ access: { decide: unlabelled } });
  unmet(await open.run('access.minimum-necessary'), /reads what is labelled hiv/);
  await house.force(`update access.policy_decision set verdict = 'reject'`);
  unmet(await sound.run('access.minimum-necessary'), /in force without the approvals that it needed/);
  await house.force(`update access.policy_decision set verdict = 'approve'`);
  met(await sound.run('access.minimum-necessary'));
});

test('grants-approved: one without a request, one that lasts too long, one whose approval is gone', async () => {
  const [id, account] = [newId(), newId()];
  const from = `to_timestamp(${house.time.now / 1000})`;
  await house.force(`insert into access.grant (id, tenant, request, kind, account, role, from_at, until_at, changed)
    values ('${id}', 1, '${newId()}', 'standing', '${account}', 'clinician', ${from}, ${from} + interval '9 days', 9)`);
  unmet(await sound.run('access.grants-approved'), new RegExp(`grant ${id} of tenant 1 has no request`));
  await house.force(`delete from access.grant where id = '${id}'`);
  met(await sound.run('access.grants-approved'));
  const where = `where id = '${clinician.grant}'`;
  await house.force(`update access.grant set until_at = until_at + interval '1 day' ${where}`);
  unmet(await sound.run('access.grants-approved'), /lasts longer than was approved/);
  await house.force(`update access.grant set until_at = until_at - interval '1 day' ${where}`);
  await house.force(`update access.decision set decided_by = '${clinician.account}'
    where request = (select request from access.grant ${where})`);
  unmet(await sound.run('access.grants-approved'), /lacks approvals by others/);
  await house.force(`update access.decision set decided_by = '${house.ann}' where decided_by = '${clinician.account}'`);
  met(await sound.run('access.grants-approved'));
});

test('grants-approved: a database that takes what nobody approved', async () => {
  await house.sql('alter table access.grant disable trigger grant_was_approved');
  unmet(await sound.run('access.grants-approved'), /the database takes a grant whose request nobody approved/);
  await house.sql('alter table access.grant enable trigger grant_was_approved');
  met(await sound.run('access.grants-approved'));
  assert.equal((await house.sql(`select 1 from access.grant where tenant = 901`)).length, 0);
});

test('reviews-on-time: too late, too seldom, without effect', async () => {
  const late = { at: house.time.now + 95 * day_ms };
  unmet(await sound.run('access.reviews-on-time', late), /tenant 1: the review of its grants is overdue by 5 days/);
  await house.sql('insert into access.review_setting (tenant, review_days, answer_days) values (1, 365, 14)');
  unmet(await sound.run('access.reviews-on-time'), /tenant 1 has set review_days to 365, and 90 is the most/);
  await house.sql('delete from access.review_setting');
  const review = newId();
  const ago = (days: number) => `to_timestamp(${house.time.now / 1000}) - interval '${days} days'`;
  await house.sql(`insert into access.review (id, tenant, started_at, due_at)
    values ('${review}', 1, ${ago(20)}, ${ago(6)});
    insert into access.review_item (id, tenant, review, grant_id, account, role, recommendation, because)
    values ('${newId()}', 1, '${review}', '${clinician.grant}', '${clinician.account}', 'clinician', 'revoke',
    'unused')`);
  unmet(
    await sound.run('access.reviews-on-time'),
    new RegExp(`grant ${clinician.grant} of tenant 1 outlived its review`),
  );
  await house.sql('delete from access.review_item; delete from access.review');
  met(await sound.run('access.reviews-on-time'));
});

test('break-glass: uses not looked at or too long, a way that does not open or does not end', async () => {
  const by = house.person(clinician.account);
  const opened = await house.breakGlass.open(by, { patient: newId(), reason: why });
  assert.ok('grant' in opened);
  met(await sound.run('access.break-glass', { at: house.time.now + hour_ms }));
  const later = { at: house.time.now + 5 * day_ms };
  unmet(await sound.run('access.break-glass', later), /emergency .* of tenant 1 was not reviewed in time/);
  await house.breakGlass.review(house.person(security.account), opened.grant.id, 'justified', why);
  met(await sound.run('access.break-glass', later));
  const shorter = (name: string): number => (name === 'access.break_glass_minutes' ? 30 : 2);
  unmet(await sound.run('access.break-glass', { number: shorter }), /open for longer than an emergency may be/);
  const { rules, ...rest } = housePolicy();
  const without = { ...rest, rules: rules.filter(({ id }) => id !== 'break-glass-emergency') };
  await house.activated(without);
  unmet(await sound.run('access.break-glass'), /does not open the record that it was opened for/);
  await house.activated(housePolicy() as Policy);
  const deaf: typeof house.access.decide = (principal, action, target) =>
    house.access.decide(principal, action, target).reason === 'no policy permits it'
      ? { permit: true, reason: 'policy' }
      : house.access.decide(principal, action, target);
  unmet(await house.platform({ access: { decide: deaf } }).run('access.break-glass'), /the record of another patient/);
  met(await sound.run('access.break-glass'));
});

test('duties-apart: an administrator who audits', async () => {
  const from = `to_timestamp(${house.time.now / 1000})`;
  await house.force(`insert into access.grant (id, tenant, request, kind, account, role, from_at, until_at, changed)
    values ('${newId()}', 1, '${newId()}', 'standing', '${house.ann}', 'auditor', ${from},
    ${from} + interval '9 days', 9)`);
  unmet(
    await sound.run('access.duties-apart'),
    new RegExp(`account ${house.ann} of tenant 1 is (auditor and administrator|administrator and auditor)`),
  );
  await house.force(`delete from access.grant where account = '${house.ann}'`);
  met(await sound.run('access.duties-apart'));
});

test('officers: one whose grant ended, one who left; a tenant without records needs none', async () => {
  const ending = (column: string) => house.force(`update access.grant set ${column} where id = '${security.grant}'`);
  await ending(`ended_at = from_at, ended_why = 'ended', ended_by = 'test'`);
  unmet(await sound.run('access.officers'), /tenant 1 has no active security-officer/);
  await ending('ended_at = null, ended_why = null, ended_by = null');
  met(await sound.run('access.officers'));
  house.people.change(security.account, { state: 'suspended' });
  unmet(await sound.run('access.officers'), /tenant 1 has no active security-officer/);
  house.people.change(security.account, { state: 'active' });
  const two = house.platform({ hasRecords: async () => true });
  unmet(await two.run('access.officers'), /tenant 2 has no active privacy-officer/);
  met(await sound.run('access.officers'));
});

test('expired-end: a server that does not see what ended, a decision that looks at no clock', async () => {
  const gone = await house.holding('billing');
  // Its clock of ages stands still: what it once read it never reads again.
  const stale = house.platform({}, { ticks: () => 0 });
  await stale.run('access.default-deny');
  await house.grants.end(1, gone.grant, house.ann, 'ended');
  met(await sound.run('access.expired-end'));
  unmet(await stale.run('access.expired-end'), new RegExp(`grant ${gone.grant} of tenant 1 is over and still counts`));
  const clockless: typeof house.access.decide = (principal, action, target) =>
    target?.row ? { permit: true, reason: 'policy' } : house.access.decide(principal, action, target);
  const timeless = house.platform({ access: { decide: clockless } });
  unmet(await timeless.run('access.expired-end'), /decides in the moment in which it ends/);
  met(await sound.run('access.expired-end'));
});

test('who still holds something is told to the check of leavers', async () => {
  const among = holdersAmong({ segment: house.segment, clock: { now: () => house.time.now } });
  assert.deepEqual(await among(1, [clinician.account, newId()]), [clinician.account]);
  assert.deepEqual(await among(2, [clinician.account]), []);
});
