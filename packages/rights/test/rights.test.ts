import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import { createRights } from '../index.ts';
import { boss, day_ms, officer, patient, startHouse } from './house.ts';

let house: Awaited<ReturnType<typeof startHouse>>;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const kindOf = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;
const patient3 = patient(3);
const words = 'The weight of 3 May was measured with shoes and a coat on.';
const amendment = (who: { within: readonly [string] }) => ({
  kind: 'amendment' as const,
  patient: who.within[0],
  about: `Observation/${newId()}`,
  text: words,
});

test('a copy has 30 days, and the first fetch stops the clock', async () => {
  const who = patient();
  const asked = await house.rights.ask(who, { kind: 'export', patient: who.within[0] });
  assert.equal(asked.due_at - asked.asked_at, 30 * day_ms);
  assert.equal(asked.state, 'open');
  const { request, lines } = await house.rights.fetch(who, asked.id);
  assert.equal(lines, '{"resourceType":"Patient"}\n');
  assert.equal(request.state, 'fulfilled');
  const again = await house.rights.fetch(who, asked.id);
  assert.equal(again.request.fetched?.length, 2);
  assert.equal(again.request.closed_at, request.closed_at);
});

test('asking twice starts no second clock', async () => {
  const who = patient();
  await house.rights.ask(who, { kind: 'export', patient: who.within[0] });
  await assert.rejects(house.rights.ask(who, { kind: 'export', patient: who.within[0] }), kindOf('conflict'));
});

test('a copy that could not be made leaves the request open', async () => {
  const broken = createRights({ ...house, copy: () => Promise.reject(new Error('no database')) });
  const who = patient();
  const { id } = await broken.ask(who, { kind: 'export', patient: who.within[0] });
  await assert.rejects(broken.fetch(who, id));
  assert.equal((await house.rights.byId(1, id))?.state, 'open');
});

test('an amendment has 60 days, 30 more once, and a denial its basis', async () => {
  const who = patient();
  const asked = await house.rights.ask(who, amendment(who));
  assert.equal(asked.due_at - asked.asked_at, 60 * day_ms);
  const by = officer();
  const longer = await house.rights.extend(by, asked.id, 'The scales of that day are being looked for.');
  assert.equal(longer.due_at - asked.due_at, 30 * day_ms);
  await assert.rejects(house.rights.extend(by, asked.id, 'They are still being looked for.'), kindOf('conflict'));
  const denied = { verdict: 'denied', text: 'The scales were checked that morning.' } as const;
  await assert.rejects(house.rights.answer(by, asked.id, denied), kindOf('invalid'));
  const answered = await house.rights.answer(by, asked.id, { ...denied, basis: 'accurate and complete' });
  assert.deepEqual([answered.state, answered.closed_by], ['denied', by.id]);
  const stated = await house.rights.disagree(who, asked.id, 'I was there, and I wore a coat.');
  assert.equal(stated.disagreement?.text, 'I was there, and I wore a coat.');
  await assert.rejects(house.rights.disagree(who, asked.id, 'I was there, and I wore a coat.'), kindOf('conflict'));
});

test('time that is over is not extended, and is found as overdue', async () => {
  const who = patient();
  const asked = await house.rights.ask(who, amendment(who));
  const filter = { overdue: true, patients: [who.within[0]] };
  assert.equal((await house.rights.list(1, filter)).length, 0);
  house.time.now += 61 * day_ms;
  assert.deepEqual(
    (await house.rights.list(1, filter)).map(({ id }) => id),
    [asked.id],
  );
  await assert.rejects(house.rights.extend(officer(), asked.id, 'We had no time to look.'), kindOf('conflict'));
  house.time.now -= 61 * day_ms;
});

test('what came in on paper runs from the day it came', async () => {
  const received_at = house.time.now - 10 * day_ms;
  const asked = await house.rights.ask(officer(), { kind: 'export', patient: newId(), received_at });
  assert.equal(asked.due_at, received_at + 30 * day_ms);
  const late = { kind: 'export', patient: newId(), received_at: house.time.now + 1 } as const;
  await assert.rejects(house.rights.ask(officer(), late), kindOf('invalid'));
});

test('nobody asks for, reads, fetches or withdraws what is another patient’s', async () => {
  const [who, thief] = [patient(), patient()];
  const copy = await house.rights.ask(who, { kind: 'export', patient: who.within[0] });
  const wrong = await house.rights.ask(who, amendment(who));
  await assert.rejects(house.rights.ask(thief, { kind: 'export', patient: who.within[0] }), kindOf('missing'));
  await assert.rejects(house.rights.fetch(thief, copy.id), kindOf('missing'));
  await assert.rejects(house.rights.withdraw(thief, wrong.id), kindOf('missing'));
  await assert.rejects(house.rights.disagree(thief, wrong.id, 'This is not my request at all.'), kindOf('missing'));
  assert.equal(await house.rights.byId(2, copy.id), undefined);
  await assert.rejects(house.rights.answer(officer(2), wrong.id, { verdict: 'fulfilled', text: 'It was corrected.' }));
});

