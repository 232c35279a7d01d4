import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { validate } from '@safeguard/fhir';
import { createHttp, type Http, type HttpDeps, patientsOf, type RequestEvent, type Route } from '@safeguard/http';
import { type JsonObject, newId } from '@safeguard/kernel';
import { officer } from './callers.ts';
import { eventOf, openHouse } from './house.ts';

const house = await openHouse();
const recorded: RequestEvent[] = [];

/** What stands behind `/fhir/R4/:type`, as records has it. */
const stored = (method: Route['method'], path: string): Route => ({
  method,
  path: `/fhir/R4${path}`,
  action: 'create',
  auth: 'none',
  errors: 'fhir',
  handle: () => ({ status: 200, body: '{"stored":true}' }),
});
const others = [
  ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => stored(method, '/:type')),
  ...(['GET', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => stored(method, '/:type/:id')),
  stored('GET', '/:type/_history'),
  stored('POST', '/:type/_search'),
  stored('GET', '/:type/:id/_history'),
];

const settings: HttpDeps['settings'] = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 10_000, header_bytes: 16_384, url_bytes: 8_192, connections: 50, inflight_bytes: 1 << 20 },
  deadlines: {
    ...{ request_ms: 10_000, ledger_ms: 5_000, headers_ms: 5_000 },
    ...{ idle_ms: 5_000, keep_alive_ms: 5_000, stop_ms: 1_000 },
  },
};
const silent = () => undefined;

let http: Http;
let url: string;
before(async () => {
  http = createHttp({
    routes: [...others, ...house.audit().routes()],
    ports: {
      authenticate: () => officer(),
      signedIn: () => officer(),
      record: async (event) => void recorded.push(event),
    },
    settings,
    tls: 'off',
    log: { request: silent, info: silent, warn: silent, error: silent, flush: silent } as never,
    health: { ready: async () => undefined },
  });
  ({ url } = await http.listen());
});
after(() => http.close());

const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(`${url}/fhir/R4/AuditEvent${path}`, {
    method,
    headers: { authorization: 'Bearer x', ...headers },
    ...(body === undefined ? {} : { body }),
  });

test('nobody writes: every other method is 405 with Allow, as an OperationOutcome', async () => {
  const id = newId();
  for (const [method, path, allow] of [
    ['POST', '', 'GET, HEAD'],
    ['PUT', '?date=2026', 'GET, HEAD'],
    ['PATCH', '', 'GET, HEAD'],
    ['DELETE', '?date=lt2020', 'GET, HEAD'],
    ['PUT', `/${id}`, 'GET, HEAD'],
    ['PATCH', `/${id}`, 'GET, HEAD'],
    ['DELETE', `/${id}`, 'GET, HEAD'],
    ['POST', '/$validate', 'GET, HEAD'],
  ] as const) {
    const answer = await send(method, path, { 'content-type': 'application/fhir+json' }, '{}');
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.equal(answer.headers.get('allow'), allow);
    const body = (await answer.json()) as JsonObject;
    assert.deepEqual(validate(body, { type: 'OperationOutcome' }), []);
  }
  for (const path of ['/_history', '/$meta']) assert.equal((await send('GET', path)).status, 405, path);
  // Control: the routes behind would have taken it.
  const other = await fetch(`${url}/fhir/R4/Patient`, { method: 'POST', headers: { authorization: 'Bearer x' } });
  assert.equal(other.status, 200);
});

test('search with GET and POST, read, XML; each question is an entry that names whom it was about', async () => {
  const patient = newId();
  await house.append(eventOf({ patients: [patient], targets: [{ type: 'Observation', id: newId() }] }));
  const found = (await (await send('GET', `?patient=${patient}`)).json()) as { entry: { resource: JsonObject }[] };
  assert.deepEqual(validate(found, { type: 'Bundle' }), []);
  assert.equal(found.entry.length, 1);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const posted = await (await send('POST', '/_search', form, `patient=${patient}`)).json();
  assert.deepEqual(posted, found);
  const id = found.entry[0]?.resource['id'];
  const xml = await send('GET', `/${id}`, { accept: 'application/fhir+xml' });
  assert.match(xml.headers.get('content-type') ?? '', /fhir\+xml/);
  assert.match(await xml.text(), /<AuditEvent xmlns/);
  const last = recorded.slice(-3);
  assert.deepEqual(
    last.map(({ action }) => action),
    ['audit-search', 'audit-search', 'audit-read'],
  );
  assert.deepEqual(last.map(patientsOf), [[patient], [patient], [patient]]);
  assert.equal(last[0]?.asked, 'AuditEvent?patient');
});
