import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, openConnection, wireOf } from './connection.ts';
import type { Ask, Plan, Report, Target } from './plan.ts';
import type { Response } from './response.ts';
import { ready, type Turn, turnsOf } from './turns.ts';
import { openWindow, type Window } from './window.ts';

interface Run {
  readonly target: Target;
  readonly window: Window;
  readonly collect: boolean;
  /** Waits for the next request's time and gives it, on the clock of `performance.now`; absent: at once. */
  readonly due: (() => Promise<number>) | undefined;
  over: boolean;
}

/** Runs a plan. Every connection sends, waits for the answer, and sends the next. */
export async function drive(plan: Plan): Promise<Report> {
  const { target, connections, watch, warmup_ms, measured_ms, collect = false, sources } = plan;
  const window = openWindow(watch);
  const due = plan.per_second === undefined ? undefined : timetable(plan.per_second);
  const run: Run = { target, window, collect, due, over: false };
  const ca = target.ca === null ? undefined : await readFile(target.ca, 'utf8');
  const opened = await Promise.all(
    Array.from({ length: connections }, (_, number) => openConnection(target, ca, sourceOf(number, sources))),
  );
  const turns = turnsOf(plan.script, connections, window.kept);
  const exhausted = (): Promise<unknown> =>
    Promise.all(opened.map((connection, number) => follow(run, connection, turns(number))));
  if (measured_ms === undefined) {
    window.begin();
    await exhausted();
    window.end();
  } else {
    const ended = exhausted();
    await sleep(warmup_ms);
    window.begin();
    await sleep(measured_ms);
    window.end();
    run.over = true;
    await ended;
  }
  for (const connection of opened) connection.close();
  return window.report();
}

/** One of loopback's own addresses: to the server each is a network of its own. */
const sourceOf = (number: number, sources: number | undefined): string | undefined =>
  sources === undefined ? undefined : `127.1.${Math.floor((number % sources) / 250)}.${((number % sources) % 250) + 1}`;

/** Requests are due one after the other at the same distance, whichever connection sends them. */
function timetable(per_second: number): () => Promise<number> {
  const began = performance.now();
  let number = 0;
  return async () => {
    const due = began + (number * 1000) / per_second;
    number += 1;
    const left_ms = due - performance.now();
    if (left_ms > 0) await sleep(left_ms);
    return due;
  };
}

/** Prepared requests are turned into bytes once: a list's ask is the same object each time its turn comes. */
const wires = new WeakMap<Ask, Buffer>();

function bytesOf(ask: Ask, target: Target): Buffer {
  const known = wires.get(ask);
  if (known !== undefined) return known;
  const bytes = wireOf(ask, target);
  wires.set(ask, bytes);
  return bytes;
}

async function follow(run: Run, connection: Connection, turn: Turn): Promise<void> {
  const { window, target } = run;
  let next = turn.next();
  while (!next.done && !run.over) {
    const ask = ready(next.value);
    const bytes = bytesOf(ask, target);
    const began = run.due === undefined ? performance.now() : await run.due();
    try {
      const answer = await connection.exchange(bytes);
      const took_ms = performance.now() - began;
      if (isExpected(ask, answer)) window.done(ask, took_ms, answer.status);
      else window.wrong(describe(ask, answer));
      if (run.collect) note(window, ask, answer);
      next = turn.next(answer);
    } catch (error) {
      // The connection or the script is of no more use; the others go on, and the case fails.
      return window.wrong(`${ask.method} ${ask.path}: ${(error as Error).message}`);
    }
  }
}

/** Remembers the patients that a transaction made: later cases ask for them. */
function note(window: Window, { method, expected }: Ask, { status, body }: Response): void {
  if (method !== 'POST' || status !== expected) return;
  for (const [, id = ''] of body.toString('latin1').matchAll(/"location":"(?:[^"]*\/)?(Patient\/[^/"]+)/g)) {
    window.created(id);
  }
}

const isExpected = ({ expected }: Ask, { status }: Response): boolean =>
  typeof expected === 'number' ? status === expected : expected.includes(status);

const describe = ({ method, path, expected }: Ask, { status, body }: Response): string =>
  `${method} ${path}: ${status} instead of ${expected}: ${body.toString('utf8', 0, 300)}`;
