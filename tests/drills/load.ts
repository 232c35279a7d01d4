import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Asked, Instance } from '../harness/instance.ts';
import { content, markerOf, type Type } from './content.ts';
import { type Answered, count, type Journal, type Track, trackOf } from './journal.ts';
import { askBatch, askTransaction } from './load-bundles.ts';
import type { Choices } from './random.ts';

export interface LoadOptions {
  readonly instance: Pick<Instance, 'request'>;
  readonly token: string;
  readonly journal: Journal;
  readonly random: Choices;
  /** Each keeps one request under way. */
  readonly workers: number;
}

/** One worker: its own choices, and the resources that it alone writes. */
export interface Worker extends LoadOptions {
  readonly own: string[];
  /** Patients that are referred to and stand nowhere: what refers to them again needs their keys again. */
  readonly strangers: string[];
  /** Asks; undefined: no answer that says what happened (connection lost, 503). */
  ask(what: string, asked: Asked): Promise<Answer | undefined>;
  /** Notes an answer that came. */
  note(answer: Answer, targets: readonly string[], more?: Pick<Answered, 'entries'>): void;
}

const silence_ms = 60_000;
const pause_ms = 20;
const types: readonly Type[] = ['Patient', 'Encounter', 'Observation'];

/** Mixed requests from several connections until it is stopped. */
export function startLoad(options: LoadOptions): { stop(): Promise<void> } {
  let stopped = false;
  const running = Array.from({ length: options.workers }, async () => {
    const worker = newWorker({ ...options, random: options.random.fork() });
    while (!stopped) await act(worker);
  });
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(running);
    },
  };
}

