import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openInside } from '../harness/inside.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { type Heard, type Say, say } from '../harness/wire.ts';

let safeguard: Instance;
let token = '';
/** The answers that carry a request's id, by id. */
const answered = new Map<string, string>();

/** Short times, so that a test of slowness is none. */
const env = {
  SAFEGUARD_DEADLINES_REQUEST_MS: '4000',
  SAFEGUARD_DEADLINES_IDLE_MS: '1500',
  SAFEGUARD_DEADLINES_HEADERS_MS: '2000',
};

before(async () => {
  safeguard = await start({ tls: 'off', env });
  token = await safeguard.token();
});

after(async () => {
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

async function tell(what: string, said: Say): Promise<Heard> {
  const heard = await say(safeguard.url, said);
  assert.ok(!heard.statuses.some((status) => status >= 500), `${what}: ${heard.text.slice(0, 400)}`);
  assert.ok(
    heard.closed || heard.statuses.length > 0,
    `${what}: neither an answer nor an end after ${heard.took_ms} ms`,
  );
  for (const [, id = ''] of heard.text.matchAll(/x-request-id: ([0-9a-f-]{36})/gi)) answered.set(id, what);
  return heard;
}

const head = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${token}`, ...headers, '', ''].join('\r\n');
const json = 'Content-Type: application/fhir+json';
const create = (...headers: string[]): string => head('POST /fhir/R4/Patient', json, ...headers);
const patient = '{"resourceType":"Patient"}';
const length = (text: string | Buffer): string => `Content-Length: ${Buffer.byteLength(text)}`;

const count = async (): Promise<number> =>
  (await safeguard.request({ path: '/fhir/R4/Patient?_summary=count', token })).json.total;

test('framing that is not sound is refused, and nothing of it is done', async () => {
  const before = await count();
  const smuggled = `GET /fhir/R4/Patient HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const chunked = `1a\r\n${patient}\r\n0\r\n\r\n`;
  const cases: [string, (string | Buffer)[], number[]][] = [
    ['a body cut short', [create('Content-Length: 100'), patient], [0, 400]],
    // The first ten bytes are a request; what follows is none, and ends the connection.
    ['a body that is too long for its length', [create('Content-Length: 10'), patient], [0, 400]],
    ['two lengths', [create(length(patient), 'Content-Length: 5'), patient], [400]],
    ['a length with a plus', [create('Content-Length: +26'), patient], [400]],
    ['a negative length', [create('Content-Length: -1'), patient], [400]],
    ['a hexadecimal length', [create('Content-Length: 0x1a'), patient], [400]],
    ['a list of lengths', [create('Content-Length: 26, 26'), patient], [400]],
    ['both framings', [create(length(patient), 'Transfer-Encoding: chunked'), chunked], [400]],
    [
      'both framings, the other way',
      [create('Transfer-Encoding: chunked', 'Content-Length: 5'), chunked, smuggled],
      [400],
    ],
    ['chunked twice', [create('Transfer-Encoding: chunked, chunked'), chunked], [400]],
    ['chunked in disguise', [create('Transfer-Encoding: xchunked'), chunked], [0, 400]],
    ['identity', [create('Transfer-Encoding: identity'), chunked], [0, 400]],
    ['chunked behind a tab', [create('Transfer-Encoding:\tchunked', length(patient)), chunked], [400]],
    ['a blank before the colon', [create('Transfer-Encoding : chunked'), chunked], [400]],
    ['a bad chunk size', [create('Transfer-Encoding: chunked'), 'zz\r\n{}\r\n0\r\n\r\n'], [0, 400]],
    [
      'a chunk size that overflows',
      [create('Transfer-Encoding: chunked'), `${'f'.repeat(17)}\r\n{}\r\n0\r\n\r\n`],
      [0, 400],
    ],
    ['a chunk without its end', [create('Transfer-Encoding: chunked'), `1a\r\n${patient}xx0\r\n\r\n`], [0, 400]],
    ['bare line feeds', [create('Transfer-Encoding: chunked'), `1a\n${patient}\n0\n\n`], [0, 400]],
    ['a folded header', [head('GET /fhir/R4/Patient', 'X-A: b', ' c: d')], [400]],
    ['a bare carriage return', [head('GET /fhir/R4/Patient', 'X-A: b\rTransfer-Encoding: chunked')], [400]],
    ['a NUL in a header', [head('GET /fhir/R4/Patient', 'X-A: b\0c')], [400]],
    ['a header without a name', [head('GET /fhir/R4/Patient', ': x')], [400]],
    ['no version', ['GET /fhir/R4/Patient\r\n\r\n'], [0, 400, 401]],
    ['version 2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], [0, 400]],
    ['version 9', [head('GET /fhir/R4/Patient').replace('HTTP/1.1', 'HTTP/9.9')], [400]],
    ['a TLS hello', [Buffer.from('16030100a5010000a10303', 'hex')], [0, 400]],
    ['no host', [`GET /fhir/R4/Patient HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n\r\n`], [400]],
    ['two hosts', [head('GET /fhir/R4/Patient', 'Host: elsewhere')], [0, 200, 400]],
    ['a header too many', [head('GET /fhir/R4/Patient', `X-A: ${'a'.repeat(20_000)}`)], [431]],
    ['CONNECT', [head('CONNECT localhost:5432')], [0, 400, 405]],
    ['an upgrade', [head('GET /fhir/R4/Patient/x', 'Connection: Upgrade', 'Upgrade: h2c')], [404]],
    ['an expectation', [create('Expect: 200-maybe', length(patient)), patient], [201, 417]],
  ];
  const wrong: string[] = [];
  for (const [what, parts, statuses] of cases) {
    const heard = await tell(what, { parts, end: what === 'a body cut short', deadline_ms: 6000 });
    if (!statuses.includes(heard.status)) wrong.push(`${what}: ${heard.status} ${heard.text.slice(0, 300)}`);
    const finals = heard.statuses.filter((status) => status >= 200);
    const allowed = what.startsWith('a body that is too long') ? 2 : 1;
    assert.ok(finals.length <= allowed, `${what}: ${finals} answers`);
  }
  assert.deepEqual(wrong, []);
  assert.equal(
    (await count()) - before,
    cases.filter(([what]) => what === 'an expectation').length,
    'nothing was written',
  );
});

test('what is sound is served: chunks, pipelining, 100-continue, a body with a GET', async () => {
  const chunks = [...patient].map((letter) => `1\r\n${letter}\r\n`).join('');
  const piped = head('GET /fhir/R4/Patient/x') + head('GET /fhir/R4/Patient/y', 'Connection: close');
  const cases: [string, (string | Buffer)[], number[]][] = [
    ['chunked', [create('Transfer-Encoding: chunked'), `${chunks}0\r\n\r\n`], [201]],
    [
      'chunked with a trailer',
      [create('Transfer-Encoding: chunked'), `1a\r\n${patient}\r\n0\r\nX-A: b\r\n\r\n`],
      [201],
    ],
    ['continue', [create('Expect: 100-continue', length(patient)), patient], [100, 201]],
    ['pipelined', [piped], [404, 404]],
    ['a body with a GET', [head('GET /fhir/R4/Patient/x', length(patient)), patient], [404]],
  ];
  for (const [what, parts, statuses] of cases) {
    assert.deepEqual((await tell(what, { parts, between_ms: 20 })).statuses, statuses, what);
  }
});

test('bodies that are too large are refused early; those that come too slowly are cut off', async () => {
  const megabyte = 1_048_576;
  const big = head('POST /fhir/R4', json, `Content-Length: ${64 * megabyte + 1}`);
  assert.equal((await tell('64 MiB + 1 announced', { parts: [big] })).status, 413);
  const one = create(`Content-Length: ${megabyte + 1}`);
  assert.equal((await tell('1 MiB + 1 announced', { parts: [one, Buffer.alloc(megabyte + 1, 0x20)] })).status, 413);
  const piece = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x20), Buffer.from('\r\n')]);
  const chunked = { parts: [create('Transfer-Encoding: chunked'), ...Array.from({ length: 20 }, () => piece)] };
  assert.equal((await tell('more than 1 MiB in chunks', chunked)).status, 413);
  const bundle = head('POST /fhir/R4', json, 'Transfer-Encoding: chunked');
  const flood = { parts: [bundle, ...Array.from({ length: 1025 }, () => piece)], deadline_ms: 15_000 };
  assert.equal((await tell('more than 64 MiB in chunks', flood)).status, 413);
  const exact = Buffer.from(patient.padEnd(megabyte));
  assert.equal((await tell('1 MiB', { parts: [create(length(exact)), exact] })).status, 201);

  const slow = { parts: [create(length(patient)), ...patient], between_ms: 1000, deadline_ms: 9000 };
  const silent = { parts: [create(length(patient)), patient.slice(0, 9)], deadline_ms: 9000 };
  const headers = { parts: [...create(length(patient))].map(String), between_ms: 300, deadline_ms: 9000 };
  const [dripped, stopped, late] = await Promise.all([
    tell('a byte a second', slow),
    tell('a body that stops', silent),
    tell('headers letter by letter', headers),
  ]);
  for (const [heard, what] of [
    [dripped, 'body'],
    [stopped, 'silence'],
    [late, 'headers'],
  ] as const) {
    assert.equal(heard.status, 408, `${what}: ${heard.text.slice(0, 200)}`);
    assert.ok(heard.took_ms < 7000, `${what}: ${heard.took_ms} ms`);
  }
});

