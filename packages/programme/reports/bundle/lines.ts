import { hash } from 'node:crypto';
import type { PlacedEvidence } from '../../checks/types.ts';
import { canonical } from './canonical.ts';

export type Files = Map<string, Buffer>;

/** Lines of one file, so that none grows without end. */
const lines_most = 5_000;

/** Collects lines into `<name>00001.jsonl` and on. */
export function lineFiles(files: Files, name: string) {
  let lines: string[] = [];
  let number = 0;
  const flush = (): void => {
    if (lines.length === 0) return;
    number += 1;
    files.set(`${name}${String(number).padStart(5, '0')}.jsonl`, Buffer.from(`${lines.join('\n')}\n`));
    lines = [];
  };
  return {
    add(line: string): void {
      lines.push(line);
      if (lines.length === lines_most) flush();
    },
    flush,
  };
}

/** Which leaf of which log a piece of evidence is, and the digest of its line. */
export interface Stated {
  readonly shard: number;
  readonly index: number;
  readonly evidence: string;
  readonly digest: string;
}

export interface Line extends Stated {
  readonly line: string;
}

export function lineOf({ evidence, place: { shard, index } }: PlacedEvidence): Line {
  const line = canonical(evidence);
  return { line, shard, index, evidence: evidence.id, digest: hash('sha256', line, 'hex') };
}