export function newWorker(options: LoadOptions): Worker {
  const { instance, token, journal } = options;
  const ask = async (what: string, asked: Asked): Promise<Answer | undefined> => {
    try {
      const answer = await inTime(instance.request({ token, ...asked }));
      count(journal, `${what} ${answer.status}`);
      if (answer.headers['x-request-id'] === undefined)
        journal.odd.push(`${what}: ${answer.status} without a request id`);
      if (answer.status < 500) return answer;
      if (answer.status !== 503) journal.odd.push(`${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
    } catch (error) {
      count(journal, `${what} ${(error as NodeJS.ErrnoException).code ?? 'lost'}`);
      if (error instanceof Silence) journal.odd.push(`${what}: no answer within ${silence_ms} ms`);
    }
    await sleep(pause_ms);
    return undefined;
  };
  const note: Worker['note'] = ({ headers, status }, targets, more) => {
    journal.answered.push({ request: String(headers['x-request-id']), status, targets, ...more });
  };
  return { ...options, own: [], strangers: [], ask, note };
}

class Silence extends Error {}

async function inTime(answer: Promise<Answer>): Promise<Answer> {
  const ended = new AbortController();
  const late = sleep(silence_ms, undefined, { signal: ended.signal, ref: false }).then(() => {
    throw new Silence('no answer');
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    late.catch((error: Error) => error);
    ended.abort();
  }
}

/** Act, and how often of a hundred. */
const acts: readonly (readonly [number, (worker: Worker) => Promise<void>])[] = [
  [22, (worker) => create(worker, worker.random.pick(types))],
  [16, (worker) => onOne(worker, worker.own, update)],
  [10, (worker) => onOne(worker, worker.journal.shared, update)],
  [6, (worker) => onOne(worker, worker.own, remove)],
  [18, (worker) => onOne(worker, all(worker), read)],
  [6, (worker) => onOne(worker, all(worker), find)],
  [4, (worker) => onOne(worker, all(worker), readHistory)],
  [10, askTransaction],
  [8, askBatch],
];

function act(worker: Worker): Promise<void> {
  let left = worker.random.int(100);
  for (const [share, one] of acts) {
    if (left < share) return one(worker);
    left -= share;
  }
  return create(worker, 'Observation');
}

const all = ({ own, journal }: Worker): readonly string[] => [...own, ...journal.shared];

async function onOne(
  worker: Worker,
  names: readonly string[],
  work: (worker: Worker, track: Track) => Promise<void>,
): Promise<void> {
  if (names.length === 0) return create(worker, 'Patient');
  const track = worker.journal.tracks.get(worker.random.pick(names));
  if (track === undefined) return;
  track.touched = true;
  await work(worker, track);
}

const fhir = '/fhir/R4';
export const versionOf = ({ headers }: Answer): number => Number(/\d+/.exec(String(headers.etag))?.[0]);

function strangerOf({ random, strangers }: Worker): { patient?: string } {
  if (random.chance(0.5)) return {};
  if (strangers.length === 0 || random.chance(0.5)) strangers.push(`Patient/${crypto.randomUUID()}`);
  return { patient: random.pick(strangers.slice(-2)) };
}

export async function create(worker: Worker, type: Type): Promise<void> {
  const { journal } = worker;
  const marker = journal.nextMarker();
  const sent = content(type, { marker, ...(type === 'Patient' ? {} : strangerOf(worker)) });
  const answer = await worker.ask('create', { method: 'POST', path: `${fhir}/${type}`, body: sent });
  if (answer === undefined) return void journal.lost.push({ type, content: sent, marker });
  if (answer.status !== 201) {
    worker.note(answer, []);
    return void journal.odd.push(`create: ${answer.status} ${answer.text.slice(0, 300)}`);
  }
  const { id } = answer.json;
  trackOf(journal, type, id).attempts.push({ kind: 'create', content: sent, version: 1 });
  worker.own.push(`${type}/${id}`);
  worker.note(answer, [`${type}/${id}/1`]);
}

async function update(worker: Worker, track: Track): Promise<void> {
  const { type, id, attempts } = track;
  const sent = content(type, { marker: worker.journal.nextMarker() });
  const newest = Math.max(0, ...attempts.map((attempt) => attempt.version ?? 0));
  const headers: Record<string, string> =
    newest > 0 && worker.random.chance(0.3) ? { 'if-match': `W/"${newest}"` } : {};
  const path = `${fhir}/${type}/${id}`;
  const answer = await worker.ask('update', { method: 'PUT', path, headers, body: { ...sent, id } });
  if (answer === undefined) return void attempts.push({ kind: 'update', content: sent });
  if (answer.status !== 200) return worker.note(answer, []);
  const version = versionOf(answer);
  attempts.push({ kind: 'update', content: sent, version });
  worker.note(answer, [`${type}/${id}/${version}`]);
}

async function remove(worker: Worker, { type, id, attempts }: Track): Promise<void> {
  const answer = await worker.ask('delete', { method: 'DELETE', path: `${fhir}/${type}/${id}` });
  if (answer === undefined) return void attempts.push({ kind: 'delete' });
  // Without an ETag it was deleted before: nothing new was written.
  if (answer.status !== 204 || answer.headers.etag === undefined) return worker.note(answer, []);
  const version = versionOf(answer);
  attempts.push({ kind: 'delete', version });
  worker.note(answer, [`${type}/${id}/${version}`]);
}

async function read(worker: Worker, track: Track): Promise<void> {
  const { type, id } = track;
  const answer = await worker.ask('read', { path: `${fhir}/${type}/${id}` });
  if (answer === undefined) return;
  if (answer.status !== 200) return worker.note(answer, []);
  track.seen.push({ version: versionOf(answer), marker: markerOf(answer.json) });
  worker.note(answer, [`${type}/${id}/${versionOf(answer)}`]);
}

interface Listed {
  readonly entry?: { resource?: { resourceType: Type; id: string; meta: { versionId: string } } }[];
}

/** Notes what a bundle of resources showed. Answers their names. */
function shown({ journal }: Worker, bundle: Listed): string[] {
  return (bundle.entry ?? []).flatMap(({ resource }) => {
    if (resource === undefined) return [];
    const { resourceType: type, id, meta } = resource;
    const version = Number(meta.versionId);
    journal.tracks.get(`${type}/${id}`)?.seen.push({ version, marker: markerOf(resource) });
    return [`${type}/${id}/${version}`];
  });
}

async function find(worker: Worker, { type, id, attempts }: Track): Promise<void> {
  const marker = markerOf(attempts.at(-1)?.content ?? {});
  const query = worker.random.chance(0.5) ? `_id=${id}` : `identifier=${marker}`;
  const answer = await worker.ask('search', { path: `${fhir}/${type}?${query}` });
  if (answer !== undefined) worker.note(answer, answer.status === 200 ? shown(worker, answer.json) : []);
}

async function readHistory(worker: Worker, { type, id }: Track): Promise<void> {
  const answer = await worker.ask('history', { path: `${fhir}/${type}/${id}/_history` });
  if (answer !== undefined) worker.note(answer, answer.status === 200 ? shown(worker, answer.json) : []);
}
