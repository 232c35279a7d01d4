import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { deployedCopy } from '../harness/deployed.ts';
import { type Databases, openDatabases } from '../harness/inside.ts';
import { type Instance, removeData, start, temporaryData } from '../harness/instance.ts';
import { cliJson } from '../harness/people.ts';
import { type ShownControl, type ShownEvidence, soundStart } from '../harness/programme.ts';
import { leave, receiptOf } from '../harness/programme-receipts.ts';

let copy: Awaited<ReturnType<typeof deployedCopy>>;
let data: string;
let safeguard: Instance;
let databases: Databases;
const onTime = { SAFEGUARD_PROGRAMME_SCHEDULE: 'on' };
before(async () => {
  [copy, data] = await Promise.all([deployedCopy(), temporaryData()]);
  safeguard = await start(soundStart({ data, code: copy.code }));
  databases = await openDatabases(data);
});
after(async () => {
  await databases?.close();
  await safeguard?.stop();
  await removeData(data);
  await copy?.remove();
});

const { control, check } = { control: '164.308-a-6-ii', check: 'operations.intrusion-detection' };
const stateOf = (): Promise<ShownControl> => cliJson<ShownControl>(safeguard, 'controls', 'show', control);

/** Times of the newest evidence of every check. */
async function newest(): Promise<ReadonlyMap<string, number>> {
  const text = 'select check_id, max(at) as at from programme.evidence group by check_id';
  const rows = await databases.sql('identity', text);
  return new Map(rows.map((row) => [String(row['check_id']), Number(row['at'])]));
}

/** Waits for what comes by itself. */
async function until(what: string, holds: () => Promise<boolean>, patience_ms: number): Promise<void> {
  for (const end = Date.now() + patience_ms; Date.now() < end; await wait(500)) if (await holds()) return;
  throw new Error(`in vain: ${what}`);
}

test('after a deployment every check is tried anew, and what broke meanwhile is unmet, by nobody asking', async () => {
  await leave(data, receiptOf('intrusion-detection', { findings: [] }));
  const { stdout } = await safeguard.cli('controls', 'run', '--json');
  const ran: ShownEvidence[] = JSON.parse(stdout).items;
  assert.equal(ran.find((one) => one.check === check)?.result, 'met');
  assert.equal((await stateOf()).state, 'met');
  await safeguard.stop();
  // Other code; and while nobody looked the intrusion detection fell silent.
  await appendFile(join(copy.code, 'packages', 'kernel', 'index.ts'), '// Another release.\n');
  const old = new Date(Date.now() - 30 * 3_600_000).toISOString();
  await leave(data, receiptOf('intrusion-detection', { findings: [], started_at: old, finished_at: old }));
  const deployed_at = Date.now();
  safeguard = await start(soundStart({ data, code: copy.code, env: onTime }));
  const isAnew = async (): Promise<boolean> => [...(await newest()).values()].every((at) => at > deployed_at);
  await until('every check runs anew', isAnew, 120_000);
  assert.equal((await newest()).size, ran.length);
  const is = await stateOf();
  assert.equal(is.state, 'unmet');
  assert.match(is.because, /The newest report of the intrusion detection is 30 hours old; at most 24 are allowed/);
});

test('when its time has come a check runs by itself: repaired, the control is met again', async () => {
  await leave(data, receiptOf('intrusion-detection', { findings: [] }));
  const before = (await newest()).get(check) ?? 0;
  // As if its interval were over.
  await databases.sql('identity', `update programme.schedule set due_at = 0 where check_id = '${check}'`);
  await until('the check runs', async () => ((await newest()).get(check) ?? 0) > before, 30_000);
  const is = await stateOf();
  assert.equal(is.state, 'met', is.because);
});
