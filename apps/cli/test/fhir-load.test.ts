import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@safeguard/kernel';
import type { Session } from '../fhir/authorize.ts';
import { openEndpoint } from '../fhir/endpoint.ts';
import { definitionsOf, loadPackage } from '../fhir/load-package.ts';
import { packageBytes } from '../fhir/package-source.ts';

interface Heard {
  readonly method: string;
  readonly url: string;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}
interface Told {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A server of this process that answers as `answer` says. */
async function serve(t: TestContext, answer: (heard: Heard) => Told): Promise<{ base: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const one = {
      method: request.method ?? '',
      url: request.url ?? '',
      text: Buffer.concat(parts).toString('utf8'),
      headers: request.headers,
    };
    heard.push(one);
    const { status, headers = {}, body } = answer(one);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

const sessionTo = (t: TestContext, base: string): Session => {
  const endpoint = openEndpoint(base, { sockets: 4 });
  t.after(() => endpoint.close());
  return { endpoint, ca: null, authorization: async () => 'Bearer t', close: async () => endpoint.close() };
};

const definition = (resourceType: string, url: string, more: JsonObject = {}): JsonObject => ({
  resourceType,
  id: 'not-a-uuid',
  meta: { versionId: '9' },
  url,
  version: '6.1.0',
  ...more,
});
const outcome = JSON.stringify({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'business-rule', diagnostics: 'another parameter has this code' }],
});

test('each definition is a conditional update by url and version, what others name first', async (t) => {
  const { base, heard } = await serve(t, () => ({ status: 201 }));
  const definitions = definitionsOf([
    definition('SearchParameter', 'http://e/sp?a=b&c'),
    definition('Patient', 'http://e/p'),
    definition('StructureDefinition', 'http://e/sd'),
    definition('ValueSet', 'http://e/vs'),
    definition('CodeSystem', 'http://e/cs'),
  ]);
  const loaded = await loadPackage(sessionTo(t, base), definitions, { concurrency: 3, onProgress() {} });
  assert.deepEqual(
    heard.map(({ method, url }) => `${method} ${decodeURIComponent(url)}`),
    [
      'PUT /CodeSystem?url=http://e/cs&version=6.1.0',
      'PUT /ValueSet?url=http://e/vs&version=6.1.0',
      'PUT /StructureDefinition?url=http://e/sd&version=6.1.0',
      'PUT /SearchParameter?url=http://e/sp?a=b&c&version=6.1.0',
    ],
  );
  assert.ok(heard[3]?.url.includes('url=http%3A%2F%2Fe%2Fsp%3Fa%3Db%26c&'));
  for (const { text, headers } of heard) {
    assert.doesNotMatch(text, /not-a-uuid|versionId/);
    assert.equal(headers.authorization, 'Bearer t');
  }
  assert.deepEqual([loaded.created, loaded.updated, loaded.refused], [4, 0, 0]);
});

test('created, updated and refused are counted by type, with the server’s reason', async (t) => {
  const { base } = await serve(t, ({ url }) => {
    if (url.includes('bad')) return { status: 422, body: outcome };
    return { status: url.includes('old') ? 200 : 201 };
  });
  let calls = 0;
  const loaded = await loadPackage(
    sessionTo(t, base),
    [
      definition('ValueSet', 'http://e/new'),
      definition('ValueSet', 'http://e/old'),
      definition('SearchParameter', 'http://e/bad'),
      { resourceType: 'SearchParameter' },
    ],
    {
      concurrency: 2,
      onProgress: () => {
        calls += 1;
      },
    },
  );
  assert.equal(calls, 4);
  assert.deepEqual(loaded.types, {
    ValueSet: { created: 1, updated: 1, refused: 0 },
    SearchParameter: { created: 0, updated: 0, refused: 2 },
  });
  assert.deepEqual(loaded.refusals.map(({ url, status, text }) => [url, status, text]).sort(), [
    ['', undefined, 'it has no url'],
    ['http://e/bad', 422, 'another parameter has this code'],
  ]);
});

test('a package comes from a file, by name and version, or by name in its latest version', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-package-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'a.tgz');
  await writeFile(path, 'file');
  const { base } = await serve(t, ({ url }) => {
    if (url === '/my.guide') return { status: 200, body: '{"dist-tags":{"latest":"2.0.0"}}' };
    if (url === '/my.guide/2.0.0') return { status: 302, headers: { location: '/elsewhere' } };
    if (url === '/elsewhere') return { status: 200, body: 'two' };
    if (url === '/my.guide/1.0.0') return { status: 200, body: 'one' };
    if (url === '/loop/1') return { status: 302, headers: { location: '/loop/1' } };
    return { status: url === '/broken/1' ? 500 : 404 };
  });
  const read = async (asked: string): Promise<string> => (await packageBytes(asked, base)).toString();
  assert.equal(await read(path), 'file');
  assert.equal(await read('my.guide@1.0.0'), 'one');
  assert.equal(await read('my.guide'), 'two');
  await assert.rejects(read('your.guide'), { kind: 'missing' });
  await assert.rejects(read('my.guide@3.0.0'), { kind: 'missing' });
  await assert.rejects(read('broken@1'), { kind: 'unavailable' });
  await assert.rejects(read('loop@1'), { kind: 'unavailable' });
  await assert.rejects(read(join(folder, 'absent.tgz')), { kind: 'missing', message: /absent\.tgz cannot be read/ });
  await assert.rejects(read('Not A Name'), { kind: 'invalid' });
  await assert.rejects(packageBytes('my.guide', 'http://127.0.0.1:9'), { kind: 'unavailable' });
});
