import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { anchorFile, readAnchors } from '../index.ts';
import { openFixture, requestEvent, signerName } from './fixture.ts';

const fixture = await openFixture();
const { sql } = fixture.store;
const run = (text: string) => sql('ledger', text);
const originOf = (tenant: number) => `${signerName}/${tenant}/0`;

/** A log of 600 entries with checkpoints at 300, 550 and 600: tiles up to 512, a tail of 88. */
async function victim(tenant: number): Promise<void> {
  const ledger = await fixture.open();
  for (const size of [300, 550, 600]) {
    const { length } = { length: size - (await ledger.read(tenant, 0, 1000)).length };
    await ledger.append(
      tenant,
      Array.from({ length }, () => requestEvent({ tenant })),
    );
    await ledger.checkpoint(tenant);
  }
  await ledger.close();
}

/** The verdict on one tenant's log, with or without the anchors. */
async function verdictOn(tenant: number, anchored = true) {
  const notes = anchored
    ? (await readAnchors(fixture.anchors)).filter((note) => note.startsWith(`${originOf(tenant)}\n`))
    : [];
  const { logs } = await fixture.verify(notes);
  const verdict = logs.find(({ origin }) => origin === originOf(tenant));
  return verdict?.ok === true ? 'ok' : verdict?.bad;
}

const where = (tenant: number, more: string): string => `where tenant = ${tenant} and ${more}`;
const flip = 'set_byte(body, 40, get_byte(body, 40) # 1)';
const shift = (tenant: number, from: number, by: number): string =>
  `update ledger.entries set index = index + 1000000 ${where(tenant, `index >= ${from}`)};
   update ledger.entries set index = index - 1000000 + ${by} ${where(tenant, 'index >= 1000000')};`;
const copy = (tenant: number, from: number, to: number): string =>
  `update ledger.entries e set body = (select body from ledger.entries ${where(tenant, `index = ${from}`)})
   ${where(tenant, `index = ${to}`)}`;
const truncate = (tenant: number, size: number): string =>
  `delete from ledger.entries ${where(tenant, `index >= ${size}`)};
   delete from ledger.checkpoints ${where(tenant, `size > ${size}`)};
   delete from ledger.tiles ${where(tenant, `(index + 1) * 256 > ${size}`)}`;

interface Attack {
  readonly name: string;
  readonly sql: (tenant: number) => string;
  readonly bad: { readonly what: string; readonly index: number; readonly until?: number };
}

