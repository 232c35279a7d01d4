import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@safeguard/kernel';
import type { Query } from '@safeguard/verifier';
import pg from 'pg';

/** Where the ledger is, as the running instance tells (`GET /ledger/source`). */
export interface LedgerSource {
  readonly reader: {
    /** Socket directory or host name. */
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
    /** As node:tls takes it; false on a socket or loopback. */
    readonly ssl: object | false;
  };
  /** Raw Ed25519 public key, base64. */
  readonly public_key: string;
  /** Directory of the newest checkpoints as files. */
  readonly anchors: string;
}

/** The signed notes that are kept outside the database. */
export async function readAnchors(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const notes = names.filter((name) => name.endsWith('.checkpoint')).sort();
  return Promise.all(notes.map((name) => readFile(join(folder, name), 'utf8')));
}

/** The key in its 32 bytes. */
export function publicKeyOf({ public_key }: LedgerSource): Buffer {
  const key = Buffer.from(public_key, 'base64');
  if (key.length !== 32) throw fault('internal', 'the instance names no Ed25519 public key');
  return key;
}

/** Runs `work` on a read-only connection that sees one state of the ledger from the first to the last row. */
export async function withReader<T>({ reader }: LedgerSource, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client(reader);
  // A connection that breaks is told by the query that it broke.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin transaction isolation level repeatable read read only');
    return await work(
      async (text, values) => (await client.query(text, [...values])).rows as Record<string, unknown>[],
    );
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    if (typeof code !== 'string') throw cause;
    throw fault('unavailable', `the ledger database does not answer (${code})`, { cause });
  } finally {
    await client.end();
  }
}
