import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest, Agent as PlainAgent } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const binOf = (root: string): string => join(root, 'apps', 'cli', 'bin', 'safeguard.js');
const bin = binOf(top);
/** The operator's command as a shell takes it. */
export const safeguardCommand = `'${process.execPath}' '${bin}'`;

/** A Safeguard of its own, run as its operator runs it: the real command, a real data directory, a real port. */
export interface Instance {
  readonly data: string;
  readonly url: string;
  readonly fhir: string;
  readonly pid: number;
  readonly ca: string | null;
  readonly process: ChildProcess;
  /** All that the process wrote to its standard output and error so far. */
  output(): string;
  /** `safeguard …` against this instance. */
  cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** A request with the instance's certificate authority trusted. */
  request(asked: Asked): Promise<Answer>;
  /** A bearer token of a fresh client. */
  token(scopes?: string, options?: { tenant?: string; view?: string; patient?: string; may?: string }): Promise<string>;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as FHIR JSON. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
  readonly json: any;
}

export interface Start {
  /** Kept when given; else a temporary one, removed at `remove`. */
  readonly data?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly tls?: 'on' | 'off';
  /** The top of the code that runs: default this one, else a copy of it (`deployed.ts`). */
  readonly code?: string;
}

export const temporaryData = (): Promise<string> => mkdtemp(join(tmpdir(), 'safeguard-test-'));
export const removeData = (data: string): Promise<void> => rm(data, { recursive: true, force: true });

export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: string[] = [];
    const err: string[] = [];
    child.stdout.on('data', (chunk) => out.push(String(chunk)));
    child.stderr.on('data', (chunk) => err.push(String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout: out.join(''), stderr: err.join('') }));
  });
}

/** Starts and waits for the ready file. */
/** Live checks are tested where they are asked for: elsewhere they would only be in the way. */
const unwatched = { SAFEGUARD_PROGRAMME_SCHEDULE: 'off' };

export async function start({ data, args = [], env = {}, tls = 'on', code = top }: Start = {}): Promise<Instance> {
  const directory = data ?? (await temporaryData());
  const ready = join(directory, 'ready.json');
  await rm(ready, { force: true });
  const child = spawn(
    process.execPath,
    [binOf(code), 'up', '--data', directory, '--port', '0', '--tls', tls, '--ready-file', ready, ...args],
    { env: { ...process.env, ...unwatched, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const written: string[] = [];
  child.stdout.on('data', (chunk) => written.push(String(chunk)));
  child.stderr.on('data', (chunk) => written.push(String(chunk)));
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const told = await waitFor(ready, child, () => written.join(''));
  return instanceOf({ data: directory, code }, told, child, () => written.join(''), closed);
}

interface Told {
  readonly url: string;
  readonly pid: number;
  readonly ca: string | null;
}

async function waitFor(file: string, child: ChildProcess, output: () => string): Promise<Told> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`safeguard up ended with ${ended}:\n${output()}`);
    const text = await readFile(file, 'utf8').catch((): string => '');
    if (text !== '') return JSON.parse(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`safeguard up was not ready within 60 s:\n${output()}`);
}

function instanceOf(
  { data, code }: { readonly data: string; readonly code: string },
  { url, pid, ca }: Told,
  child: ChildProcess,
  output: () => string,
  closed: Promise<number | null>,
): Instance {
  const send = client(url, ca);
  const cli: Instance['cli'] = (...args) => run(process.execPath, [binOf(code), ...args], { SAFEGUARD_DATA: data });
  return {
    data,
    url,
    fhir: `${url}/fhir/R4`,
    pid,
    ca,
    process: child,
    output,
    cli,
    stop: () => {
      child.kill('SIGTERM');
      return closed;
    },
    request: send,
    token: async (scopes = 'system/*.cruds', options = {}) => {
      const more = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
      const made = await cli('client', 'create', 'test client', '--scopes', scopes, '--json', ...more);
      if (made.code !== 0) throw new Error(`client create failed: ${made.stderr}`);
      return tokenOf(send, JSON.parse(made.stdout));
    },
  };
}

async function tokenOf(
  send: Instance['request'],
  { client_id, client_secret }: { client_id: string; client_secret: string },
): Promise<string> {
  const answer = await send({
    method: 'POST',
    path: '/oauth2/token',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
    },
    body: 'grant_type=client_credentials',
  });
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`);
  return answer.json.access_token;
}

function client(url: string, ca: string | null): Instance['request'] {
  const trusted = ca === null ? undefined : readFile(ca, 'utf8');
  const plain = new PlainAgent({ keepAlive: true, maxSockets: 64 });
  let agent: Agent | undefined;
  return async ({ method = 'GET', path, token, headers = {}, body }) => {
    if (trusted !== undefined) agent ??= new Agent({ keepAlive: true, maxSockets: 64, ca: await trusted });
    const bytes = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const options = {
      method,
      headers: {
        ...(bytes === undefined
          ? {}
          : { 'content-type': 'application/fhir+json', 'content-length': Buffer.byteLength(bytes) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    };
    return new Promise<Answer>((resolve, reject) => {
      const target = path.startsWith('http') ? path : `${url}${path}`;
      const asked = agent
        ? httpsRequest(target, { ...options, agent })
        : httpRequest(target, { ...options, agent: plain });
      asked.on('error', reject);
      asked.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
        });
      });
      asked.end(bytes);
    });
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