const attacks: readonly Attack[] = [
  {
    name: 'a flipped bit in a full tile',
    sql: (t) => `update ledger.entries set body = ${flip} ${where(t, 'index = 100')}`,
    bad: { what: 'entry', index: 100 },
  },
  {
    name: 'a flipped bit in the tail',
    sql: (t) => `update ledger.entries set body = ${flip} ${where(t, 'index = 580')}`,
    bad: { what: 'entry', index: 580 },
  },
  {
    name: 'a dropped entry',
    sql: (t) => `delete from ledger.entries ${where(t, 'index = 333')}`,
    bad: { what: 'entry', index: 333 },
  },
  {
    name: 'a dropped entry, the gap closed',
    sql: (t) => `delete from ledger.entries ${where(t, 'index = 333')}; ${shift(t, 334, -1)}`,
    bad: { what: 'entry', index: 333 },
  },
  {
    name: 'two entries swapped',
    sql: (t) => `update ledger.entries set index = 1000000 ${where(t, 'index = 20')};
      update ledger.entries set index = 20 ${where(t, 'index = 10')};
      update ledger.entries set index = 10 ${where(t, 'index = 1000000')}`,
    bad: { what: 'entry', index: 10 },
  },
  {
    name: 'two entries of the tail swapped',
    sql: (t) => `update ledger.entries set index = 1000000 ${where(t, 'index = 520')};
      update ledger.entries set index = 520 ${where(t, 'index = 530')};
      update ledger.entries set index = 530 ${where(t, 'index = 1000000')}`,
    bad: { what: 'entry', index: 520 },
  },
  { name: 'an entry replayed over another', sql: (t) => copy(t, 50, 60), bad: { what: 'entry', index: 60 } },
  {
    name: 'a copy inserted in the middle',
    sql: (t) => `${shift(t, 200, 1)} insert into ledger.entries
      select tenant, shard, 200, body from ledger.entries ${where(t, 'index = 7')}`,
    bad: { what: 'entry', index: 200 },
  },
  {
    name: 'the tail cut off',
    sql: (t) => `delete from ledger.entries ${where(t, 'index >= 520')}`,
    bad: { what: 'entry', index: 520, until: 550 },
  },
  {
    name: 'the tail cut off with its checkpoints and tiles',
    sql: (t) => truncate(t, 520),
    bad: { what: 'entry', index: 520, until: 600 },
  },
  {
    name: 'a checkpoint altered',
    sql: (
      t,
    ) => `update ledger.checkpoints set note = replace(note, '${t}/0' || chr(10) || '550', '${t}/0' || chr(10) || '549')
      ${where(t, 'size = 550')}`,
    bad: { what: 'checkpoint', index: 550 },
  },
  {
    name: 'a checkpoint replaced by an older one',
    sql: (t) => `update ledger.checkpoints set note = (select note from ledger.checkpoints ${where(t, 'size = 300')})
      ${where(t, 'size = 550')}`,
    bad: { what: 'checkpoint', index: 550 },
  },
  {
    name: 'a stored tile altered',
    sql: (t) => `update ledger.tiles set hashes = set_byte(hashes, 32 * 9, get_byte(hashes, 32 * 9) # 1)
      ${where(t, 'level = 0 and index = 1')}`,
    bad: { what: 'tile', index: 265 },
  },
  {
    name: 'a stored tile removed',
    sql: (t) => `delete from ledger.tiles ${where(t, 'level = 0 and index = 1')}`,
    bad: { what: 'tile', index: 256 },
  },
  {
    name: "a checkpoint's leaf hashes altered",
    sql: (t) =>
      `update ledger.checkpoints set leaves = set_byte(leaves, 0, get_byte(leaves, 0) # 1) ${where(t, 'size = 600')}`,
    bad: { what: 'leaves', index: 550 },
  },
  {
    name: 'an entry altered together with its stored hashes: narrowed down to its checkpoints',
    sql: (t) => `update ledger.entries set body = ${flip} ${where(t, 'index = 400')};
      update ledger.tiles set hashes = overlay(hashes placing (select sha256('\\x00'::bytea || body) from ledger.entries
      ${where(t, 'index = 400')}) from 32 * (400 - 256) + 1) ${where(t, 'level = 0 and index = 1')};
      update ledger.checkpoints set leaves = ''::bytea ${where(t, 'size = 550')}`,
    bad: { what: 'entry', index: 300, until: 550 },
  },
  {
    name: 'a whole log removed',
    sql: (t) =>
      ['entries', 'tiles', 'checkpoints', 'logs'].map((n) => `delete from ledger.${n} ${where(t, 'true')}`).join(';'),
    bad: { what: 'anchor', index: 0 },
  },
];

for (const [at, attack] of attacks.entries()) {
  test(`found and located: ${attack.name}`, async () => {
    const tenant = 100 + at;
    await victim(tenant);
    assert.equal(await verdictOn(tenant), 'ok', 'before the attack');
    await run(attack.sql(tenant));
    const bad = await verdictOn(tenant);
    assert.ok(typeof bad === 'object', `not found: ${JSON.stringify(bad)}`);
    const { reason, ...position } = bad;
    assert.deepEqual(position, attack.bad, reason);
  });
}

test('a log moved to another tenant is found', async () => {
  await victim(90);
  for (const table of ['logs', 'entries', 'tiles', 'checkpoints']) {
    await run(`update ledger.${table} set tenant = 91 ${where(90, 'true')}`);
  }
  assert.equal(typeof (await verdictOn(90)), 'object');
});

