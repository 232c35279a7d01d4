import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readCode } from '../../checks/code.ts';
import { codeDigest } from '../../index.ts';

const root = mkdtempSync(join(tmpdir(), 'safeguard-code-'));
after(() => rmSync(root, { recursive: true, force: true }));
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const digest = async (): Promise<string> => (await readCode(root)).digest;

test('the digest changes with every source that runs, its name included, and with nothing else', async () => {
  put('packages/a/index.ts', 'one');
  put('apps/b/main.ts', 'two');
  const first = await digest();
  assert.match(first, /^[0-9a-f]{64}$/);
  put('packages/a/test/a.test.ts', 'tests do not run here');
  put('packages/a/node_modules/x/index.js', 'nor is this ours');
  put('packages/a/README.md', 'words');
  assert.equal(await digest(), first);
  put('packages/a/index.ts', 'One');
  const second = await digest();
  assert.notEqual(second, first);
  put('packages/a/migrations/0001.sql', 'select 1');
  const third = await digest();
  assert.notEqual(third, second);
  put('packages/a/index.ts', 'one');
  put('packages/a/other.ts', 'one');
  assert.equal(new Set([first, second, third, await digest()]).size, 4);
});

test('of the product that runs: once, with its version', async () => {
  assert.equal(codeDigest(), codeDigest());
  assert.match((await codeDigest()).version, /^\d+\.\d+\.\d+/);
});
