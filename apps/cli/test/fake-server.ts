import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Sent {
  readonly type: string;
  readonly entry: readonly { fullUrl?: string; resource: { resourceType: string }; request: Record<string, string> }[];
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

export interface Told {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface FakeServer {
  readonly base: string;
  /** Every bundle that came, in order. */
  readonly sent: Sent[];
  /** Bundles that were under way at once, at most. */
  readonly most: () => number;
  close(): Promise<void>;
}

const created = ({ entry }: Sent): Told => ({
  status: 200,
  body: {
    resourceType: 'Bundle',
    type: 'transaction-response',
    entry: entry.map(({ resource }, at) => ({
      response: { status: '201 Created', location: `${resource.resourceType}/id-${at}/_history/1` },
    })),
  },
});

/** A FHIR server in this process that stores nothing; `answer` may decide what it says to a bundle. */
export async function fakeServer(answer?: (sent: Sent, count: number) => Told | undefined): Promise<FakeServer> {
  const sent: Sent[] = [];
  let [now, most] = [0, 0];
  const server = createServer(async (request, response) => {
    now += 1;
    most = Math.max(most, now);
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const text = Buffer.concat(parts).toString('utf8');
    const bundle = { ...JSON.parse(text || '{}'), text, headers: request.headers } as Sent;
    sent.push(bundle);
    const told = answer?.(bundle, sent.length) ?? created(bundle);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now -= 1;
    response.writeHead(told.status, { 'content-type': 'application/fhir+json', ...told.headers });
    response.end(JSON.stringify(told.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}/fhir/R4`,
    sent,
    most: () => most,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
