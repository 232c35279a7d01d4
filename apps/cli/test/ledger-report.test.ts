import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DatabaseVerdict, Verdict } from '@safeguard/verifier';
import { reportOf, reportText } from '../ledger/report.ts';
import { publicKeyOf, readAnchors } from '../ledger/source.ts';

const good: Verdict = {
  ok: true,
  origin: 'safeguard/x/0/0',
  entries: 3,
  checkpoint: { origin: 'safeguard/x/0/0', size: 3, root: Buffer.alloc(32), note: '' },
  checkpoints: 2,
  uncovered: 0,
};
const bad: Verdict = {
  ...good,
  ok: false,
  origin: 'safeguard/x/1/0',
  checkpoint: null,
  bad: { what: 'entry', index: 5, until: 9, reason: 'a leaf was changed' },
};
const both: DatabaseVerdict = { ok: false, entries: 6, logs: [good, bad] };

test('a good ledger is told in one line', () => {
  const text = reportText({ ok: true, entries: 3, logs: [good] });
  assert.equal(text, 'The ledger holds: 3 entries of 1 logs, 2 signed checkpoints.\n');
  const report = reportOf({ ok: true, entries: 3, logs: [good] });
  assert.deepEqual(report.checkpoint, { 'safeguard/x/0/0': { size: 3, root: Buffer.alloc(32).toString('base64') } });
  assert.ok(!('bad' in report));
});

test('a bad one names the first bad position', () => {
  assert.match(reportText(both), /DOES NOT HOLD.*\nsafeguard\/x\/1\/0: entry 5 to before 9: a leaf was changed\n$/s);
  const report = reportOf(both);
  assert.equal(report.ok, false);
  assert.deepEqual(report.bad, {
    log: 'safeguard/x/1/0',
    what: 'entry',
    index: 5,
    until: 9,
    reason: 'a leaf was changed',
  });
});

test('anchors are the .checkpoint files, and a folder that is not there holds none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-anchors-'));
  await writeFile(join(folder, 'b.checkpoint'), 'two');
  await writeFile(join(folder, 'a.checkpoint'), 'one');
  await writeFile(join(folder, 'a.checkpoint.new'), 'half');
  assert.deepEqual(await readAnchors(folder), ['one', 'two']);
  await rm(folder, { recursive: true });
  assert.deepEqual(await readAnchors(folder), []);
});

test('a key of another length is refused', () => {
  const reader = { host: '', port: 1, user: '', password: '', database: '', ssl: false as const };
  const source = { reader, anchors: '', public_key: Buffer.alloc(32, 1).toString('base64') };
  assert.equal(publicKeyOf(source).length, 32);
  assert.throws(() => publicKeyOf({ ...source, public_key: 'AAAA' }), /no Ed25519/);
});
