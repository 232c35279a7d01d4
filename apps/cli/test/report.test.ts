import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import type { Command, Input } from '../command.ts';
import { reportAudit, reportBundle, reportInheritance, reportList } from '../commands/report.ts';
import { verifyBundleCommand } from '../commands/verify-bundle.ts';
import { type Asked, fakeAdmin } from './fake-admin.ts';
import { keeping } from './terminal.ts';

const inputOf = (given: Readonly<Record<string, string | true>>, positionals: readonly string[] = []): Input => ({
  positionals,
  text: (name) => (typeof given[name] === 'string' ? given[name] : undefined),
  flag: (name) => given[name] === true,
  whole: (_name, preset) => preset,
});

async function run(command: Command, given: Readonly<Record<string, string | true>>, positionals?: readonly string[]) {
  const terminal = keeping();
  return { status: await command.run(inputOf(given, positionals), terminal), ...terminal.said };
}

const parts = [Buffer.alloc(1_048_576, 'a'), Buffer.from('the end')];
const whole = Buffer.concat(parts);
const report = {
  ...{ id: 'r1', state: 'made', kind: 'audit', media: 'application/pdf', families: [], made_by: 'operator' },
  ...{ from: '2026-01-01T00:00:00.000Z', until: '2026-07-01T00:00:00.000Z', made_at: '2026-11-22T10:00:00.000Z' },
  ...{ digest: hash('sha256', whole, 'hex'), bytes: whole.length, parts: 2, entry: { shard: 0, index: 7 } },
};

function answering(change: object = {}) {
  let asked = 0;
  return ({ line }: Asked): object | undefined => {
    if (line === 'POST /reports') return { id: 'r1', state: 'making', text: 'Waits', share: 0 };
    if (line === 'GET /reports') return { items: [report] };
    const part = /^GET \/reports\/r1\/parts\/(\d)$/.exec(line)?.[1];
    if (part !== undefined) return { data: parts[Number(part)]?.toString('base64') };
    asked += 1;
    if (line !== 'GET /reports/r1') return undefined;
    return asked === 1
      ? { id: 'r1', state: 'making', text: 'Reading the evidence', share: 0.5 }
      : { ...report, ...change };
  };
}

test('a report is made over whole days, waited for, and written whole', async (t) => {
  const { data, asked } = await fakeAdmin(t, answering());
  const out = join(data, 'audit.pdf');
  const said = await run(reportAudit, {
    data,
    out,
    from: '2026-01-01',
    to: '2026-06-30',
    families: 'technical,physical',
  });
  assert.equal(said.status, 0);
  assert.deepEqual(asked[0]?.body, {
    ...{ kind: 'audit', format: 'pdf', families: ['technical', 'physical'] },
    ...{ from: '2026-01-01T00:00:00.000Z', until: '2026-07-01T00:00:00.000Z' },
  });
  assert.ok(readFileSync(out).equals(whole));
  assert.match(said.out, /1,048,583 bytes[\s\S]*SHA-256 [0-9a-f]{64}/);
  assert.match((await run(reportList, { data })).out, /r1 +audit +pdf/);
});

test('what arrives otherwise than it was made is not kept; what failed is told', async (t) => {
  const { data } = await fakeAdmin(t, answering({ digest: '0'.repeat(64) }));
  const out = join(data, 'bundle.zip');
  await assert.rejects(run(reportBundle, { data, out }), (error) => isFault(error) && error.kind === 'internal');
  assert.ok(!existsSync(out) && !existsSync(`${out}.part`));
  const other = await fakeAdmin(t, ({ line }) =>
    line === 'POST /reports' ? { id: 'r1' } : { id: 'r1', state: 'failed', text: 'The log is away.', share: 1 },
  );
  await assert.rejects(run(reportBundle, { data: other.data, out }), /The log is away/);
  await assert.rejects(run(reportBundle, { data }), /--out/);
  await assert.rejects(run(reportBundle, { data, out, from: 'yesterday' }), /--from: expected a date/);
});

test('what a customer inherits, as a table and as PDF', async (t) => {
  const control = { id: '164.312-b', title: 'Audit controls', inheriting: 'inherited', yours: [] };
  const found = {
    ...{ lines: ['api'], services: [], counts: { inherited: 1 }, platform: { holds: 1 } },
    controls: [{ ...control, platform: { state: 'met' } }],
  };
  const { data } = await fakeAdmin(t, ({ line }) => {
    if (line === 'GET /inheritance?tenant=clinic') return found;
    return line.includes('format=pdf') ? { ...found, pdf: Buffer.from('%PDF').toString('base64') } : undefined;
  });
  const said = await run(reportInheritance, { data, tenant: 'clinic' });
  assert.match(said.out, /164\.312-b +inherited +met +Audit controls[\s\S]*1 inherited/);
  const out = join(data, 'inheritance.pdf');
  await run(reportInheritance, { data, out });
  assert.equal(readFileSync(out, 'utf8'), '%PDF');
});

test('verify-bundle says what is wrong, and that nothing is there', async (t) => {
  const { data } = await fakeAdmin(t, () => undefined);
  const path = join(data, 'bundle.zip');
  writeFileSync(path, 'no bundle');
  const said = await run(verifyBundleCommand, {}, [path]);
  assert.deepEqual([said.status, /DOES NOT HOLD\nthe archive: /.test(said.out)], [1, true]);
  assert.equal(JSON.parse((await run(verifyBundleCommand, { json: true }, [path])).out).ok, false);
  await assert.rejects(run(verifyBundleCommand, {}, [join(data, 'none.zip')]), /ENOENT/);
  await assert.rejects(run(verifyBundleCommand, { key: 'short' }, [path]), /--key/);
});
