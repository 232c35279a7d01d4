import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem, type RequestEvent, statusOf } from '@safeguard/http';
import { fault, isFault, newId } from '@safeguard/kernel';
import { accessActs } from './access-acts.ts';
import { type Act, adminActs, tenantOf } from './admin-acts.ts';
import { applicationActs } from './application-acts.ts';
import { clientActs } from './client-acts.ts';
import { operatorEvent } from './operator-event.ts';
import { programmeActs } from './programme/acts.ts';
import { reportActs } from './programme/report-acts.ts';
import { searchActs } from './search-acts.ts';
import type { House } from './server.ts';
import { userActs } from './user-acts.ts';

/** Where the running instance is, as its acts have to tell. */
export interface Place {
  readonly url: string;
  readonly ca: string | null;
}

const longest_socket_path = 100;
const max_body_bytes = 64 * 1024;

/**
 * The operator's door: HTTP on a Unix socket in the data directory, mode 0600 in a directory of mode 0700. Whoever may
 * open it owns the data directory anyway. Every act passes the guard as an `operator` and stands in the ledger before
 * its answer leaves.
 */
export async function startAdmin(house: House, place: Place): Promise<{ close(): Promise<void> }> {
  const run = join(house.settings.data, 'run');
  await mkdir(run, { recursive: true, mode: 0o700 });
  const path = await socketPath(run);
  await rm(path, { force: true });
  const acts = [
    ...adminActs(house, place),
    ...clientActs(house, place),
    ...applicationActs(house),
    ...userActs(house, place, house.identity.directory.hold),
    ...searchActs(house),
    ...accessActs(house),
    ...programmeActs(house.programme.api),
    ...reportActs({ ...house, tenantOf: (name) => tenantOf(house, name) }),
  ];
  const server = createServer((request, response) => void answer(house, acts, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(join(run, 'admin.path'), { force: true });
    },
  };
}

/** A Unix socket's path has at most 107 bytes: with a deep data directory it stands in a private temporary one. */
async function socketPath(run: string): Promise<string> {
  const near = join(run, 'admin.sock');
  if (Buffer.byteLength(near) <= longest_socket_path) return near;
  const far = join(await mkdtemp(join(tmpdir(), 'safeguard-')), 'admin.sock');
  await writeFile(join(run, 'admin.path'), far, { mode: 0o600 });
  return far;
}

async function answer(
  house: House,
  acts: readonly Act[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = newId();
  const at = Date.now();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://admin');
  const found = acts.flatMap((act) => {
    const match = request.method === act.method ? act.path.exec(pathname) : null;
    return match ? [{ act, params: match.groups ?? {} }] : [];
  })[0];
  const action = found?.act.action ?? 'none';
  const record = (event: Pick<RequestEvent, 'outcome' | 'status' | 'targets' | 'tenant'>): Promise<unknown> =>
    house.ledger.append(0, [operatorEvent({ id, at, actor: 'operator', action, ...event })]);
  try {
    if (found === undefined) throw fault('missing', 'No such operator action');
    house.access.guard({ ...operator }, action, { type: found.act.type });
    // An act that could not be recorded is not done.
    // To look into a log that was found bad must be possible all the same: it changes nothing.
    const looks = found.act.action === 'ledger-verify';
    if (!looks && !house.ledger.state().serving) throw fault('unavailable', 'The audit log does not take entries');
    const body = await readBody(request);
    const {
      result,
      tenant = 0,
      targets = [],
    } = await found.act.run({ params: found.params, query: searchParams, body });
    const recorded = record({ outcome: 'permit', status: 200, tenant, targets });
    await (looks ? recorded.catch(untold(house, id)) : recorded);
    send(response, 200, 'application/json', result);
  } catch (error) {
    const failure = isFault(error) ? error : fault('internal', 'The operator action failed', { cause: error });
    if (!isFault(error)) house.log.error('an operator action failed', { id, error });
    const status = statusOf(failure);
    const outcome = status === 403 ? 'deny' : 'fail';
    await record({ outcome, status, tenant: 0, targets: [] }).catch(untold(house, id));
    send(response, status, 'application/problem+json', problem(failure, id));
  }
}

/** Says so in the log of the server, where the ledger cannot. */
const untold =
  (house: House, id: string) =>
  (error: unknown): void =>
    house.log.error('an operator action could not be recorded', { id, error });

const operator = { tenant: 0, kind: 'operator', id: 'operator', scopes: [], view: 'full' } as const;

function send(response: ServerResponse, status: number, type: string, body: unknown): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > max_body_bytes) throw fault('tooLarge', 'The body of an operator action is too large');
    chunks.push(chunk);
  }
  if (length === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw fault('malformed', 'Expected a JSON object', { cause });
  }
  throw fault('malformed', 'Expected a JSON object');
}