test('content types, codings and methods that are not served', async () => {
  const types = [
    '',
    'text/plain',
    'application/fhir+turtle',
    'application/json; charset=utf-16',
    'application/fhir+xml; charset=utf-16',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'application/fhir+json, text/plain',
  ];
  for (const type of types) {
    const request = head('POST /fhir/R4/Patient', ...(type === '' ? [] : [`Content-Type: ${type}`]), length(patient));
    assert.equal((await tell(`type ${type}`, { answers: 1, parts: [request, patient] })).status, 415, type);
  }
  for (const coding of ['gzip', 'br', 'x']) {
    assert.equal(
      (await tell(coding, { answers: 1, parts: [create(`Content-Encoding: ${coding}`, length(patient)), patient] }))
        .status,
      415,
    );
  }
  for (const accept of ['application/fhir+turtle', 'text/html']) {
    assert.equal(
      (await tell(accept, { answers: 1, parts: [head('GET /fhir/R4/Patient', `Accept: ${accept}`)] })).status,
      406,
    );
  }
  const patch = await tell('PATCH', { answers: 1, parts: [head('PATCH /fhir/R4/Patient')] });
  assert.ok([400, 415].includes(patch.status), `PATCH without a condition and a patch: ${patch.status}`);
  for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH', 'QUERY']) {
    const heard = await tell(method, { answers: 1, parts: [head(`${method} /fhir/R4/Patient`)] });
    assert.ok([400, 405].includes(heard.status), `${method}: ${heard.status}`);
  }
  for (const method of ['get', 'FOO', 'GET\t', '']) {
    assert.equal(
      (await tell(`method ${method}`, { answers: 1, parts: [head(`${method} /fhir/R4/Patient`)] })).status,
      400,
      method,
    );
  }
});

