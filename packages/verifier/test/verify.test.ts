import assert from 'node:assert/strict';
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { test } from 'node:test';
import { type CheckpointRow, type LogSource, leafHash, openCheckpoint, verifyLog } from '../index.ts';
import { addLeaf, emptyRange, rootOf } from '../range.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
const origin = 'log.example/1/0';

function note(size: number, root: Buffer, name = origin): string {
  const text = `${name}\n${size}\n${root.toString('base64')}\n`;
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(1), raw]), 'buffer').subarray(0, 4);
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n— ${name} ${signature.toString('base64')}\n`;
}

const body = (index: number): Buffer => Buffer.from(`entry ${index}`);

/** A log of `size` entries with checkpoints at the given sizes, in memory; `alter` stands for an intruder. */
function source(size: number, signed: readonly number[], alter: (index: number) => Buffer = body): LogSource {
  const range = emptyRange();
  const leaves: Buffer[] = [];
  const checkpoints: CheckpointRow[] = [];
  for (let index = 0; index < size; index += 1) {
    leaves.push(leafHash(body(index)));
    addLeaf(range, leafHash(body(index)));
    if (signed.includes(index + 1)) {
      const from = Math.max(checkpoints.at(-1)?.size ?? 0, index + 1 - ((index + 1) % 256));
      checkpoints.push({
        size: index + 1,
        note: note(index + 1, rootOf(range)),
        leaves: Buffer.concat(leaves.slice(from)),
      });
    }
  }
  const tiles = Array.from({ length: Math.floor(size / 256) }, (_, index) => ({
    index,
    hashes: Buffer.concat(leaves.slice(index * 256, index * 256 + 256)),
  }));
  return {
    origin,
    async *entries() {
      for (let index = 0; index < size; index += 100) {
        yield Array.from({ length: Math.min(100, size - index) }, (_, at) => ({
          index: index + at,
          body: alter(index + at),
        }));
      }
    },
    async *checkpoints() {
      yield checkpoints;
    },
    async *tiles(level) {
      if (level === 0) yield tiles;
    },
  };
}

const options = { publicKeys: [raw] };

test('a whole log verifies; entries after the newest checkpoint are counted as uncovered', async () => {
  const verdict = await verifyLog(source(600, [1, 200, 590]), options);
  const { ok, entries, uncovered, checkpoints } = verdict;
  assert.deepEqual({ ok, entries, uncovered, checkpoints }, { ok: true, entries: 600, uncovered: 10, checkpoints: 3 });
  assert.equal((await verifyLog(source(0, []), options)).ok, true);
});

test('every single altered entry is located exactly, wherever it stands', async () => {
  for (const bad of [0, 1, 100, 255, 256, 400, 511, 512, 550, 589]) {
    const altered = source(600, [10, 300, 590], (index) => (index === bad ? Buffer.from('x') : body(index)));
    const verdict = await verifyLog(altered, options);
    assert.deepEqual([verdict.bad?.what, verdict.bad?.index, verdict.bad?.until], ['entry', bad, undefined]);
  }
});

test('what no checkpoint and no tile covers yet can be altered unseen: that is what `uncovered` says', async () => {
  const altered = source(600, [590], (index) => (index === 595 ? Buffer.from('x') : body(index)));
  const verdict = await verifyLog(altered, options);
  assert.deepEqual([verdict.ok, verdict.uncovered], [true, 10]);
});

test('an anchor of another history is found', async () => {
  const anchor = note(500, Buffer.alloc(32, 7));
  const verdict = await verifyLog(source(600, [590]), { ...options, anchors: [anchor] });
  assert.equal(verdict.bad?.what, 'entry');
  assert.equal(verdict.bad?.until, 500);
});

test("a checkpoint counts only when a trusted key signed it under the log's own name", () => {
  const good = note(3, Buffer.alloc(32, 1));
  const reasonOf = (text: string, name: string | undefined = origin, keys = [raw]) => {
    const found = openCheckpoint(text, name, keys);
    return 'reason' in found ? found.reason : 'good';
  };
  assert.equal(reasonOf(good), 'good');
  assert.notEqual(reasonOf(good.replace('\n3\n', '\n4\n')), 'good');
  assert.notEqual(reasonOf(good, 'log.example/2/0'), 'good');
  assert.notEqual(reasonOf(good, origin, [Buffer.alloc(32, 5)]), 'good');
  assert.notEqual(reasonOf(good.replace(/— .*\n$/, '')), 'good');
  assert.equal(reasonOf(`${good}— witness.example AAAAAAAA\n`), 'good', 'unknown signatures are ignored');
  for (const text of ['', '\n\n', 'x', good.slice(0, -1), good.repeat(2)]) assert.doesNotThrow(() => reasonOf(text));
});
