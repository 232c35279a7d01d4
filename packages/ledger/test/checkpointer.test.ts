import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { anchorFile } from '../anchor.ts';
import { createCheckpointer } from '../checkpointer.ts';
import { hashLeaf } from '../hash.ts';
import { originOf, readCheckpoint } from '../note.ts';
import type { LogRows } from '../rows.ts';
import { addLeaf, copyTree, emptyTree } from '../tree.ts';
import type { SignedCheckpoint } from '../types.ts';
import { keptLog, newSigner, signerName } from './fixture.ts';

/** Many ask for a checkpoint of a log that grows: the timer, and whoever asks who looked at a record. */

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const origin = originOf(signerName, 7, 0);

/** A log in memory whose database takes its time. `signers`: so many in turns; one is how a process has it. */
function growing(signers: number) {
  const anchors = mkdtempSync(join(tmpdir(), 'safeguard-checkpointer-'));
  folders.push(anchors);
  const signer = newSigner();
  const stored: number[] = [];
  let tree = emptyTree();
  const rows = {
    tenant: 7,
    shard: 0,
    addCheckpoint: async ({ size }: SignedCheckpoint) => {
      await sleep(stored.length % 3);
      stored.push(size);
    },
  } as unknown as LogRows;
  const common = { rows, origin, signer, anchors, clock: { now: () => 0 }, log: keptLog(), newest: undefined };
  const each = Array.from({ length: signers }, () => createCheckpointer({ ...common, tree: () => tree }));
  let turn = 0;
  return {
    stored,
    anchor: () => readCheckpoint(signer, origin, readFileSync(anchorFile(anchors, origin), 'utf8')),
    grow(): number {
      const next = copyTree(tree);
      addLeaf(next, hashLeaf(Buffer.from(String(next.size))), []);
      tree = next;
      return next.size;
    },
    sign: async () => {
      turn += 1;
      return each[turn % signers]?.sign();
    },
  };
}

/** Whoever asks gets a checkpoint of what was there when they asked; the anchor is the newest; none goes back. */
async function check(signers: number): Promise<void> {
  const log = growing(signers);
  for (let round = 0; round < 20; round += 1) {
    const asked = Array.from({ length: 8 }, async (_, number) => {
      await sleep(number % 4);
      const size = log.grow();
      const checkpoint = await log.sign();
      assert.ok((checkpoint?.size ?? 0) >= size);
    });
    await Promise.all(asked);
  }
  assert.equal(log.anchor()?.size, 160);
  assert.deepEqual(
    log.stored,
    log.stored.toSorted((one, two) => one - two),
  );
  assert.equal(new Set(log.stored).size, log.stored.length, 'none is signed twice');
}

test('checkpoints are signed one at a time, however many ask', async () => {
  await check(1);
});

test('control: signers that do not wait for one another lose the anchor', async () => {
  await assert.rejects(check(3));
});