test('negative control: without an anchor, truncation together with checkpoints and tiles is not noticed', async () => {
  await victim(80);
  await run(truncate(80, 300));
  assert.equal(await verdictOn(80, false), 'ok');
  assert.equal(typeof (await verdictOn(80)), 'object');
});

test('negative control: a log re-signed by another key does not verify', async () => {
  await victim(81);
  const { signer } = fixture;
  const { verifyDatabase } = await import('@safeguard/verifier');
  const reader = fixture.store.reader();
  const query = (text: string, values: readonly unknown[]) =>
    reader.query(0, { name: `k${text.length}${text.slice(0, 50)}`, text }, values);
  const logs = async (key: Uint8Array) => (await verifyDatabase(query, { publicKeys: [key] })).logs;
  const isOurs = ({ origin }: { origin: string }) => origin === originOf(81);
  assert.equal((await logs(signer.publicKey)).find(isOurs)?.ok, true);
  assert.deepEqual((await logs(Buffer.alloc(32, 1))).find(isOurs)?.bad?.what, 'checkpoint');
});

test('an older database is refused at start, loudly, by the local anchor', async () => {
  await victim(70);
  await run(truncate(70, 300));
  const ledger = await fixture.open();
  await assert.rejects(ledger.append(70, [requestEvent()]), { kind: 'unavailable' });
  assert.match(ledger.state(70).reason ?? '', /rolled back/);
  assert.equal(ledger.state(0).serving, true, 'other logs go on');
  assert.ok(fixture.log.lines.some(({ level, message }) => level === 'error' && message.includes('refused')));
  await ledger.close();
  rmSync(anchorFile(fixture.anchors, originOf(70)));
  const blind = await fixture.open();
  assert.equal(
    (await blind.append(70, [requestEvent()])).first,
    300,
    'negative control: without the anchor it goes on',
  );
  await blind.close();
});

test('an altered tail is refused at start', async () => {
  await victim(71);
  await run(`update ledger.entries set body = ${flip} ${where(71, 'index = 590')}`);
  const ledger = await fixture.open();
  await assert.rejects(ledger.append(71, [requestEvent()]), { kind: 'unavailable' });
  assert.match(ledger.state(71).reason ?? '', /not those that were signed/);
  await ledger.close();
});

test('a database that goes back while the log is open stops it for good', async () => {
  await victim(72);
  const ledger = await fixture.open();
  await ledger.append(72, [requestEvent()]);
  await run(`delete from ledger.entries ${where(72, 'index >= 590')}`);
  await assert.rejects(ledger.append(72, [requestEvent()]), { kind: 'unavailable' });
  assert.match(ledger.state(72).reason ?? '', /acknowledged/);
  await ledger.close();
});

test('the runtime role can add and read, and nothing else; the reader can only read', async () => {
  await victim(60);
  const tables = ['logs', 'entries', 'tiles', 'checkpoints'];
  const statements = tables.flatMap((table) => [
    `update ledger.${table} set tenant = tenant`,
    `delete from ledger.${table}`,
    `truncate ledger.${table}`,
    `drop table ledger.${table}`,
    `alter table ledger.${table} disable row level security`,
  ]);
  for (const text of statements) {
    for (const segment of [fixture.segment, fixture.store.reader()]) {
      await assert.rejects(segment.query(60, { name: `denied ${text}`.slice(0, 60), text }), (error: Error) => {
        assert.equal((error.cause as { code?: string }).code, '42501', text);
        return true;
      });
    }
  }
  const insert = { name: 'reader-adds', text: "insert into ledger.logs values (60, 9, 'x')" };
  await assert.rejects(fixture.store.reader().query(60, insert));
  const foreign = { name: 'adds-foreign', text: "insert into ledger.logs values (61, 9, 'y')" };
  await assert.rejects(fixture.segment.query(60, foreign));
});
