import { hash } from 'node:crypto';
import { fields, json } from './json.ts';
import { type Log, linesOf, type Stated } from './logs.ts';
import type { Manifest } from './manifest.ts';
import { runOf } from './posture.ts';
import { fail } from './wrong.ts';

type Run = ReturnType<typeof runOf>;

export interface Gathered {
  /** Received in the period. */
  readonly count: number;
  /** Of each check the newest. */
  readonly newest: ReadonlyMap<string, Run>;
}

/** By the id of the evidence: each stands in one leaf of one log. */
function statedIn(logs: readonly Log[]): Map<string, Stated> {
  const found = new Map<string, Stated>();
  for (const one of logs.flatMap(({ leaves }) => leaves)) {
    if (found.has(one.evidence)) fail(one.where, 'names a piece of evidence a second time');
    found.set(one.evidence, one);
  }
  return found;
}

/** Each piece of evidence is the one that its leaf is stated to be; none is without a leaf, and no leaf without it. */
export function readEvidence(files: ReadonlyMap<string, Buffer>, manifest: Manifest, logs: readonly Log[]): Gathered {
  const stated = statedIn(logs);
  const newest = new Map<string, Run>();
  const parts = [...files.keys()].filter((name) => /^evidence\/\d{5}\.jsonl$/.test(name)).sort();
  let [count, last] = [0, manifest.from];
  const take = (where: string, line: string): Run => {
    const run = runOf(where, fields(where, json(where, line)));
    const leaf = stated.get(run.id);
    if (leaf === undefined) return fail(where, 'stands in no leaf of a log');
    if (leaf.digest !== hash('sha256', line, 'hex')) fail(where, 'is not what its leaf is stated to be');
    stated.delete(run.id);
    if (run.at >= (newest.get(run.check)?.at ?? 0)) newest.set(run.check, run);
    return run;
  };
  for (const { where, line } of linesOf(files, 'evidence/before.jsonl')) {
    if (take(where, line).at >= manifest.from) fail(where, 'was not received before the period');
  }
  for (const { where, line } of parts.flatMap((name) => [...linesOf(files, name)])) {
    const { at } = take(where, line);
    if (at < last || at >= manifest.until) fail(where, 'is out of order, or was not received in the period');
    last = at;
    count += 1;
  }
  const left = [...stated.values()][0];
  if (left !== undefined) fail(left.where, 'names a piece of evidence that is not in the bundle');
  if (count !== manifest.evidence) fail('manifest.json', 'counts another number of pieces of evidence');
  return { count, newest };
}