test('paths: traversal, NUL, overlong and broken encodings, absolute targets', async () => {
  const refused = [
    '/fhir/R4/../../etc/passwd',
    '/fhir/R4/%2e%2e/%2e%2e/etc/passwd',
    '/fhir/R4/..%2f..%2fetc%2fpasswd',
    '/fhir/R4/..%5c..%5cetc',
    '/fhir/R4/Patient/%00',
    '/fhir/R4/Patient%00/x',
    '/fhir/R4/Patient/%c0%ae%c0%ae',
    '/fhir/R4/Patient/%e0%80%af',
    '/fhir/R4/Patient/%ff%fe',
    '/fhir/R4/Patient/%zz',
    '/fhir/R4/Patient/%',
    '/fhir/R4/Patient/%u0041',
    '/fhir/R4//Patient//x',
    '//fhir/R4/Patient',
    '/fhir/R4/Patient/x/',
    '/fhir/R4/Patient;a=b/x',
    '/fhir/R4/Patient/x#y',
    '/fhir/r4/Patient/x',
    '/FHIR/R4/Patient/x',
    '/fhir/R4/__proto__/x',
    '/fhir/R4/constructor',
    '/metrics/../fhir/R4/Patient/x',
    '*',
    'http://elsewhere/fhir/R4/Patient/x',
    `/fhir/R4/Patient/${'a'.repeat(300)}`,
    `/fhir/R4/Patient?_id=${'a'.repeat(9000)}`,
    `/fhir/R4/Patient/${'%41'.repeat(100)}`,
    '/fhir/R4/Patient?_lastUpdated=%00',
    '/fhir/R4/Patient?_count=99999999999999999999',
    '/fhir/R4/Patient?_page=%00',
    '/oauth2/token',
  ];
  for (const path of refused) {
    const heard = await tell(path, { answers: 1, parts: [head(`GET ${path}`)] });
    assert.ok(heard.status >= 400, `${path}: ${heard.text.slice(0, 300)}`);
    assert.ok(!heard.text.includes('root:'), path);
  }
  for (const path of [
    '/fhir/R4/Patient?identifier=%00',
    '/fhir/R4/Patient?identifier=%c0%ae',
    '/fhir/R4/Patient?_id=%00',
  ]) {
    const heard = await tell(path, { answers: 1, parts: [head(`GET ${path}`)] });
    assert.ok([200, 400].includes(heard.status), `${path}: ${heard.status}`);
  }
});

