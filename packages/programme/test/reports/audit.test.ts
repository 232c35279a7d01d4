import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import { extractText, getDocumentProxy } from 'unpdf';
import { tallyOf, unmetTime } from '../../reports/period/tally.ts';
import { evidenceWith } from '../postgres.ts';
import { actor, content, day_ms, fill, hour_ms, openWorld } from './world.ts';

const world = await openWorld();
const span = await fill(world, Date.now() - 1_000);
const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;
const cells = (page: string): string => page.replaceAll(/\s+/g, ' ');

test('an exception lasts from the first finding to the first that says met; time without evidence is apart', () => {
  const [from, until] = [10 * hour_ms, 20 * hour_ms];
  const tally = tallyOf('a.b', 3_600, { from, until });
  const at = (hours: number, result: 'met' | 'unmet' | 'unknown', examined = 1) =>
    tally.take(evidenceWith({ check: 'a.b', at: hours * hour_ms, result, examined }));
  tally.before(evidenceWith({ check: 'a.b', at: 9 * hour_ms, result: 'unmet', saw: 'Broken before.' }));
  at(11, 'met');
  at(12, 'unmet');
  at(13, 'unknown');
  at(14, 'unmet');
  at(15, 'met');
  at(16, 'met', 0);
  const { exceptions, runs, met, unmet, unknown, unmet_ms, unknown_ms } = tally.finish();
  assert.deepEqual([runs, met, unmet, unknown], [6, 2, 2, 2]);
  assert.deepEqual(
    exceptions.map(({ began, repaired, findings }) => [began / hour_ms, (repaired ?? 0) / hour_ms, findings]),
    [
      [9, 11, 1],
      [12, 15, 2],
    ],
  );
  assert.equal(unmet_ms, 4 * hour_ms);
  // From 16 on nothing was examined: nothing is known.
  assert.equal(unknown_ms, 4 * hour_ms);
  assert.equal(unmetTime(exceptions, { from, until }), 4 * hour_ms);
  assert.equal(unmetTime([...exceptions, ...exceptions], { from, until }), 4 * hour_ms, 'counted once');
});

test('what is not repaired lasts to the end, and no evidence at all is unknown throughout', () => {
  const span_ = { from: 0, until: 10 * hour_ms };
  const open = tallyOf('a.b', 3_600, span_);
  open.take(evidenceWith({ at: 4 * hour_ms, result: 'unmet' }));
  const { exceptions, unmet_ms, unknown_ms } = open.finish();
  assert.deepEqual(
    [exceptions.length, exceptions[0]?.repaired, unmet_ms, unknown_ms],
    [1, undefined, 6 * hour_ms, 4 * hour_ms],
  );
  assert.equal(tallyOf('a.b', 3_600, span_).finish().unknown_ms, 10 * hour_ms);
});

test('an audit report says what was found, and its digest stands in the log', async () => {
  const steps: number[] = [];
  const report = await world.reports.make(actor, { kind: 'audit', ...span, format: 'html' }, (_text, share) => {
    steps.push(share);
  });
  const { bytes } = await world.reports.read(report.id);
  const page = cells(String(bytes));
  assert.equal(report.digest, hash('sha256', bytes, 'hex'));
  const [entry] = await world.ledger.readAt(0, [report.place.index], report.place.shard);
  assert.equal((entry?.event as { digest?: string } | undefined)?.digest, report.digest);
  assert.match(page, /No authority certifies compliance with HIPAA/);
  for (const { citation } of content.controls.values()) assert.ok(page.includes(citation), citation);
  assert.match(
    page,
    /http\.tls<\/td><td>\S+ \S+ UTC<\/td><td>\S+ \S+ UTC<\/td><td>2 hours<\/td><td>One listener spoke plain HTTP/,
  );
  assert.match(page, /No receipt\. – backup/);
  assert.match(page, /not by the end of the period/);
  assert.match(page, /Checks that left no evidence in the period: mail\.transport/);
  assert.match(page, /1 of 2 people of the workforce \(50 %\)/);
  assert.match(page, /UNMET, waived/);
  assert.ok(!/<script|src=|href=/.test(page), 'nothing is loaded');
  assert.ok(steps.every((share) => share >= 0 && share <= 1));
  assert.equal(await world.reports.lastReport(), report.at);
});

