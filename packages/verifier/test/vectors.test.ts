import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion } from '../index.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/vectors/merkle');

interface Vector {
  [name: string]: unknown;
  proof: string[] | null;
  wantErr: boolean;
}

const bytes = (text: unknown): Buffer => Buffer.from(String(text), 'base64');
const path = (vector: Vector): Buffer[] => (vector.proof ?? []).map(bytes);

const checks: Record<string, (v: Vector) => boolean> = {
  inclusion: (v) =>
    verifyInclusion({
      index: Number(v.leafIdx),
      size: Number(v.treeSize),
      leaf: bytes(v.leafHash),
      root: bytes(v.root),
      proof: path(v),
    }),
  consistency: (v) =>
    verifyConsistency({
      from: Number(v.size1),
      to: Number(v.size2),
      fromRoot: bytes(v.root1),
      toRoot: bytes(v.root2),
      proof: path(v),
    }),
  subtreeinclusion: (v) =>
    verifySubtreeInclusion({
      index: Number(v.leafIdx),
      start: Number(v.start),
      end: Number(v.end),
      leaf: bytes(v.leafHash),
      root: bytes(v.root),
      proof: path(v),
    }),
  subtreeconsistency: (v) =>
    verifySubtreeConsistency({
      start: Number(v.start),
      end: Number(v.end),
      size: Number(v.size),
      subtreeRoot: bytes(v.root1),
      root: bytes(v.root2),
      proof: path(v),
    }),
};

/** Every vector of the four kinds: its path and whether it must be accepted. */
function vectors(): { name: string; kind: string; vector: Vector }[] {
  return Object.keys(checks).flatMap((kind) =>
    globSync('**/*.json', { cwd: join(folder, kind) }).map((name) => ({
      name: `${kind}/${name}`,
      kind,
      vector: JSON.parse(readFileSync(join(folder, kind, name), 'utf8')) as Vector,
    })),
  );
}

test('all 518 Merkle vectors of transparency-dev/merkle', (t) => {
  if (!existsSync(folder)) {
    return t.skip('SKIPPED: the Merkle vectors are not beside this repository (../shared/data/vectors/merkle)');
  }
  const all = vectors();
  assert.equal(all.length, 518);
  const wrong = all.filter(({ kind, vector }) => checks[kind]?.(vector) !== !vector.wantErr).map(({ name }) => name);
  assert.deepEqual(wrong, []);
});
