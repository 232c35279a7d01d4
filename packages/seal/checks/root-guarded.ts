import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, isFault, resultOf } from '@safeguard/kernel';
import { readRootFile } from '../root-file.ts';
import type { SealCheckDeps } from './checks.ts';

/** What is wrong with one file or directory that only this account may touch. */
async function faultsOf(path: string, name: string, kind: 'file' | 'directory'): Promise<string[]> {
  const found = await lstat(path);
  return [
    ...((kind === 'file' ? found.isFile() : found.isDirectory()) ? [] : [`${name} is no ${kind}`]),
    ...(found.uid === process.getuid?.() ? [] : [`${name} belongs to another account`]),
    ...((found.mode & 0o077) === 0 ? [] : [`others have access to ${name} (mode ${(found.mode & 0o777).toString(8)})`]),
  ];
}

/** By the content: whether a passphrase is needed to open it. */
function isClear(text: string): boolean {
  const content = JSON.parse(text) as { key?: unknown; argon2id?: unknown; wrapped?: unknown };
  return content.key !== undefined || content.argon2id === undefined || content.wrapped === undefined;
}

async function contentFaults(directory: string): Promise<string[]> {
  try {
    const text = await readRootFile(directory);
    if (text === undefined) return ['the root key file is not there'];
    return isClear(text)
      ? ['the root key stands in its file without a passphrase: whoever copies the file has it']
      : [];
  } catch (error) {
    // What is wrong with the file's mode or owner is said already, by its name.
    if (isFault(error)) return [error.message];
    throw error;
  }
}

/** 45 CFR 164.312(a)(2)(iv): the key above all keys is where nobody else reads it, and of no use when copied. */
export const rootKeyGuarded = ({ root: { directory } }: SealCheckDeps): Check => ({
  id: 'seal.root-key-guarded',
  title: 'The root key is guarded',
  query:
    'The directory of the root key and every file in it: owner and mode; and by its content, whether ' +
    'the root key file ' +
    'opens with a passphrase only.',
  every_s: 3_600,
  async run() {
    const names = await readdir(directory);
    const files = await Promise.all(names.map((name) => faultsOf(join(directory, name), `the file ${name}`, 'file')));
    const wrong = [
      ...(await faultsOf(directory, 'the directory', 'directory')),
      ...files.flat(),
      ...(await contentFaults(directory)),
    ];
    return resultOf({
      examined: names.length + 1,
      wrong: [...new Set(wrong)],
      met:
        `The directory and its ${names.length} files belong to this account alone, and a passphrase ` +
        'protects the root key.',
      unmet: 'Somebody else could use the root key, and with it open everything that is stored.',
      todo:
        'Mode 0700 on the directory, 0600 on its files. A passphrase is set with keys.passphrase ' +
        'before the first start; ' +
        'of a key that exists it is changed with changePassphrase of packages/seal (there is no command yet).',
    });
  },
});