test('what checks saw is text, whatever it holds', async () => {
  const at = Date.now() - 400;
  await world.add('http.headers', at, { result: 'unmet', saw: '<script>alert(1)</script> & "quoted"' });
  const report = await world.reports.make(actor, { kind: 'audit', from: at - 10, until: at + 10, format: 'html' });
  const page = String((await world.reports.read(report.id)).bytes);
  assert.ok(page.includes('&lt;script&gt;alert(1)') && !page.includes('<script>'));
  await world.add('http.headers', at + 20);
});

test('the PDF is tagged, and says the same', async () => {
  const report = await world.reports.make(actor, { kind: 'audit', ...span });
  const { bytes } = await world.reports.read(report.id);
  assert.equal(report.media, 'application/pdf');
  assert.ok(bytes.includes('/MarkInfo') && bytes.includes('/StructTreeRoot') && bytes.includes('/Lang'));
  const { text, totalPages } = await extractText(await getDocumentProxy(new Uint8Array(bytes)), { mergePages: true });
  const said = text.replaceAll(/\s+/g, ' ');
  assert.ok(totalPages > 5);
  assert.match(said, /No authority certifies compliance with HIPAA/);
  assert.match(said, /One listener spoke plain HTTP/);
  for (const { citation } of content.controls.values())
    assert.ok(said.replaceAll(' ', '').includes(citation.replaceAll(' ', '')));
});

test('a report over some families is none over the programme: it does not count as its evaluation', async () => {
  const before = await world.reports.lastReport();
  const wanted = { kind: 'audit', ...span, families: ['technical'], format: 'html' } as const;
  const report = await world.reports.make(actor, wanted);
  const page = String((await world.reports.read(report.id)).bytes);
  assert.ok(page.includes('45 CFR 164.312(a)(1)') && !page.includes('45 CFR 164.310(a)(1)'));
  assert.match(page, /Families outside the scope: general, administrative/);
  assert.equal(await world.reports.lastReport(), before);
});

test('a period that is none, another tenant, an unknown report: refused', async () => {
  const make = (change: object, who = actor) => world.reports.make(who, { kind: 'audit', ...span, ...change });
  await assert.rejects(make({ from: span.until }), kind('invalid'));
  await assert.rejects(make({ until: Date.now() + day_ms }), kind('invalid'));
  await assert.rejects(make({ from: span.until - 3000 * day_ms }), kind('invalid'));
  await assert.rejects(make({}, { ...actor, tenant: 2 }), kind('forbidden'));
  await assert.rejects(world.reports.read(newId()), kind('missing'));
  await assert.rejects(world.reports.part(newId(), 0), kind('missing'));
});

test('in the background: known while it is made, kept when it is', async () => {
  const started = world.reports.start(actor, { kind: 'audit', ...span, format: 'html' });
  assert.equal(started.state, 'making');
  const second = world.reports.start(actor, { kind: 'bundle', ...span });
  assert.equal(await world.reports.byId(started.id), undefined);
  for (let left = 200; left > 0 && world.reports.making(second.id)?.state === 'making'; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.deepEqual(
    [started, second].map(({ id }) => world.reports.making(id)?.state),
    ['made', 'made'],
  );
  assert.equal((await world.reports.byId(started.id))?.id, started.id);
  assert.throws(() => world.reports.start(actor, { kind: 'audit', from: 2, until: 1 }), kind('invalid'));
});

test('attack: kept bytes are sealed, and an altered part is refused', async () => {
  const [newest] = await world.reports.list();
  assert.ok(newest !== undefined);
  const rows = await world.sql('select sealed from programme.report_part where report = $1', [newest.id]);
  assert.ok(rows.every(({ sealed }) => !(sealed as Buffer).includes('164.312')));
  await assert.rejects(world.runtime(1, 'update programme.report set bytes = 1'));
  await assert.rejects(world.runtime(1, 'delete from programme.report_part'));
  assert.deepEqual(await world.runtime(2, 'select id from programme.report'), []);
  await world.sql('alter table programme.report_part disable trigger all');
  await world.sql(
    'update programme.report_part set sealed = set_byte(sealed, 50, get_byte(sealed, 50) # 1) where report = $1',
    [newest.id],
  );
  await assert.rejects(world.reports.read(newest.id), kind('internal'));
});
