// The floor: what node:http and pg need for the one SELECT or INSERT that no store of resources can do without.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import type { FloorOptions } from './start.ts';
import { works } from './work.ts';

const read = { name: 'read', text: 'select body from item where key = $1' };
const readPage = { name: 'page', text: 'select body from item where page = (select page from item where key = $1)' };
const add = { name: 'add', text: 'insert into log (body) values ($1)' };

const filler = Buffer.alloc(400, 1);

/** One INSERT of many rows: one statement, one commit. */
function addMany(count: number): { name: string; text: string } {
  const rows = Array.from({ length: count }, (_, at) => `($${at + 1})`).join(',');
  return { name: `add${count}`, text: `insert into log (body) values ${rows}` };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body?: Buffer): void {
  const length = { 'content-length': body?.length ?? 0 };
  response.writeHead(status, body ? { 'content-type': 'application/fhir+json', ...length } : length).end(body);
}

async function answerPage(pool: pg.Pool, response: ServerResponse, key: string | undefined): Promise<void> {
  const { rows } = await pool.query<{ body: Buffer }>({ ...readPage, values: [key] });
  answer(response, rows.length > 0 ? 200 : 404, Buffer.concat(rows.map(({ body }) => body)));
}

async function serve(pool: pg.Pool, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '' } = request;
  if (method === 'GET') {
    const [, key, entry] = url.split('/');
    // `/KEY/page`: the rows of the key's page.
    if (entry === 'page') return answerPage(pool, response, key);
    const found = pool.query<{ body: Buffer }>({ ...read, values: [key] });
    // `/KEY/entry`: the read, and at the same time an entry that must be on disk before the answer.
    const recorded = entry === undefined ? undefined : pool.query({ ...add, values: [filler] });
    const [{ rows }] = await Promise.all([found, recorded]);
    return answer(response, rows[0] ? 200 : 404, rows[0]?.body);
  }
  const body = await bodyOf(request);
  const work = works.get(url);
  if (work !== undefined) {
    await work({ body, headers: request.headers });
    await pool.query({ ...add, values: [filler] });
    return answer(response, 201);
  }
  if (url === '/one') {
    await pool.query({ ...add, values: [body] });
    return answer(response, 201);
  }
  const { entry } = JSON.parse(body.toString('utf8')) as { entry: { resource: object }[] };
  const values = entry.map(({ resource }) => Buffer.from(JSON.stringify(resource)));
  await pool.query({ ...addMany(values.length), values });
  answer(response, 200);
}

process.once('message', (message) => {
  const { login, database, pool: max, tls } = message as FloorOptions;
  const pool = new pg.Pool({ ...login, database, max, idleTimeoutMillis: 0 });
  // A lost connection shows in the next answer, which is then an error that the generator counts.
  pool.on('error', (error) => process.stderr.write(`floor: ${error.message}\n`));
  const listener: RequestListener = (request, response) => {
    serve(pool, request, response).catch((error: unknown) => {
      process.stderr.write(`floor: ${String(error)}\n`);
      answer(response, 500);
    });
  };
  const server = tls
    ? createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, listener)
    : createServer(listener);
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
});
process.once('disconnect', () => process.exit(0));
