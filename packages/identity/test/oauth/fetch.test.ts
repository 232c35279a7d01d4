import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { localAuthority } from '@safeguard/http';
import { systemClock } from '@safeguard/kernel';
import { isPublicAddress } from '../../oauth/addresses.ts';
import { createSafeFetch, type FetchSettings } from '../../oauth/fetch.ts';
import type { Resolve } from '../../oauth/types.ts';

let ca: string;
let port: number;
let seen: string[] = [];
let answer: RequestListener;
const servers: { close(): void }[] = [];

before(async () => {
  const directory = join(tmpdir(), `safeguard-fetch-${process.pid}`);
  const authority = await localAuthority({ directory, hosts: ['keys.example'], clock: systemClock });
  ca = await readFile(authority.caFile, 'utf8');
  const { key, cert } = authority.current();
  const server = createServer({ key, cert }, (request, response) => {
    seen.push(`${request.method} ${request.headers.host} ${request.url}`);
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
after(() => {
  for (const server of servers) server.close();
});

const json: RequestListener = (_request, response) =>
  void response.setHeader('content-type', 'application/json').end('{"keys":[]}');

const to =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const fetching = (settings: FetchSettings = {}) => createSafeFetch({ ca: [ca], ...settings });
const allowed = () => fetching({ resolve: to('127.0.0.1'), allow: [`keys.example:${port}`] });
const refused = { kind: 'invalid', message: 'An address of the client could not be fetched.' };

test('a host that is allowed is asked by its own name, at the address that was judged', async () => {
  [seen, answer] = [[], json];
  const got = await allowed()(`https://keys.example:${port}/jwks.json?x=1`);
  assert.deepEqual([got.status, await got.json()], [200, { keys: [] }]);
  assert.deepEqual(seen, [`GET keys.example:${port} /jwks.json?x=1`]);
});

const insides = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '168.63.129.16',
  '192.0.0.192',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001:0:4136:e378::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
];

test('what is not of the public Internet is not asked, as a name or as itself', async () => {
  [seen, answer] = [[], json];
  for (const address of insides) {
    assert.equal(isPublicAddress(address), false, address);
    await assert.rejects(fetching({ resolve: to(address) })(`https://keys.example:${port}/`), refused, address);
    // One good address among them does not help.
    await assert.rejects(
      fetching({ resolve: to('93.184.216.34', address) })(`https://keys.example/`),
      refused,
      address,
    );
    if (address.includes('%')) continue;
    const literal = address.includes(':') ? `[${address}]` : address;
    await assert.rejects(fetching()(`https://${literal}:${port}/`), refused, address);
  }
  for (const address of ['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:2800:220:1::1', '2a00:1450::1'])
    assert.equal(isPublicAddress(address), true, address);
  assert.deepEqual(seen, []);
});

test('negative control: with the rule taken out, the inside is reached', async () => {
  [seen, answer] = [[], json];
  for (const allow of [[`127.0.0.1:${port}`], [`localhost:${port}`]]) {
    await fetching({ allow, resolve: to('127.0.0.1') })(`https://${allow[0]}/`);
  }
  assert.equal(seen.length, 2);
});

test('other spellings of an inside address are what they are', async () => {
  [seen, answer] = [[], json];
  const hosts = [
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0',
    '127.0.0.1.',
    'localhost',
    'LOCALHOST',
    '[::]',
  ];
  for (const host of hosts) await assert.rejects(fetching()(`https://${host}:${port}/`), refused, host);
  assert.deepEqual(seen, []);
});

test('https alone, without a user, and only a URL', async () => {
  const urls = [
    `http://keys.example:${port}/`,
    `ftp://keys.example/`,
    'file:///etc/passwd',
    'data:application/json,{}',
    'gopher://keys.example/',
    `https://user:pass@keys.example:${port}/`,
    '//keys.example/',
    '/jwks.json',
    '',
  ];
  [seen, answer] = [[], json];
  for (const url of urls) await assert.rejects(allowed()(url), refused, url);
  assert.deepEqual(seen, []);
});

test('a name that answers otherwise the second time changes nothing: it is asked once', async () => {
  [seen, answer] = [[], json];
  let asked = 0;
  const rebinding: Resolve = async () => {
    asked += 1;
    return [{ address: asked === 1 ? '93.184.216.34' : '127.0.0.1', family: 4 }];
  };
  await assert.rejects(fetching({ resolve: rebinding, timeout_ms: 200 })(`https://keys.example:${port}/`), refused);
  assert.deepEqual([asked, seen], [1, []]);
});

test('a redirect is not followed', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    answer = (_request, response) =>
      void response.writeHead(status, { location: `https://keys.example:${port}/secret` }).end();
    seen = [];
    assert.equal((await allowed()(`https://keys.example:${port}/`)).status, status);
    assert.equal(seen.length, 1);
  }
});

test('too much, too slow, not JSON, not our certificate: refused', async () => {
  const url = `https://keys.example:${port}/`;
  const answers: RequestListener[] = [
    (_request, response) => void response.setHeader('content-type', 'application/json').end('x'.repeat(70_000)),
    (_request, response) => void response.setHeader('content-type', 'text/html').end('<p>'),
    (_request, response) => void response.end('{}'),
    (request) => void request.socket.destroy(),
    (_request, response) => void response.setHeader('x', 'y'.repeat(10_000)).end('{}'),
  ];
  for (const each of answers) {
    answer = each;
    await assert.rejects(allowed()(url), refused);
  }
  answer = () => undefined;
  await assert.rejects(
    fetching({ resolve: to('127.0.0.1'), allow: [`keys.example:${port}`], timeout_ms: 100 })(url),
    refused,
  );
  answer = json;
  const trusting = createSafeFetch({ resolve: to('127.0.0.1'), allow: [`keys.example:${port}`] });
  await assert.rejects(trusting(url), refused);
  const hanging = fetching({ resolve: () => new Promise(() => undefined), timeout_ms: 100 });
  await assert.rejects(hanging(url), refused);
});

test('the word of the other server on how long it may be kept is not heard', async () => {
  answer = (_request, response) =>
    void response
      .setHeader('content-type', 'application/jwk-set+json')
      .setHeader('cache-control', 'max-age=31536000')
      .end('{"keys":[]}');
  const got = await allowed()(`https://keys.example:${port}/`);
  assert.deepEqual([...got.headers.keys()], ['content-type']);
});
