import type { Answer, Instance } from '../../harness/instance.ts';
import type { Attempt } from './attempts.ts';
import { canariesIn } from './world.ts';

/** What is kept of an answer: not its text, of which there are too many. */
export interface Tried {
  readonly attempt: Attempt;
  readonly status: number;
  /** The request's id: also that of its entry. */
  readonly id: string;
  /** How it differs from what the table says; absent: it does not. */
  readonly breach?: string;
}

const refusals: ReadonlySet<number> = new Set([401, 403, 404, 405]);
/** Let through, and then found not to fit: the version of another one. */
const letThrough: ReadonlySet<number> = new Set([200, 201, 204, 304, 412]);

function statusBreach({ expected }: Attempt, { status, text }: Answer): string | undefined {
  const told = `${status} ${text.slice(0, 200)}`;
  if (expected === 'anything') return status >= 500 ? `an error of ours: ${told}` : undefined;
  if (!refusals.has(status) && !letThrough.has(status)) return `neither served nor refused: ${told}`;
  if (expected === 'served' && !letThrough.has(status)) return `refused to who may: ${told}`;
  if (expected === 'refused' && !refusals.has(status)) return `SERVED: ${told}`;
  return undefined;
}

function bodyBreach({ shows }: Attempt, { status, text, json }: Answer): string | undefined {
  if (shows === undefined) return undefined;
  const found = canariesIn(text);
  const { canaries, exactly, entries } = shows;
  const leaked = [...found].filter((one) => !canaries.has(one));
  if (leaked.length > 0) return `LEAKED: ${leaked.length} that are not theirs`;
  if (status !== 200) return undefined;
  if (exactly && found.size !== canaries.size) return `shown ${found.size} of ${canaries.size}`;
  const listed = (json?.entry ?? []).filter(({ search }: { search?: { mode?: string } }) => search?.mode !== 'outcome');
  if (entries !== undefined && listed.length !== entries) return `${listed.length} entries, expected ${entries}`;
  return undefined;
}

const concurrency = 24;

/** The log's index may be behind after so many requests: whoever asks it is told to come again. */
export async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const answer = await ask();
    if (answer.status !== 503 || tries === 10) return answer;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

/** Tries them all, many at once; nothing is kept of a body. */
export async function tryAll(safeguard: Instance, attempts: Iterable<Attempt>): Promise<Tried[]> {
  const waiting = attempts[Symbol.iterator]();
  const tried: Tried[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const attempt = next.value;
      const { asked, asker } = attempt;
      const headers = { ...asker.headers, ...asked.headers };
      const answer = await patiently(() => safeguard.request({ ...asked, headers }));
      const breach = statusBreach(attempt, answer) ?? bodyBreach(attempt, answer);
      const told = { attempt, status: answer.status, id: String(answer.headers['x-request-id']) };
      tried.push(breach === undefined ? told : { ...told, breach });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return tried;
}

export const breachesOf = (tried: readonly Tried[]): string[] =>
  tried.flatMap(({ attempt: { asker, asked, expected }, breach }) =>
    breach === undefined ? [] : [`${asker.name}: ${asked.method ?? 'GET'} ${asked.path}: ${breach} [${expected}]`],
  );
