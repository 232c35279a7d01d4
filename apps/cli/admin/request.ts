import { request } from 'node:http';
import { fault, isFault } from '@safeguard/kernel';
import { adminSocket, dataDirectory } from './locate.ts';

/** The admin API of the instance that runs on one data directory. */
export interface Admin {
  readonly data: string;
  /** Asks and answers in JSON. Throws Fault `unavailable` when no instance runs, or a Fault in the server's words. */
  ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T>;
}

const timeout_ms = 600_000;
const gone = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

const notRunning = (data: string, cause: unknown) =>
  fault('unavailable', `no instance is running on ${data}. Start one: safeguard up --data ${data}`, { cause });

/** Whether no instance runs at all, as against one that does not answer as it should. */
export const isNotRunning = (error: unknown): boolean =>
  isFault(error) && gone.has(String((error.cause as NodeJS.ErrnoException | undefined)?.code));

function unreachable(data: string, error: NodeJS.ErrnoException): Error {
  if (gone.has(error.code ?? '')) return notRunning(data, error);
  if (error.code === 'EACCES') {
    return fault('forbidden', `only the user who runs the instance on ${data} may administer it`, { cause: error });
  }
  return fault('unavailable', `the instance on ${data} does not answer (${error.code ?? 'no reason given'})`, {
    cause: error,
  });
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

function exchange(
  data: string,
  socketPath: string,
  method: string,
  path: string,
  body: string | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const outgoing = request({ socketPath, method, path, headers, timeout: timeout_ms }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', (error) => reject(unreachable(data, error)));
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    outgoing.on('error', (error) => reject(unreachable(data, error)));
    outgoing.end(body);
  });
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fault('internal', 'the instance answered in words that this version does not know', { cause });
  }
}

/** RFC 9457: `detail` says what happened this time, `title` what kind of thing it is. */
function refusal({ status, text }: Reply): Error {
  const problem = (parsed(text) ?? {}) as { detail?: unknown; title?: unknown };
  const words = [problem.detail, problem.title].find((one) => typeof one === 'string' && one !== '');
  return fault('unprocessable', typeof words === 'string' ? words : `the instance refused (status ${status})`);
}

/** Opens the admin API of the instance that `--data` names. Nothing is asked yet. */
export function openAdmin(dataOption: string | undefined): Admin {
  const data = dataDirectory(dataOption);
  return {
    data,
    async ask<T>(method: string, path: string, body?: object): Promise<T> {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const reply = await exchange(data, await adminSocket(data), method, path, text);
      if (reply.status < 200 || reply.status > 299) throw refusal(reply);
      return parsed(reply.text) as T;
    },
  };
}
