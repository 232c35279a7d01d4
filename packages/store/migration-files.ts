import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '@safeguard/kernel';
import type { MigrationSet } from './types.ts';

/** One `NNNN-name.sql`. */
export interface Migration {
  readonly package: string;
  readonly number: number;
  readonly name: string;
  readonly file: string;
  readonly text: string;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
}

const form = /^(\d{4})-([a-z0-9-]+)\.sql$/;

/**
 * Reads a folder of migrations, in the order of their numbers, which must run 1, 2, 3 … without gap.
 * @throws Fault `internal` naming the file that breaks a rule
 */
export function readMigrations(set: MigrationSet): Migration[] {
  const files = readdirSync(set.folder).filter((name) => name.endsWith('.sql'));
  const migrations = files.map((name) => readMigration(set, name)).sort((a, b) => a.number - b.number);
  for (const [index, { number, file }] of migrations.entries()) {
    if (number === index + 1) continue;
    throw fault('internal', `Migration ${file} has number ${number}, but the next one must be ${index + 1}.`);
  }
  return migrations;
}

function readMigration(set: MigrationSet, file: string): Migration {
  const [, number, name] = form.exec(file) ?? [];
  const path = join(set.folder, file);
  if (number === undefined || name === undefined) {
    throw fault('internal', `Migration ${path} must be named like 0001-what-it-does.sql.`);
  }
  const text = readFileSync(path, 'utf8');
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { package: set.package, number: Number(number), name, file: path, text, sha256 };
}
