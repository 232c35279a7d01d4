import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import type { Message } from '@safeguard/mail';
import { createReportRequests } from '../../reports/requests/requests.ts';
import type { Asking } from '../../reports/requests/types.ts';
import { createWorkflow } from '../../workflow/workflow.ts';
import { actor, day_ms, fill, openWorld } from './world.ts';

const world = await openWorld();
const span = await fill(world, Date.now() - 1_000);
const officer = world.people.add(['security-officer']);
const { requests } = world;
const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;
let asked = 0;
const asking = (change: Partial<Asking> = {}): Asking => {
  asked += 1;
  return {
    ...{
      name: 'Ada Buyer',
      organization: `Hospital ${asked}`,
      email: `ada${asked}@hospital.example`,
      nda_accepted: true,
    },
    ...{ kind: 'audit', remote: `192.0.2.${asked}` },
    ...change,
  };
};
const newest = async () => {
  const [found] = await requests.list();
  assert.ok(found !== undefined);
  return found;
};

test('asked, approved by an officer, downloaded once', async () => {
  const given = asking();
  assert.equal(await requests.ask(given), undefined);
  const request = await newest();
  assert.deepEqual(
    [request.state, request.name, request.organization, request.email, request.kind],
    [...['waiting', given.name, given.organization, given.email, 'audit']],
  );
  assert.ok(world.told.some((notice) => notice.kind === 'task-to-approve' && notice.to.includes(officer.id)));
  // Nothing to give yet: then nothing is approved, and no link is made.
  await assert.rejects(world.workflow.approve(officer, request.task), kind('conflict'));
  await assert.rejects(requests.link(officer, request.id), kind('missing'));
  const report = await world.reports.make(actor, { kind: 'audit', ...span });
  await world.workflow.approve(officer, request.task);
  const { url, expires_at } = await requests.link(officer, request.id);
  assert.ok(expires_at > Date.now() + 6.9 * day_ms && expires_at <= Date.now() + 7 * day_ms);
  const secret = /^https:\/\/house\.example\/trust\/reports\/(sgq_[A-Za-z0-9_-]{43})$/.exec(url)?.[1] ?? '';
  const [one, other] = await Promise.allSettled([requests.download(secret), requests.download(secret)]);
  assert.deepEqual([one, other].map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const got = [one, other].find((each) => each.status === 'fulfilled');
  assert.ok(got?.status === 'fulfilled');
  assert.equal(got.value.report.id, report.id);
  assert.match(got.value.filename, /^safeguard-audit-\d{4}-\d\d-\d\d\.pdf$/);
  assert.equal(hash('sha256', got.value.bytes, 'hex'), report.digest);
  await assert.rejects(requests.download(secret), kind('missing'));
  assert.deepEqual([(await newest()).state, (await newest()).downloads], ['downloaded', 1]);
  const stored = await world.sql('select hash from programme.report_link');
  assert.ok(stored.every((row) => (row['hash'] as Buffer).equals(hash('sha256', secret, 'buffer'))));
});

test('a newer link ends the older; one that is not used ends after seven days', async () => {
  await requests.ask(asking());
  const { id, task } = await newest();
  await world.workflow.approve(officer, task);
  const secretOf = async () => (await requests.link(officer, id)).url.split('/').at(-1) ?? '';
  const [old, later] = [await secretOf(), await secretOf()];
  await assert.rejects(requests.download(old), kind('missing'));
  world.time.shift = 7 * day_ms + 1000;
  await assert.rejects(requests.download(later), kind('missing'));
  assert.equal((await newest()).state, 'expired');
  world.time.shift = 0;
  await assert.rejects(requests.link({ ...officer, tenant: 2 }, id), kind('forbidden'));
});

test('mailed once where there is a mail server; who does not answer is tried again', async () => {
  const sent: Message[] = [];
  let fails = true;
  const mail = {
    isAddress: () => true,
    async send(message: Message) {
      if (fails) throw new Error('down');
      sent.push(message);
    },
  };
  await requests.ask(asking());
  const { task, email } = await newest();
  await world.workflow.approve(officer, task);
  assert.equal(await requests.deliver(), 0, 'without a mail server officers hand links on');
  const failed: string[] = [];
  const tell = (message: string): void => void failed.push(message);
  const { segment, vault, people, deps } = world;
  const workflow = createWorkflow({
    ...{ segment, vault, clock: deps.clock, people: people.port, holders: people.holders, base: deps.base },
    tell: { tell: async () => undefined },
  });
  const mailing = createReportRequests({ ...deps, workflow, mail, failed: tell });
  assert.equal(await mailing.deliver(), 0);
  assert.deepEqual(failed, ['a link to a report could not be mailed']);
  fails = false;
  assert.equal(await mailing.deliver(), 1);
  assert.equal(await mailing.deliver(), 0);
  assert.deepEqual(
    sent.map(({ to }) => to),
    [email],
  );
  const secret = /sgq_[A-Za-z0-9_-]{43}/.exec(sent[0]?.text ?? '')?.[0] ?? '';
  assert.equal((await newest()).state, 'sent');
  assert.equal((await mailing.download(secret)).report.kind, 'audit');
});

test('attack: without the agreement, with broken lines, with a kind that is none: each field is named', async () => {
  const wrong = asking({ nda_accepted: false, email: 'a@b.example\nBcc: c@d.example', name: ' ' });
  await assert.rejects(requests.ask(wrong), (error) => {
    assert.ok(isFault(error) && error.kind === 'invalid');
    assert.deepEqual(error.issues.map(({ at }) => at).toSorted(), ['email', 'name', 'nda_accepted']);
    return !JSON.stringify(error.issues).includes('Bcc');
  });
  await assert.rejects(requests.ask(asking({ kind: 'everything' as 'audit' })), kind('invalid'));
  await assert.rejects(requests.ask(asking({ organization: 'x'.repeat(500) })), kind('invalid'));
});

test('attack: from one network, and for one address, only so many', async () => {
  const remote = '198.51.100.7';
  for (let n = 0; n < 5; n += 1) await requests.ask(asking({ remote }));
  await assert.rejects(requests.ask(asking({ remote })), kind('tooMany'));
  const email = 'flooded@hospital.example';
  for (let n = 0; n < 3; n += 1) await requests.ask(asking({ email }));
  await assert.rejects(requests.ask(asking({ email: email.toUpperCase() })), kind('tooMany'));
  await requests.ask(asking());
});

test('attack: guessed and malformed links, and the tables themselves', async () => {
  for (const secret of ['', 'x', `sgq_${'A'.repeat(43)}`, `sgq_${'A'.repeat(43)}'; --`, newId()]) {
    await assert.rejects(requests.download(secret), kind('missing'));
  }
  const { id } = await newest();
  const rows = await world.sql(
    'select id, task from programme.report_grant g join programme.report r on r.id = g.report',
  );
  const [{ id: report, task } = {}] = rows;
  const insert = `insert into programme.report_grant (request, tenant, task, report, at) values ($1, 1, $2, $3, now())`;
  // What was approved for one request approves no other; what was not approved is not granted.
  await assert.rejects(world.runtime(1, insert, [id, task, report]));
  await assert.rejects(world.runtime(1, 'delete from programme.report_download'));
  await assert.rejects(world.runtime(1, `update programme.report_link set expires_at = now() + interval '7 days'`));
  assert.deepEqual(await world.runtime(2, 'select * from programme.report_request'), []);
});

test('what somebody wrote stands nowhere in clear', async () => {
  const name = `Unforgettable ${newId()}`;
  await requests.ask(asking({ name, email: 'unforgettable@hospital.example' }));
  for (const table of ['task', 'step', 'report_request']) {
    const rows = await world.sql(`select t::text as row from programme.${table} t`);
    assert.ok(
      rows.every(({ row }) => !/unforgettable/i.test(String(row))),
      table,
    );
  }
  assert.equal((await newest()).name, name);
});
