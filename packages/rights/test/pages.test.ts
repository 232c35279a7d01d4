import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createHttp, type HttpDeps, type Principal, page, type RequestEvent, type Route } from '@safeguard/http';
import { fault, newId } from '@safeguard/kernel';
import { rightsPages } from '../pages/pages.ts';
import type { RightsPagesDeps } from '../pages/ports.ts';
import { day_ms, officer, patient, startHouse } from './house.ts';

const settings: HttpDeps['settings'] = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 65_536, header_bytes: 65_536, url_bytes: 16_384, connections: 200, inflight_bytes: 1 << 27 },
  deadlines: {
    request_ms: 30_000,
    ledger_ms: 10_000,
    headers_ms: 10_000,
    idle_ms: 10_000,
    keep_alive_ms: 5_000,
    stop_ms: 2_000,
  },
};

/** As `access` says: people for their own account; the workforce here is the privacy officer. */
const guard: RightsPagesDeps['guard'] = ({ id, account }, action, target) => {
  const may = action.startsWith('self-') ? target.id === id : account === 'workforce';
  if (!may) throw fault('forbidden', 'Access denied.');
};

const grace = patient();
const alan = patient();
const boss = officer();
const proxy: Principal = { ...patient(), account: 'proxy', within: [grace.within[0], alan.within[0]] };
const who: Readonly<Record<string, Principal>> = { grace, alan, boss, proxy };

let house: Awaited<ReturnType<typeof startHouse>>;
const events: RequestEvent[] = [];
const servers: { close(): Promise<void> }[] = [];

async function serve(altered: (route: Route) => Route = (route) => route) {
  const deps: RightsPagesDeps = {
    ...{ rights: house.rights, guard, clock: house.clock },
    frame: {
      page: async (_context, { here: _here, around, ...parts }) =>
        page({ ...parts, brand: { name: 'Harbor Clinic' }, ...(around === undefined ? {} : { nav: around }) }),
      stepUp: () => Promise.reject(fault('internal', 'Nothing here is dangerous.')),
    },
    names: async () => new Map([[grace.within[0], 'Grace Hopper']]),
  };
  const quiet = (): void => undefined;
  const http = createHttp({
    routes: rightsPages(deps).map(altered),
    ports: {
      authenticate: () => {
        throw fault('unauthenticated', 'No tokens here.');
      },
      signedIn: ({ cookie = '' }) => who[cookie.slice(2)],
      record: async (event) => void events.push(event),
    },
    settings,
    tls: 'off',
    log: { info: quiet, warn: quiet, error: quiet, request: quiet } as never,
    health: { ready: async () => undefined },
  });
  servers.push(http);
  return (await http.listen()).url;
}

let url = '';
before(async () => {
  house = await startHouse();
  url = await serve();
});
after(async () => {
  for (const http of servers) await http.close();
  await house?.close();
});

const asker =
  (base: () => string, origin: () => string) =>
  async (as: string, method: string, path: string, fields: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`${base()}${path}`, {
      method,
      redirect: 'manual',
      headers: { cookie: `s=${as}`, origin: origin() },
      ...(method === 'POST' ? { body: new URLSearchParams(fields) } : {}),
    });
    return {
      status: answer.status,
      to: answer.headers.get('location') ?? '',
      headers: answer.headers,
      text: await answer.text(),
    };
  };
const ask = asker(
  () => url,
  () => url,
);
const record = '/account/record';
const why = 'It was <img src=x onerror=alert(1)> never so.';

/** The newest of somebody's requests. */
const newest = async (as: Principal): Promise<string> =>
  (await house.rights.list(1, { account: as.id, count: 1 }))[0]?.id ?? '';

test('a copy: asked for, ready, fetched by a form; a second clock is not started', async () => {
  assert.equal((await ask('grace', 'POST', `${record}/copies`)).to, `${record}/copies?done=asked`);
  assert.match((await ask('grace', 'POST', `${record}/copies`)).text, /that request is open/);
  const id = await newest(grace);
  assert.equal((await ask('grace', 'GET', `${record}/copies/${id}/fetch`)).status, 405, 'looking fetches nothing');
  const copy = await ask('grace', 'POST', `${record}/copies/${id}/fetch`);
  assert.equal(copy.text, '{"resourceType":"Patient"}\n');
  assert.match(copy.headers.get('content-disposition') ?? '', /^attachment/);
  assert.deepEqual(events.at(-1)?.targets.at(-1), { type: 'Patient', id: grace.within[0] });
  assert.match((await ask('grace', 'GET', `${record}/requests/${id}`)).text, /Handed over[\s\S]*Copies fetched/);
});

