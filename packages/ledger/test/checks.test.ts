import assert from 'node:assert/strict';
import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckResult } from '@safeguard/kernel';
import { anchorFile } from '../index.ts';
import { first, openChecks } from './checks-fixture.ts';
import { requestEvent, signerName } from './fixture.ts';

const { ledger, way, run, forget, sql, anchors } = await openChecks();
const hour_ms = 3_600_000;

function met(found: CheckResult, least = 1): CheckResult {
  assert.equal(found.result, 'met', JSON.stringify(found));
  assert.ok(found.examined >= least, JSON.stringify(found));
  return found;
}

function unmet(found: CheckResult, says: RegExp): void {
  assert.equal(found.result, 'unmet', JSON.stringify(found));
  assert.match(JSON.stringify(found.exceptions), says);
  assert.ok((found.todo ?? '') !== '');
}

const events = (tenant: number, length: number) => Array.from({ length }, () => requestEvent({ tenant }));
await ledger.append(first, events(first, 700));
await ledger.append(7, events(7, 300));
await sleep(500);

test('recorded: an entry that is missing, or says something else than what happened', async () => {
  met(await run('probe-recorded'), 3);
  const lies: readonly (readonly [typeof way.through, RegExp])[] = [
    [(event) => (event.outcome === 'deny' ? undefined : event), /nobody: there is no entry/],
    [(event) => ({ ...event, status: 200, outcome: 'permit' }), /nobody: .*\(outcome\)/],
    [(event) => ({ ...event, actor: 'client-x' }), /two clients are the same actor/],
    [(event) => ({ ...event, at: event.at - hour_ms }), /first: .*\(at\)/],
    [(event) => ({ ...event, tenant: 0 }), /first: there is no entry/],
  ];
  for (const [lie, says] of lies) {
    way.through = lie;
    unmet(await run('probe-recorded'), says);
  }
  way.through = (event) => event;
  met(await run('probe-recorded'), 3);
});

const flip = (tenant: number, index: number): Promise<unknown> =>
  sql(`update ledger.entries set body = set_byte(body, 40, get_byte(body, 40) # 1)
    where tenant = ${tenant} and shard = 0 and index = ${index}`);

test('verifies: an altered entry, new or old; what is new is read anew, and the whole in rounds', async () => {
  met(await run('verifies'), 1_000);
  await flip(first, 300);
  unmet(await run('verifies'), /log of tenant 8 \(shard 0\): entry 300 \(entry\)/);
  await flip(first, 300);
  met(await run('verifies'), 1_000);
  await ledger.append(first, events(first, 10));
  await sleep(400);
  await flip(first, 705);
  unmet(await run('verifies'), /entry 705/);
  await flip(first, 705);
  await sql(`create table public.cut as select * from ledger.entries where tenant = 7 and index >= 290`);
  await sql('delete from ledger.entries where tenant = 7 and index >= 290');
  unmet(await run('verifies'), /log of tenant 7 .*it is missing/);
  await sql('insert into ledger.entries select * from public.cut; drop table public.cut');
  met(await run('verifies'), 1_000);
});

test('verifies: a log that no round has reached the end of for too long', async () => {
  forget({
    verifier: {
      ...(await import('@safeguard/verifier')),
      verifyOnward: async (_query, log) => ({
        verdict: { ok: true },
        read: 1,
        reached: { range: { size: 1, peaks: [] }, good: null },
        ended: log.tenant !== 7,
      }),
    },
  });
  const now = Date.now();
  met(await run('verifies', now));
  met(await run('verifies', now + 23 * hour_ms));
  unmet(await run('verifies', now + 25 * hour_ms), /tenant 7 .*not verified as a whole for 24 hours/);
  forget();
  met(await run('verifies', now + 25 * hour_ms));
});