test('a proxy whose bond ended fetches nothing any more', async () => {
  const who = patient();
  const { id } = await house.rights.ask(who, { kind: 'export', patient: who.within[0] });
  await assert.rejects(house.rights.fetch({ ...who, within: [newId()] }, id), kindOf('missing'));
});

test('nobody answers their own request', async () => {
  const by = officer();
  const { id } = await house.rights.ask(by, { kind: 'export', patient: newId() });
  const answer = { verdict: 'fulfilled', text: 'Handed over at the desk.' } as const;
  await assert.rejects(house.rights.answer(by, id, answer), kindOf('forbidden'));
  assert.equal((await house.rights.answer(officer(), id, answer)).state, 'fulfilled');
  await assert.rejects(house.rights.answer(officer(), id, answer), kindOf('conflict'));
});

test('what is due within a week is told to the officers, and what came on paper is answered on paper', async () => {
  const received_at = house.time.now - 25 * day_ms;
  const { id, on_paper } = await house.rights.ask(officer(3), { kind: 'export', patient: newId(), received_at });
  assert.equal(on_paper, true);
  await house.rights.ask(patient3, { kind: 'export', patient: patient3.within[0] });
  house.told.length = 0;
  assert.equal(await house.rights.remind(3), 1);
  assert.deepEqual(
    house.told.map(({ kind, about, to, again }) => [kind, about, to, again]),
    [['right-due', id, [boss], '2026-11-27']],
  );
  house.told.length = 0;
  await house.rights.answer(officer(3), id, { verdict: 'fulfilled', text: 'Handed over at the desk.' });
  assert.deepEqual(house.told, []);
});

test('of two answers at once one counts', async () => {
  const who = patient();
  const { id } = await house.rights.ask(who, amendment(who));
  const answers = ['It was corrected today.', 'It was corrected before.'].map((text) =>
    house.rights.answer(officer(), id, { verdict: 'fulfilled', text }),
  );
  const ended = await Promise.allSettled(answers);
  assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('what is wrong is named by field, and quotes nothing', async () => {
  const who = patient();
  const wrong = [
    [{ kind: 'amendment', patient: who.within[0], text: words }, 'about'],
    [{ kind: 'amendment', patient: who.within[0], about: 'Nothing/1', text: words }, 'about'],
    [{ kind: 'objection', patient: who.within[0], about: newId(), text: 'short' }, 'text'],
    [{ kind: 'objection', patient: who.within[0], about: newId(), text: `bell \u0007 ${words}` }, 'text'],
    [{ kind: 'export', patient: 'not-an-id' }, 'patient'],
    [{ kind: 'export', patient: who.within[0], about: newId() }, 'about'],
    [{ kind: 'deletion', patient: who.within[0], text: words }, 'kind'],
  ] as const;
  for (const [wanted, at] of wrong) {
    await assert.rejects(house.rights.ask(who, wanted as never), (error) => {
      assert.ok(isFault(error) && error.kind === 'invalid', String(error));
      assert.ok(error.issues.some((issue) => issue.at === at));
      assert.ok(!JSON.stringify([error.message, error.issues]).includes('coat'));
      return true;
    });
  }
});

test('words stand sealed, and tell nobody in the notices', async () => {
  const who = patient();
  const asked = await house.rights.ask(who, amendment(who));
  await house.rights.answer(officer(), asked.id, { verdict: 'fulfilled', text: 'The coat was weighed.' });
  const rows = await house.asOwner('select * from rights.request');
  const dump = JSON.stringify(rows.map((row) => ({ ...row, sealed: String(row.sealed) })));
  assert.ok(!dump.includes('coat'));
  assert.ok(!JSON.stringify(house.told).includes('coat'));
  const [question, answer] = house.told.slice(-2);
  assert.deepEqual([question?.kind, question?.about, question?.to], ['right-asked', asked.id, [boss]]);
  assert.deepEqual([answer?.kind, answer?.about, answer?.to], ['right-answered', asked.id, [who.id]]);
});

test('a second page begins where the first ended', async () => {
  const who = patient();
  const made = [];
  for (let count = 0; count < 5; count++) made.push((await house.rights.ask(who, amendment(who))).id);
  const own = { account: who.id, count: 2 };
  const first = await house.rights.list(1, own);
  const second = await house.rights.list(1, { ...own, after: first[1]?.id ?? '' });
  assert.deepEqual(
    [...first, ...second].map(({ id }) => id),
    made.reverse().slice(0, 4),
  );
});
