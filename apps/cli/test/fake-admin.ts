import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { run } from '../run.ts';
import { keeping } from './terminal.ts';

export interface Asked {
  readonly line: string;
  readonly body: Record<string, unknown>;
}

/** An admin socket that answers what `answers` says to `METHOD /path`, and refuses the rest. */
export async function fakeAdmin(t: TestContext, answers: (asked: Asked) => object | undefined) {
  const data = await mkdtemp(join(tmpdir(), 'safeguard-cli-'));
  await mkdir(join(data, 'run'));
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const one = { line: `${request.method} ${request.url}`, body: text === '' ? {} : JSON.parse(text) };
    asked.push(one);
    const found = answers(one);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? { title: 'Not Found', detail: 'No such user in this tenant', status: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(join(data, 'run', 'admin.sock'), resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    return rm(data, { recursive: true });
  });
  const safeguard = async (...args: string[]) => {
    const terminal = keeping();
    return { status: await run([...args, '--data', data], terminal), ...terminal.said };
  };
  return { safeguard, asked, data };
}
