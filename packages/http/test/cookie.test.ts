import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fault } from '@safeguard/kernel';
import type { Principal, Route } from '../index.ts';
import { ask, client, type Served, serve } from './serve.ts';

const person: Principal = { ...client, kind: 'user', id: 'account-7', session: 'session-7' };
const form = { accepts: ['application/x-www-form-urlencoded'] } as const;
const done: Pick<Route, 'handle'> = { handle: () => ({ status: 200, type: 'text/html', body: 'done' }) };

const routes: Route[] = [
  { method: 'GET', path: '/account', action: 'self-read', auth: 'session', errors: 'page', ...done },
  { method: 'POST', path: '/account', action: 'self-change', auth: 'session', errors: 'page', ...form, ...done },
  { method: 'POST', path: '/open', action: 'sign-in', auth: 'none', errors: 'page', ...form, ...done },
  { method: 'POST', path: '/acs', action: 'return', auth: 'none', errors: 'page', crossSite: true, ...form, ...done },
  { method: 'POST', path: '/api', action: 'account-create', auth: 'either', errors: 'problem', ...form, ...done },
  { method: 'POST', path: '/token', action: 'token', auth: 'none', errors: 'oauth', ...form, ...done },
  {
    method: 'GET',
    path: '/scim',
    action: 'scim-list',
    auth: 'none',
    errors: 'scim',
    handle: () => {
      throw fault('invalid', 'No.', { issues: [{ severity: 'error', code: 'invalidFilter', text: 'Not a filter.' }] });
    },
  },
  {
    method: 'POST',
    path: '/found',
    action: 'sign-in',
    auth: 'none',
    errors: 'page',
    ...form,
    handle: (context) => {
      const targets = [{ type: 'Account', id: person.id }];
      context.found?.({
        principal: { ...person, client: 'app-7' },
        outcome: 'deny',
        reason: 'wrong password',
        targets,
      });
      return { status: 422, body: 'no', type: 'text/html', cookies: ['a=1; Secure', 'b=2; Secure'], targets };
    },
  },
];

const own = (served: Served): Record<string, string> => ({ Origin: served.url });
const cookie = { Cookie: 'who=7' };

describe('requests that hang on a cookie', () => {
  let served: Served;
  before(async () => {
    served = await serve(routes, {
      ports: {
        signedIn: ({ cookie: shown }) => (shown === 'who=7' ? person : undefined),
        page: (told, { status, url }) =>
          url === '/account?away'
            ? { status: 303, headers: { Location: '/sign-in' } }
            : { status, type: 'text/html', body: `<p>${told.kind}</p>` },
      },
    });
  });
  after(() => served.http.close());
  const post = (path: string, headers: Record<string, string>) => submit(served.port, path, headers);
  const last = () => served.events.at(-1);

  test('a session is asked for where the route wants one, and the page says so', async () => {
    assert.equal((await ask(served.port, 'GET /account', cookie)).status, 200);
    assert.deepEqual([last()?.actor, last()?.tenant], [person.id, 7]);
    const refused = await ask(served.port, 'GET /account');
    assert.deepEqual([refused.status, refused.body], [401, '<p>unauthenticated</p>']);
    assert.equal(refused.headers['www-authenticate'], undefined);
  });

  test('who is sent to sign in was refused, whatever the status of the page', async () => {
    assert.equal((await ask(served.port, 'GET /account?away')).status, 303);
    assert.deepEqual([last()?.status, last()?.outcome, last()?.reason], [303, 'deny', 'unauthenticated']);
  });

  test('a change must come from our own origin, whatever the cookie says', async () => {
    for (const path of ['/account', '/open', '/api']) {
      assert.equal((await post(path, { ...cookie, ...own(served) })).status, 200, path);
      assert.equal((await post(path, { ...cookie, 'Sec-Fetch-Site': 'same-origin' })).status, 200, path);
      const foreign = [
        {},
        { Origin: 'https://evil.example' },
        { Origin: 'null' },
        { Origin: `${served.url}.evil.example` },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
        { 'Sec-Fetch-Site': 'none' },
        { ...own(served), 'Sec-Fetch-Site': 'cross-site' },
      ];
      for (const headers of foreign) {
        const { status } = await post(path, { ...cookie, ...headers });
        assert.equal(status, 403, `${path} ${JSON.stringify(headers)}`);
      }
    }
  });

  test('who shows a token needs no origin: no browser adds one by itself', async () => {
    assert.equal((await post('/api', { Authorization: 'Bearer good' })).status, 200);
    assert.equal((await post('/api', { ...cookie, Authorization: 'Bearer bad', ...own(served) })).status, 401);
  });

  test('what another site may send by design, and what no cookie opens, is taken from anywhere', async () => {
    assert.equal((await post('/acs', { Origin: 'https://idp.example', 'Sec-Fetch-Site': 'cross-site' })).status, 200);
    assert.equal((await post('/token', { Origin: 'https://app.example' })).status, 200);
  });

  test('the ledger hears what the handler found out', async () => {
    const reply = await post('/found', own(served));
    assert.equal(reply.status, 422);
    assert.deepEqual(reply.cookies, ['a=1; Secure', 'b=2; Secure']);
    const { actor, tenant, outcome, reason, targets } = last() ?? {};
    assert.deepEqual([actor, tenant, outcome, reason], [person.id, 7, 'deny', 'wrong password']);
    assert.deepEqual(targets, [
      { type: 'Account', id: person.id },
      { type: 'Client', id: 'app-7' },
    ]);
  });

  test('a SCIM error says its type', async () => {
    const reply = await ask(served.port, 'GET /scim');
    assert.match(reply.headers['content-type'] ?? '', /scim\+json/);
    const { schemas, status, scimType, detail } = JSON.parse(reply.body);
    assert.deepEqual(
      [schemas[0].split(':').at(-1), status, scimType, detail],
      ['Error', '400', 'invalidFilter', 'Not a filter.'],
    );
  });
});

interface Sent {
  readonly status: number;
  readonly cookies: readonly string[];
}

/** As a browser sends a form: no Authorization header. */
const submit = (port: number, path: string, headers: Readonly<Record<string, string>>): Promise<Sent> =>
  new Promise((resolve, reject) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const options = { port, host: '127.0.0.1', path, method: 'POST', headers: { ...type, ...headers }, agent: false };
    const sent = request(options, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, cookies: answer.headers['set-cookie'] ?? [] });
    });
    sent.on('error', reject).end('a=1');
  });
