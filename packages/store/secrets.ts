import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Passwords of database roles by role name. */
export type Passwords = Readonly<Record<string, string>>;

const password_bytes = 24;

/**
 * Reads the passwords kept in `file`, makes random ones for the `roles` that have none, and keeps them (mode 0600, in a
 * directory of mode 0700, whole or not at all).
 */
export function keepPasswords(file: string, roles: readonly string[]): Passwords {
  const kept = readPasswords(file);
  const lacking = roles.filter((role) => kept[role] === undefined);
  if (lacking.length === 0) return kept;
  const all = { ...kept };
  for (const role of lacking) all[role] = randomBytes(password_bytes).toString('base64url');
  writeWhole(file, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

/** The passwords kept in `file`; none when there is no such file. */
export function readPasswords(file: string): Passwords {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Passwords;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.${process.pid}`;
  const fd = openSync(part, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(part, file);
}
