import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CheckResult } from '@safeguard/kernel';
import { rightsChecks } from '../../checks/checks.ts';
import { boss, day_ms, officer, patient, startHouse } from '../house.ts';

let house: Awaited<ReturnType<typeof startHouse>>;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const parameters: Readonly<Record<string, number>> = {
  'rights.access_days': 30,
  'rights.amendment_days': 60,
  'rights.extension_days': 30,
};

function run(change: Readonly<Record<string, number>> = {}): Promise<CheckResult> {
  const [check] = rightsChecks({ segment: house.segment, tenants: async () => [1, 2] });
  if (check === undefined) throw new Error('no check');
  const number = (name: string): number => ({ ...parameters, ...change })[name] ?? Number.NaN;
  return check.run({ at: house.time.now, number, signal: new AbortController().signal });
}
function unmet(told: CheckResult, cause: RegExp): void {
  assert.equal(told.result, 'unmet', JSON.stringify(told));
  assert.match([told.saw, ...(told.exceptions ?? [])].join('\n'), cause);
  assert.ok(told.todo);
}

test('clocks: nothing asked, asked, extended, late, answered', async () => {
  const { rights, time } = house;
  assert.equal((await run()).result, 'met');
  const who = patient(2);
  const { id } = await rights.ask(who, { kind: 'export', patient: who.within[0] });
  time.now += 29 * day_ms;
  assert.equal((await run()).result, 'met');
  time.now += 3 * day_ms;
  unmet(await run(), new RegExp(`request ${id} \\(export\\) of tenant 2 is 2 days late`));
  await rights.answer({ ...officer(2), id: boss }, id, { verdict: 'fulfilled', text: 'Here it is, on paper.' });
  const told = await run();
  assert.equal(told.result, 'met');
  assert.match(told.saw, /1 were answered late within a year/);
});

test('clocks: a day that is too far off, a program that gives more days than the parameter', async () => {
  const { rights } = house;
  const who = patient();
  const { id } = await rights.ask(who, { kind: 'export', patient: who.within[0] });
  await rights.extend(officer(), id, 'The archive is being moved this week.');
  assert.equal((await run()).result, 'met');
  await house.asOwner(`update rights.request set due_at = due_at + interval '9 days' where id = '${id}'`);
  unmet(await run(), new RegExp(`request ${id} \\(export\\) of tenant 1 has a day that is too far off`));
  await house.asOwner(`update rights.request set due_at = due_at - interval '9 days' where id = '${id}'`);
  assert.equal((await run()).result, 'met');
  unmet(await run({ 'rights.amendment_days': 45 }), /the clock of a request \(amendment\) runs 60 days, not 45/);
});
