import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyDatabase } from '@safeguard/verifier';
import { readAnchors } from '../index.ts';
import { openHome } from './crash-child.ts';

const home = mkdtempSync(join(tmpdir(), 'safeguard-crash-'));
after(() => rmSync(home, { recursive: true, force: true }));

/** Runs a server process, kills it `after_ms` its first acknowledgement; what it had acknowledged. */
async function killed(after_ms: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.ts'), home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const begun = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
    begun.resolve();
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  await Promise.race([begun.promise, ended]);
  await sleep(after_ms);
  child.kill('SIGKILL');
  await ended;
  // A line that the kill cut in two was not acknowledged to anyone.
  return text.split('\n').slice(0, -1);
}

test('killed between commits: nothing acknowledged is lost, nothing doubled, the log verifies', async () => {
  writeFileSync(
    join(home, 'signer.pem'),
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    { mode: 0o600 },
  );
  const acknowledged: string[] = [];
  for (const after_ms of [3, 40, 120, 333]) acknowledged.push(...(await killed(after_ms)));
  assert.ok(acknowledged.length > 100, `${acknowledged.length} acknowledged`);
  const { store, seal, signer, ledger } = await openHome(home);
  try {
    assert.equal(ledger.shard(), 0);
    const ids: string[] = [];
    for await (const event of ledger.recent(7, 0)) ids.push((event as { id: string }).id);
    const there = new Set(ids);
    assert.equal(there.size, ids.length, 'an entry stands twice');
    assert.deepEqual(
      acknowledged.filter((id) => !there.has(id)),
      [],
      'an acknowledged entry was lost',
    );
    await ledger.checkpoint(7);
    const anchors = await readAnchors(join(home, 'anchors'));
    const verdict = await verifyDatabase(
      (text, values) => store.reader().query(0, { name: `v${text.length}${text.slice(0, 50)}`, text }, values),
      {
        publicKeys: [signer.publicKey],
        anchors,
      },
    );
    assert.equal(verdict.ok, true, JSON.stringify(verdict.logs.map(({ bad }) => bad)));
    assert.equal(verdict.logs.length, 2, 'one log for the platform, one for the tenant: no new shard after a crash');
  } finally {
    await ledger.close();
    seal.close();
    await store.close();
  }
});