test('a correction: denied with its basis, disagreed with; words stand as text', async () => {
  const bad = await ask('grace', 'POST', `${record}/corrections`, { what: 'entry', about: 'my leg', text: 'short' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /Name the entry by its kind and id/);
  assert.match(bad.text, /Write 10 to 4,000 characters/);
  assert.match(bad.text, /value="my leg"/);
  await ask('grace', 'POST', `${record}/corrections`, { what: 'person', text: why });
  const id = await newest(grace);
  const shown = await ask('boss', 'GET', `/rights/${id}`);
  assert.ok(
    shown.text.includes('It was &lt;img src=x onerror=alert(1)&gt; never so.') && !shown.text.includes('<img src=x'),
  );
  assert.ok(shown.text.includes(`Patient/${grace.within[0]}`));
  const bare = await ask('boss', 'POST', `/rights/${id}/answer`, { verdict: 'denied', text: 'We looked it up.' });
  assert.equal(bare.status, 422);
  assert.match(bare.text, /A denial names its reason/);
  const denied = { verdict: 'denied', text: 'We looked it up.', basis: 'accurate and complete' };
  assert.equal((await ask('boss', 'POST', `/rights/${id}/answer`, denied)).to, `/rights/${id}?done=answered`);
  assert.equal((await ask('boss', 'POST', `/rights/${id}/answer`, denied)).status, 409, 'one answer');
  const own = await ask('grace', 'GET', `${record}/requests/${id}`);
  assert.match(own.text, /It is accurate and complete[\s\S]*Your statement/);
  await ask('grace', 'POST', `${record}/corrections/${id}/disagree`, { text: 'It is still never so.' });
  assert.match((await ask('boss', 'GET', `/rights/${id}`)).text, /It is still never so\./);
  assert.ok(!JSON.stringify(events).includes('never so'), 'the log knows nothing of it');
});

test('an objection: of an entry of the log; taken back', async () => {
  const about = newId();
  const at = `${record}/objections/new?about=${about}`;
  const form = await ask('grace', 'GET', at);
  assert.ok(form.text.includes(`value="${about}"`) && form.text.includes(`value="${grace.within[0]}"`));
  assert.equal((await ask('grace', 'GET', `${record}/objections/new?about=everything`)).status, 404);
  const made = await ask('grace', 'POST', `${record}/objections`, { about, text: why });
  assert.equal(made.to, `${record}/objections?done=asked`);
  const id = await newest(grace);
  await ask('grace', 'POST', `${record}/requests/${id}/withdraw`);
  assert.match((await ask('grace', 'GET', `${record}/requests/${id}`)).text, /Taken back/);
});

test('the desk: days left, what is overdue, more time once, what came on paper', async () => {
  await ask('alan', 'POST', `${record}/corrections`, { what: 'person', text: why });
  const id = await newest(alan);
  assert.match((await ask('boss', 'GET', '/rights')).text, /60 days left/);
  const more = { reason: 'The archive has to be searched.' };
  assert.equal((await ask('boss', 'POST', `/rights/${id}/extend`, { reason: '' })).status, 422);
  assert.equal((await ask('boss', 'POST', `/rights/${id}/extend`, more)).to, `/rights/${id}?done=extended`);
  assert.equal((await ask('boss', 'POST', `/rights/${id}/extend`, more)).status, 409);
  assert.match((await ask('alan', 'GET', `${record}/requests/${id}`)).text, /90 days left[\s\S]*The archive/);
  const paper = { kind: 'export', patient: newId(), received_at: '2026-10-01', about: '', text: '' };
  for (const [wrong, told] of [
    [{ patient: 'Grace' }, /Give the id of one patient/],
    [{ received_at: '2027-01-01' }, /today or before/],
    [{ received_at: 'last week' }, /today or before/],
  ] as const) {
    const refused = await ask('boss', 'POST', '/rights', { ...paper, ...wrong });
    assert.deepEqual([refused.status, told.test(refused.text)], [422, true], refused.text);
  }
  const written = await ask('boss', 'POST', '/rights', paper);
  assert.match(written.to, /^\/rights\/[0-9a-f-]{36}\?done=written$/);
  assert.match((await ask('boss', 'GET', written.to)).text, /Overdue by[\s\S]*somebody else answers it/);
  assert.match((await ask('boss', 'GET', '/rights?show=overdue')).text, /1 of them is overdue/);
  house.time.now += day_ms;
});

test('who stands for several says for whom; others’ requests, and others’ patients, are not there', async () => {
  assert.match((await ask('proxy', 'GET', `${record}/copies`)).text, /<option value="[^"]*">Grace Hopper/);
  assert.equal((await ask('proxy', 'POST', `${record}/copies`)).status, 404, 'none is taken for granted');
  const strange = [newId(), await newest(alan)];
  for (const id of strange) {
    for (const path of [`requests/${id}`]) assert.equal((await ask('grace', 'GET', `${record}/${path}`)).status, 404);
    for (const path of [`requests/${id}/withdraw`, `copies/${id}/fetch`, `corrections/${id}/disagree`]) {
      assert.equal((await ask('grace', 'POST', `${record}/${path}`, { text: why })).status, 404, path);
    }
  }
  const taken = { patient: alan.within[0], about: newId(), text: why };
  for (const path of ['copies', 'corrections', 'objections']) {
    assert.equal((await ask('grace', 'POST', `${record}/${path}`, taken)).status, 404, path);
  }
});

test('who may not is refused at every page; forms of other sites do nothing', async () => {
  const careless = await serve((route) => ({ ...route, crossSite: true }));
  const evil = asker(
    () => url,
    () => 'https://evil.example',
  );
  const routes = rightsPages({} as never);
  for (const { method, path } of routes) {
    const at = path.replaceAll(/:\w+/g, () => newId());
    assert.equal((await ask('nobody', method, at)).status, 401, at);
    if (path.startsWith('/rights')) assert.equal((await ask('grace', method, at)).status, 403, at);
    if (method !== 'POST') continue;
    assert.equal((await evil('boss', method, at)).status, 403, at);
    const through = await asker(
      () => careless,
      () => 'https://evil.example',
    )('boss', method, at);
    assert.notEqual(through.status, 403, `negative control: ${at}`);
  }
});
