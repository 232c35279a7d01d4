import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { changePassphrase, fileProvider } from '../index.ts';
import { kind } from './faults.ts';

const base = mkdtempSync(join(tmpdir(), 'safeguard-seal-'));
after(() => rmSync(base, { recursive: true }));
let count = 0;
let directory = '';
let file = '';
beforeEach(() => {
  count += 1;
  directory = join(base, String(count));
  file = join(directory, 'root-key.json');
});
const refused = (text: RegExp) => (error: unknown) =>
  kind('unavailable')(error) && error instanceof Error && text.test(error.message);
const context = Buffer.from('context');

test('the key file is made once, for its owner alone', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => fileProvider({ directory })));
  assert.equal(new Set(made.map(({ id }) => id)).size, 1);
  assert.deepEqual([statSync(directory).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600]);
  assert.deepEqual(readdirSync(directory), ['root-key.json'], 'no temporary file stays');
  const again = await fileProvider({ directory });
  const wrapped = await again.wrap(Buffer.from('plain'), context);
  assert.equal((await made[0]?.unwrap(wrapped, context))?.toString(), 'plain');
  await assert.rejects(again.unwrap(wrapped, Buffer.from('other')));
});

test('a file or directory that others have access to is refused', async () => {
  await fileProvider({ directory });
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    chmodSync(file, mode);
    await assert.rejects(fileProvider({ directory }), refused(/0600/), mode.toString(8));
  }
  chmodSync(file, 0o600);
  chmodSync(directory, 0o750);
  await assert.rejects(fileProvider({ directory }), refused(/0700/));
  chmodSync(directory, 0o700);
  await fileProvider({ directory });
});

test('a symbolic link is refused, as file and as directory', async () => {
  await fileProvider({ directory });
  const elsewhere = join(base, `elsewhere-${count}`);
  renameSync(file, elsewhere);
  symlinkSync(elsewhere, file);
  await assert.rejects(fileProvider({ directory }), refused(/symbolic link/));
  symlinkSync(directory, `${directory}-link`);
  await assert.rejects(fileProvider({ directory: `${directory}-link` }), refused(/symbolic link/));
});

test('a file of another owner is refused', {
  skip: process.getuid?.() === 0 ? false : 'SKIPPED: only root can give a file away',
}, async () => {
  await fileProvider({ directory });
  chownSync(file, 65_534, 65_534);
  await assert.rejects(fileProvider({ directory }), refused(/another user/));
});

test('a damaged file is refused, and nothing is put in its place', async () => {
  await fileProvider({ directory });
  const good = readFileSync(file, 'utf8');
  const id = JSON.parse(good).id;
  for (const bad of [
    '',
    '{}',
    'x',
    good.slice(0, 60),
    good.replace(/"key":"...../, '"key":"AAAAA'),
    good.replace(id, `${id}0`),
  ]) {
    writeFileSync(file, bad);
    await assert.rejects(fileProvider({ directory }), refused(/damaged/));
    assert.equal(readFileSync(file, 'utf8'), bad);
  }
});

test('a passphrase protects the file; a wrong or missing one is told', async () => {
  const passphrase = 'correct horse battery';
  const { id } = await fileProvider({ directory, passphrase });
  assert.equal((await fileProvider({ directory, passphrase })).id, id);
  const text = readFileSync(file, 'utf8');
  const content = JSON.parse(text);
  assert.ok(content.key === undefined && content.argon2id.memory_KiB >= 65_536 && content.argon2id.passes >= 3);
  await assert.rejects(fileProvider({ directory, passphrase: 'wrong horse battery' }), refused(/passphrase is wrong/));
  await assert.rejects(fileProvider({ directory }), refused(/passphrase is needed/));
  writeFileSync(file, text.replace('65536', '1024'));
  await assert.rejects(fileProvider({ directory, passphrase }), refused(/damaged/));
});

test('the passphrase changes, the key stays', async () => {
  const { id } = await fileProvider({ directory });
  const [one, two] = ['first passphrase', 'second passphrase'];
  await changePassphrase({ directory }, one);
  await assert.rejects(fileProvider({ directory }), refused(/needed/));
  await changePassphrase({ directory, passphrase: one }, two);
  await assert.rejects(changePassphrase({ directory, passphrase: one }, 'third passphrase'), refused(/wrong/));
  assert.equal((await fileProvider({ directory, passphrase: two })).id, id);
  await changePassphrase({ directory, passphrase: two }, undefined);
  assert.equal((await fileProvider({ directory })).id, id);
  await assert.rejects(fileProvider({ directory, passphrase: two }), refused(/not protected/));
  await assert.rejects(changePassphrase({ directory }, 'short'), kind('invalid'));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ['root-key.json']);
});

test('another file is another root key', async () => {
  const { id } = await fileProvider({ directory });
  mkdirSync(`${directory}-other`, { mode: 0o700 });
  assert.notEqual((await fileProvider({ directory: `${directory}-other` })).id, id);
  copyFileSync(file, join(`${directory}-other`, 'root-key.json'));
  assert.equal((await fileProvider({ directory: `${directory}-other` })).id, id);
});
