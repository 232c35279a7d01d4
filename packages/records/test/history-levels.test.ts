import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openServed, type Reply, type Sent, type Served } from './served.ts';

let house: Served;
before(async () => {
  house = await openServed();
});
after(() => house.close());

const send = (method: string, path: string, sent?: Sent): Promise<Reply> => house.send(method, path, sent);
const basic = (text: string): object => ({ resourceType: 'Basic', code: { text } });

interface Entry {
  readonly resource?: { readonly id: string; readonly code?: { readonly text: string } };
  readonly request: { readonly method: string; readonly url: string };
  readonly response: { readonly lastModified: string; readonly etag: string };
}
interface Bundle {
  readonly total?: number;
  readonly entry?: readonly Entry[];
  readonly link: readonly { readonly relation: string; readonly url: string }[];
}

/** All entries, over every page. */
async function walk(path: string): Promise<Entry[]> {
  const found: Entry[] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const { status, json, text }: Reply = await send('GET', next);
    assert.equal(status, 200, text);
    const bundle = json as Bundle;
    found.push(...(bundle.entry ?? []));
    next = bundle.link.find(({ relation }) => relation === 'next')?.url.replace('https://test', house.url);
  }
  return found;
}

/** One second of the house's clock between writes, so that times tell them apart. */
async function written(method: string, path: string, body?: unknown): Promise<Reply> {
  house.clock.at += 1000;
  const answer = await send(method, path, body === undefined ? {} : { body });
  assert.ok(answer.status < 300, answer.text);
  return answer;
}

test('three levels: newest first, deletions among them, page by page the same', async () => {
  const a = (await written('POST', '/Basic', basic('a1'))).json.id;
  const b = (await written('POST', '/Basic', basic('b1'))).json.id;
  await written('PUT', `/Basic/${a}`, { ...basic('a2'), id: a });
  const list = (await written('POST', '/List', { resourceType: 'List', status: 'current', mode: 'working' })).json.id;
  await written('DELETE', `/Basic/${b}`);
  const told = (entries: readonly Entry[]): string[] =>
    entries.map(({ request, response }) => `${request.method} ${request.url.split('/').at(-1)} ${response.etag}`);
  const whole = [`DELETE ${b} W/"2"`, 'POST List W/"1"', `PUT ${a} W/"2"`, 'POST Basic W/"1"', 'POST Basic W/"1"'];
  assert.deepEqual(told(await walk('/_history')), whole);
  assert.deepEqual(told(await walk('/_history?_count=2')), whole);
  assert.deepEqual(
    told(await walk('/Basic/_history?_count=1')),
    whole.filter((one) => !one.includes('List')),
  );
  assert.deepEqual(told(await walk(`/Basic/${a}/_history`)), [`PUT ${a} W/"2"`, 'POST Basic W/"1"']);
  assert.equal((await send('GET', `/Basic/${a}/_history`)).json.total, 2);
  assert.equal((await send('GET', `/Basic/${a}/_history?_summary=count`)).json.entry, undefined);
  assert.equal((await walk('/_history'))[0]?.resource, undefined);
  const texts = (await walk('/Basic/_history')).map(({ resource }) => resource?.code?.text);
  assert.deepEqual(texts, [undefined, 'a2', 'b1', 'a1']);
  assert.equal((await send('GET', `/List/${list}/_history`)).json.entry.length, 1);
});

test('_since: written at or after; _at: current at some moment of the period', async () => {
  const { id } = (await written('POST', '/Basic', basic('v1'))).json;
  const first = house.clock.at;
  house.clock.at += 60_000;
  await written('PUT', `/Basic/${id}`, { ...basic('v2'), id });
  const second = house.clock.at;
  house.clock.at += 60_000;
  await written('PUT', `/Basic/${id}`, { ...basic('v3'), id });
  const iso = (at: number): string => encodeURIComponent(new Date(at).toISOString());
  const texts = async (query: string): Promise<unknown[]> =>
    (await walk(`/Basic/${id}/_history?${query}`)).map(({ resource }) => resource?.code?.text);
  assert.deepEqual(await texts(`_since=${iso(second)}`), ['v3', 'v2']);
  assert.deepEqual(await texts(`_since=${iso(second + 1)}`), ['v3']);
  assert.deepEqual(await texts(`_at=${iso(first + 30_000)}`), ['v1']);
  assert.deepEqual(await texts(`_at=${iso(second + 1)}`), ['v2']);
  assert.deepEqual(await texts(`_at=${iso(first - 500)}`), []);
  const year = String(new Date(first).getUTCFullYear());
  assert.deepEqual(await texts(`_at=${year}`), ['v3', 'v2', 'v1']);
  const type = await walk(`/Basic/_history?_since=${iso(second)}&_count=1`);
  assert.deepEqual(
    type.map(({ resource }) => resource?.code?.text),
    ['v3', 'v2'],
  );
  assert.equal((await send('GET', `/Basic/${id}/_history?_since=yesterday`)).status, 400);
  assert.equal((await send('GET', `/Basic/${id}/_history?_sort=x`)).status, 400);
  assert.equal((await send('GET', `/Basic/${crypto.randomUUID()}/_history`)).status, 404);
  assert.equal((await send('GET', `/Basic/${id}/_history?_page=AAAA`)).status, 400);
});

test('a page link shows the same versions while others write, and opens for its own history only', async () => {
  const { id } = (await written('POST', '/Basic', basic('1'))).json;
  for (const text of ['2', '3', '4']) await written('PUT', `/Basic/${id}`, { ...basic(text), id });
  const page = (await send('GET', `/Basic/${id}/_history?_count=2`)).json as Bundle;
  const next = page.link.find(({ relation }) => relation === 'next')?.url.replace('https://test', house.url) ?? '';
  await written('PUT', `/Basic/${id}`, { ...basic('5'), id });
  const texts = ((await send('GET', next)).json as Bundle).entry?.map(({ resource }) => resource?.code?.text);
  assert.deepEqual(texts, ['2', '1']);
  const other = (await written('POST', '/Basic', basic('x'))).json.id;
  assert.equal((await send('GET', next.replace(id, other))).status, 400);
});

test('delete history: by permission, the earlier versions, or one of them', async () => {
  const { id } = (await written('POST', '/Patient', { resourceType: 'Patient', name: [{ family: 'Before' }] })).json;
  for (const family of ['Between', 'Now'])
    await written('PUT', `/Patient/${id}`, { resourceType: 'Patient', id, name: [{ family }] });
  assert.equal((await send('DELETE', `/Patient/${id}/_history`)).status, 403);
  const as = { permissions: ['history-delete'] };
  assert.equal((await send('DELETE', `/Patient/${id}/_history/3`, { as })).status, 409);
  assert.equal((await send('DELETE', `/Patient/${id}/_history/1`, { as })).status, 204);
  assert.equal((await send('GET', `/Patient/${id}/_history/1`)).status, 404);
  assert.equal((await send('GET', `/Patient/${id}/_history/2`)).status, 200);
  assert.equal((await send('DELETE', `/Patient/${id}/_history`, { as })).status, 204);
  assert.equal((await send('GET', `/Patient/${id}/_history/2`)).status, 404);
  assert.equal((await send('GET', `/Patient/${id}`)).json.name[0].family, 'Now');
  const [left] = await house.store.sql('identity', 'select count(*)::int as n from records.part');
  assert.equal(left?.n, 1, 'the identity segment has one part left');
  assert.equal((await send('DELETE', `/Patient/${crypto.randomUUID()}/_history`, { as })).status, 404);
});