test('append-only: rights to change, a trigger; nothing is changed by the attempts', async () => {
  met(await run('append-only'), 40);
  const [before] = await sql('select count(*) from ledger.entries');
  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['delete on ledger.entries to safeguard_ledger', 'delete on ledger.entries from safeguard_ledger', /delete from/],
    ['truncate on ledger.tiles to safeguard_ledger', 'truncate on ledger.tiles from safeguard_ledger', /truncate/],
    [
      'update (note) on ledger.checkpoints to safeguard_ledger',
      'update (note) on ledger.checkpoints from safeguard_ledger',
      /set note/,
    ],
    [
      'insert on ledger.entries to safeguard_ledger_reader',
      'insert on ledger.entries from safeguard_ledger_reader',
      /reads the log: ..insert/,
    ],
  ];
  for (const [grant, revoke, says] of faults) {
    await sql(`grant ${grant}`);
    unmet(await run('append-only'), says);
    await sql(`revoke ${revoke}`);
  }
  await sql(`create function public.quiet() returns trigger language plpgsql as 'begin return null; end';
    create trigger quiet before insert on ledger.tiles for each row execute function public.quiet()`);
  unmet(await run('append-only'), /trigger quiet on ledger\.tiles/);
  await sql('drop trigger quiet on ledger.tiles; drop function public.quiet');
  met(await run('append-only'), 40);
  assert.deepEqual(await sql('select count(*) from ledger.entries'), [before]);
});

test('retention: a beginning that is gone, a role that may delete', async () => {
  met(await run('retention'), 3);
  await sql(`create table public.old as select * from ledger.entries where tenant = 7 and index < 5`);
  await sql('delete from ledger.entries where tenant = 7 and index < 5');
  unmet(await run('retention'), /log of tenant 7 .*first entry is gone/);
  await sql('insert into ledger.entries select * from public.old; drop table public.old');
  await sql(
    'create role tidy_up login; grant usage on schema ledger to tidy_up; grant delete on ledger.entries to tidy_up',
  );
  unmet(await run('retention'), /tidy_up may delete from ledger\.entries/);
  await sql('drop owned by tidy_up; drop role tidy_up');
  met(await run('retention'), 3);
});

test('signed: a forged note, a signature of nobody', async () => {
  met(await run('checkpoints-signed'), 3);
  const newest = 'tenant = 7 and size = (select max(size) from ledger.checkpoints where tenant = 7)';
  await sql(`update ledger.checkpoints set note = replace(note, E'\\n300\\n', E'\\n299\\n') where ${newest}`);
  unmet(await run('checkpoints-signed'), /tenant 7 .*no signature of a trusted key holds/);
  await sql(`update ledger.checkpoints set note = replace(note, E'\\n299\\n', E'\\n300\\n') where ${newest}`);
  met(await run('checkpoints-signed'), 3);
});

test('anchored: an anchor that is gone, of another log, ahead of the database, of a log that is gone', async () => {
  await sleep(300);
  met(await run('anchored'), 3);
  const file = anchorFile(anchors, `${signerName}/7/0`);
  renameSync(file, `${file}.aside`);
  unmet(await run('anchored'), /tenant 7 .*it has no anchor/);
  writeFileSync(file, 'nothing of the kind\n');
  unmet(await run('anchored'), /its anchor: not a signed note|an anchor speaks of a log that is gone/);
  copyFileSync(anchorFile(anchors, `${signerName}/8/0`), file);
  unmet(await run('anchored'), /tenant 7 .*no anchor/);
  renameSync(`${file}.aside`, file);
  met(await run('anchored'), 3);
  await sql(`create table public.gone as select * from ledger.checkpoints where tenant = 7 and size = 300`);
  await sql('delete from ledger.checkpoints where tenant = 7 and size = 300');
  unmet(await run('anchored'), /gone|went back/);
  await sql('insert into ledger.checkpoints select * from public.gone; drop table public.gone');
  assert.ok(existsSync(file));
  met(await run('anchored'), 3);
  rmSync(`${file}.aside`, { force: true });
});
