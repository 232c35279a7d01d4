import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, Principal } from '@safeguard/http';
import { isFault, newId } from '@safeguard/kernel';
import { leavesIn } from '@safeguard/verifier';
import { inheritanceOperations } from '../../api/inheritance-operations.ts';
import { reportOperations } from '../../api/report-operations.ts';
import { createInheritance } from '../../inheritance/inheritance.ts';
import { compareStated } from '../../reports/bundle/compare.ts';
import { actor, content, fill, openWorld } from './world.ts';

const world = await openWorld();
const span = await fill(world, Date.now() - 1_000);
const { postureAt, segment, clock, render } = world.deps;
const inheritance = createInheritance({ content: () => content, postureAt, segment, clock, render });
const actorOf = ({ tenant, id }: Principal) => ({ tenant, id, roles: ['security-officer'] });
const operations = [
  ...reportOperations({ reports: world.reports, requests: world.requests, clock, actorOf }),
  ...inheritanceOperations({ inheritance, clock }),
];
const principalOf = (tenant: number) => ({ tenant, kind: 'user', id: newId(), scopes: [], view: 'full' }) as Principal;

async function ask(line: string, tenant: number, given: { params?: object; query?: object; body?: object } = {}) {
  const [method, path] = line.split(' ');
  const found = operations.find((one: Operation) => one.method === method && one.path === path);
  assert.ok(found !== undefined, line);
  const query = found.query?.parse(given.query ?? {});
  const body = found.body?.parse(given.body ?? {});
  const asked = { principal: principalOf(tenant), params: given.params ?? {}, query, body, fresh: () => undefined };
  const outcome = await found.handle({ ...asked, context: {} } as unknown as Parameters<Operation['handle']>[0]);
  if (outcome.body !== undefined) found.answer?.parse(outcome.body);
  return outcome;
}
const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;

test('a report by the API: begun, followed, listed, downloaded as a file', async () => {
  const body = {
    kind: 'audit',
    format: 'html',
    from: new Date(span.from).toISOString(),
    until: new Date(span.until).toISOString(),
  };
  const begun = await ask('POST /programme/reports', 1, { body });
  const { id } = begun.body as { id: string };
  assert.deepEqual(begun.targets, [{ type: 'Report', id }]);
  const params = { id };
  for (let left = 200; left > 0 && world.reports.making(id)?.state === 'making'; left -= 1) {
    await ask('GET /programme/reports/:id', 1, { params });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const shown = (await ask('GET /programme/reports/:id', 1, { params })).body as { digest?: string };
  assert.match(shown.digest ?? '', /^[0-9a-f]{64}$/);
  const { file, headers } = await ask('GET /programme/reports/:id/file', 1, { params });
  assert.equal(file?.type, 'text/html');
  assert.match(
    headers?.['Content-Disposition'] ?? '',
    /^attachment; filename="safeguard-audit-[\d-]+-to-[\d-]+\.html"$/,
  );
  const { items } = (await ask('GET /programme/reports', 1)).body as { items: { id: string }[] };
  assert.equal(items[0]?.id, id);
});

test('attack: customers get none of it, and their own inheritance alone', async () => {
  const none = [
    ...['GET /programme/reports', 'GET /programme/reports/:id', 'GET /programme/reports/:id/file'],
    ...['GET /programme/report-requests', 'POST /programme/report-requests/:id/link'],
  ];
  for (const line of none) await assert.rejects(ask(line, 2, { params: { id: newId() } }), kind('forbidden'), line);
  const body = { kind: 'bundle', from: new Date(1).toISOString(), until: new Date().toISOString() };
  await assert.rejects(ask('POST /programme/reports', 2, { body }), kind('forbidden'));
  const own = await ask('GET /programme/inheritance', 2);
  assert.equal((own.body as { controls: object[] }).controls.length, content.controls.size);
  const { file } = await ask('GET /programme/inheritance', 2, { query: { format: 'pdf' } });
  assert.equal(file?.type, 'application/pdf');
  const future = { at: new Date(Date.now() + 1e9).toISOString() };
  await assert.rejects(ask('GET /programme/inheritance', 2, { query: future }), kind('invalid'));
});

test('with the keys the sealed entries of a bundle are opened, and hold what it states', async () => {
  const { id } = await world.reports.make(actor, { kind: 'bundle', ...span });
  const leaves = leavesIn((await world.reports.read(id)).bytes);
  assert.ok(leaves.length > 100 && leaves.length <= 400);
  assert.deepEqual(await compareStated(world.ledger, leaves), []);
  const [first, second] = leaves;
  assert.ok(first !== undefined && second !== undefined);
  const lied = { ...first, digest: second.digest };
  const absent = { ...second, index: 9_999_999 };
  assert.deepEqual(await compareStated(world.ledger, [lied, absent, second]), [lied, absent]);
  await assert.rejects(compareStated(world.ledger, [{ shard: 0 }]), kind('invalid'));
});
