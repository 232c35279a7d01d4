import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRng } from '@safeguard/synthetic';
import { authorize } from './authorize.ts';
import { crud } from './crud.ts';
import { join } from './join.ts';
import type { Ask, Script } from './plan.ts';
import { redeem, refresh } from './redeem.ts';
import type { Response } from './response.ts';
import { signIn } from './sign-in.ts';

/** What one connection sends next; it is given the answer to what it sent last. */
export type Turn = Generator<Ask, void, Response>;

/** Fills in a body that stands in a file. */
export function ready(ask: Ask): Ask {
  if (ask.file === undefined) return ask;
  const body = gunzipSync(readFileSync(ask.file)).toString('utf8');
  return { ...ask, body, units: (JSON.parse(body) as { entry: unknown[] }).entry.length };
}

function* endless(asks: readonly Ask[]): Turn {
  for (;;) yield* asks.values() as Turn;
}

function* shared(source: Iterator<Ask, void>): Turn {
  for (let next = source.next(); !next.done; next = source.next()) yield next.value;
}

function* inTurn(asks: readonly Ask[], rounds: number): Generator<Ask, void> {
  for (let round = 0; round < rounds; round += 1) yield* asks;
}

function* random(asks: readonly Ask[], connection: number): Turn {
  const rng = createRng(`connection/${connection}`);
  for (;;) yield rng.pick(asks);
}

/** Takes what a script keeps for the report. */
export type Keep = (text: string) => void;

/** A function that gives every connection, by its number, its turns. */
export function turnsOf(script: Script, connections: number, keep: Keep): (connection: number) => Turn {
  if (script.name === 'crud') return (connection) => crud(script.base, connection);
  if (script.name === 'join') return join(script, keep);
  if (script.name === 'sign-in') return signIn(script);
  if (script.name === 'authorize') return authorize(script, keep);
  if (script.name === 'redeem') return redeem(script, keep);
  if (script.name === 'refresh') return refresh(script);
  const { asks } = script;
  if (script.name === 'random') return (connection) => random(asks, connection);
  if (script.name === 'lanes') {
    return (connection) => endless(asks.filter(({ lane = 0 }) => lane % connections === connection));
  }
  const source = inTurn(asks, script.rounds ?? Number.POSITIVE_INFINITY);
  return () => shared(source);
}
