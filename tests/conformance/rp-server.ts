import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { localAuthority } from '@safeguard/http';
import { systemClock } from '@safeguard/kernel';
import { removeData, temporaryData } from '../harness/instance.ts';

/** What an app serves to us: its keys, its back-channel log-out address. */
export interface RpServer {
  /** `localhost:port`. */
  readonly host: string;
  readonly url: string;
  /** The authority of its certificate. */
  readonly caFile: string;
  /** Bodies that were posted to it, in order. */
  readonly posted: string[];
  /** How often its keys were fetched. */
  readonly fetched: () => number;
  /** What a path (`/jwks…`) answers from now on. */
  serveKeys(path: string, keys: readonly object[]): void;
  close(): Promise<void>;
}

export async function openRpServer(): Promise<RpServer> {
  const directory = await temporaryData();
  const authority = await localAuthority({
    directory: join(directory, 'tls'),
    hosts: ['localhost'],
    clock: systemClock,
  });
  const { key, cert } = authority.current();
  const posted: string[] = [];
  const served = new Map<string, readonly object[]>();
  let fetched = 0;
  const server = createServer({ key, cert }, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    if (request.method === 'POST') posted.push(Buffer.concat(parts).toString('utf8'));
    else fetched += 1;
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(request.method === 'POST' ? '' : JSON.stringify({ keys: served.get(request.url ?? '') ?? [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  // It must be readable before the instance starts.
  await readFile(authority.caFile);
  return {
    ...{ host: `localhost:${port}`, url: `https://localhost:${port}`, caFile: authority.caFile, posted },
    fetched: () => fetched,
    serveKeys: (path, keys) => void served.set(path, keys),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await removeData(directory);
    },
  };
}
