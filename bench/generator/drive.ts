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
  over: boolean;
}

/** Runs a plan. Every connection sends, waits for the answer, and sends the next. */
export async function drive(plan: Plan): Promise<Report> {
  const { target, connections, watch, warmup_ms, measured_ms, collect = false } = plan;
  const window = openWindow(watch);
  const run: Run = { target, window, collect, over: false };
  const ca = target.ca === null ? undefined : await readFile(target.ca, 'utf8');
  const opened = await Promise.all(Array.from({ length: connections }, () => openConnection(target, ca)));
  const turns = turnsOf(plan.script, connections);
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
    const began = performance.now();
    try {
      const answer = await connection.exchange(bytes);
      const took_ms = performance.now() - began;
      if (answer.status !== ask.expected) window.wrong(describe(ask, answer));
      else window.done(ask, took_ms);
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

const describe = ({ method, path, expected }: Ask, { status, body }: Response): string =>
  `${method} ${path}: ${status} instead of ${expected}: ${body.toString('utf8', 0, 300)}`;