test('nothing that a caller sends comes back in a header', async () => {
  const evil = 'evil%0d%0aSet-Cookie:%20a=b';
  const cases = [
    head(`GET /fhir/R4/Patient/${evil}`),
    head(`GET /fhir/R4/Patient/${evil}/_history?_count=${evil}`),
    head(`GET /fhir/R4/Patient?_page=${evil}`),
    head(
      `GET /fhir/R4/Patient?_count=1`,
      'X-Correlation-Id: evil',
      'X-Request-Id: evil',
      'Origin: https://evil.example',
    ),
    head('GET /fhir/R4/Patient?_count=1', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: evil'),
    head('GET /fhir/R4/Patient?_count=1').replace('Host: localhost', 'Host: evil.example'),
    head('GET http://evil.example/fhir/R4/Patient?_count=1'),
    head('GET /fhir/R4/.well-known/smart-configuration').replace('Host: localhost', 'Host: evil.example'),
  ];
  for (const request of cases) {
    const heard = await tell(request.split('\r\n')[0] ?? '', { answers: 1, parts: [request] });
    // The one document that every origin may read says so to all, not to whoever asks.
    const text = heard.text.replace(/^Access-Control-Allow-Origin: \*\r\n/im, '');
    assert.ok(!/evil|Set-Cookie|Access-Control/i.test(text), heard.text);
    for (const name of ['x-content-type-options: nosniff', 'cache-control: no-store']) {
      assert.ok(heard.text.toLowerCase().includes(name), name);
    }
  }
});

test('headers of any bytes', async () => {
  const names = [
    'If-Match',
    'If-None-Match',
    'If-None-Exist',
    'If-Modified-Since',
    'Prefer',
    'Accept',
    'Content-Type',
    'Cookie',
    'Range',
  ];
  const values = [
    '',
    '"',
    ',,,',
    'W/"',
    '*',
    `W/"${'9'.repeat(400)}"`,
    'identifier=',
    '=',
    '&&&',
    '%00%ff',
    '\u00ff\u00fe',
    'a'.repeat(4000),
    '__proto__',
    `${'a,'.repeat(3000)}`,
  ];
  for (const name of names) {
    for (const value of values) {
      const request = create(`${name}: ${value}`, length(patient), 'Connection: close');
      await tell(`${name}: ${value.slice(0, 40)}`, { answers: 1, parts: [Buffer.from(request, 'latin1'), patient] });
      const read = head('GET /fhir/R4/Patient?_count=1', `${name}: ${value}`, 'Connection: close');
      await tell(`${name}: ${value.slice(0, 40)}`, { answers: 1, parts: [Buffer.from(read, 'latin1')] });
    }
  }
});

test('each of these that reached the application has exactly one entry in the ledger', async () => {
  await new Promise((next) => setTimeout(next, 1000));
  const inside = await openInside(safeguard.data);
  try {
    const events = [...(await inside.events(0)), ...(await inside.events(1))];
    const seen = Map.groupBy(events, ({ id }) => id);
    assert.ok(answered.size > 200);
    for (const [id, what] of answered) assert.equal(seen.get(id)?.length, 1, `${what}: ${id}`);

    assert.ok(!JSON.stringify(events).includes(token), 'no token stands in the log');
  } finally {
    await inside.close();
  }
});
