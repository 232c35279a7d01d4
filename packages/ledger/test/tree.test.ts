import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { verifyConsistency, verifyInclusion } from '@safeguard/verifier';
import fc from 'fast-check';
import { emptyRoot, hashLeaf } from '../hash.ts';
import { treeFromTiles } from '../load.ts';
import { consistencyPath, hashesOf, inclusionPath } from '../proof.ts';
import type { LogRows } from '../rows.ts';
import { addLeaf, emptyTree, rootOf, type Tile } from '../tree.ts';

/** RFC 6962 section 2.1, word for word. */
function naive(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot;
  if (leaves.length === 1) return leaves[0] ?? emptyRoot;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return hash('sha256', Buffer.concat([Buffer.of(1), naive(leaves.slice(0, k)), naive(leaves.slice(k))]), 'buffer');
}

const leaves = Array.from({ length: 140_000 }, (_, at) => hashLeaf(Buffer.from(String(at))));

function grow(size: number) {
  const tree = emptyTree();
  const tiles: Tile[] = [];
  for (const leaf of leaves.slice(0, size)) addLeaf(tree, leaf, tiles);
  const find = async (level: number, index: number): Promise<Buffer> => {
    const tile = tiles.find((one) => one.level === level && one.index === index);
    if (tile === undefined) throw new Error(`no tile ${level}/${index}`);
    return tile.hashes;
  };
  return { tree, tiles, hashes: hashesOf(tree, find) };
}

const aSize = fc.oneof(fc.integer({ min: 1, max: 1500 }), fc.constantFrom(1, 2, 255, 256, 257, 511, 512, 513, 1024));

test('the root is the naive one', () => {
  assert.deepEqual(rootOf(emptyTree()), naive([]));
  fc.assert(
    fc.property(aSize, (size) => rootOf(grow(size).tree).equals(naive(leaves.slice(0, size)))),
    { numRuns: 60 },
  );
});

test('every inclusion proof holds, and for no other index', async () => {
  await fc.assert(
    fc.asyncProperty(aSize, fc.nat(), async (size, at) => {
      const index = at % size;
      const { hashes, tree } = grow(size);
      const claim = { index, size, leaf: await hashes.range(index, index + 1), root: rootOf(tree) };
      const proof = await inclusionPath(hashes, index, 0, size);
      assert.deepEqual(claim.leaf, leaves[index]);
      assert.equal(verifyInclusion({ ...claim, proof }), true);
      if (size > 1) assert.equal(verifyInclusion({ ...claim, proof, index: (index + 1) % size }), false);
    }),
    { numRuns: 80 },
  );
});

test('every consistency proof holds, and for no other root', async () => {
  await fc.assert(
    fc.asyncProperty(aSize, fc.nat(), async (to, at) => {
      const from = (at % to) + 1;
      const { hashes, tree } = grow(to);
      const claim = { from, to, fromRoot: naive(leaves.slice(0, from)), toRoot: rootOf(tree) };
      const proof = await consistencyPath(hashes, from, 0, to);
      assert.equal(verifyConsistency({ ...claim, proof }), true);
      assert.equal(verifyConsistency({ ...claim, proof, fromRoot: hashLeaf(Buffer.from('x')) }), false);
    }),
    { numRuns: 80 },
  );
});

test('a tree of three levels comes back from its tiles', async () => {
  for (const size of [256, 65_536, 131_072, 139_776]) {
    const { tree, tiles } = grow(size);
    const rows = {
      tiles: async (level: number, from: number, to: number) =>
        tiles.filter((tile) => tile.level === level && tile.index >= from && tile.index < to),
    } as Partial<LogRows> as LogRows;
    const loaded = await treeFromTiles(rows, size);
    assert.deepEqual(rootOf(loaded), rootOf(tree));
    assert.deepEqual(loaded.tip, tree.tip);
    const [a, b] = [grow(size).tree, loaded];
    for (const leaf of leaves.slice(0, 300)) for (const one of [a, b]) addLeaf(one, leaf, []);
    assert.deepEqual(rootOf(b), rootOf(a));
  }
});
