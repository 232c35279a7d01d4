import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { fault } from '@safeguard/kernel';
import type { Argon2Cost } from './deps.ts';

const run = promisify(argon2);
const bytes = { salt: 16, tag: 32 };

/** A password hash as a PHC string: its cost stands beside it, so that it can be raised. */
const form = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

const unpadded = (raw: Buffer): string => raw.toString('base64').replaceAll('=', '');

const phc = ({ memory_kib, passes, lanes }: Argon2Cost, salt: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${memory_kib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`;

interface Parsed {
  readonly cost: Argon2Cost;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

function parse(text: string): Parsed {
  const [, memory, passes, lanes, salt = '', tag = ''] = form.exec(text) ?? [];
  if (memory === undefined) throw fault('internal', 'A password hash is not one.');
  const cost = { memory_kib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  return { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

/** argon2id on a thread of libuv's pool: about 25 ms of one core and 19 MiB at the usual cost. */
const tagOf = (password: string, salt: Buffer, { memory_kib, passes, lanes }: Argon2Cost): Promise<Buffer> =>
  run('argon2id', {
    message: Buffer.from(password),
    nonce: salt,
    parallelism: lanes,
    tagLength: bytes.tag,
    memory: memory_kib,
    passes,
  });

export async function hashPassword(password: string, cost: Argon2Cost): Promise<string> {
  const salt = randomBytes(bytes.salt);
  return phc(cost, salt, await tagOf(password, salt, cost));
}

/**
 * Hashes of several secrets under one salt, so that a try at any of them costs one hash: see `matchingOf`. One after
 * the other, as on one thread.
 */
export async function hashTogether(secrets: readonly string[], cost: Argon2Cost): Promise<string[]> {
  const salt = randomBytes(bytes.salt);
  const hashes: string[] = [];
  for (const secret of secrets) hashes.push(phc(cost, salt, await tagOf(secret, salt, cost)));
  return hashes;
}

/** A hash that no password has, but for a chance of 2^-256: checking against it takes as long as against a real one. */
export const decoyHash = (cost: Argon2Cost): string => phc(cost, randomBytes(bytes.salt), randomBytes(bytes.tag));

export async function matchesHash(password: string, stored: string): Promise<boolean> {
  const { cost, salt, tag } = parse(stored);
  return timingSafeEqual(await tagOf(password, salt, cost), tag);
}

/**
 * Which of several hashes under one salt is the secret's, or undefined: one hash is made and compared with all of them,
 * so that the time tells nothing of which it was. Fault `internal` when they have not all one salt and cost.
 */
export async function matchingOf(secret: string, stored: readonly string[]): Promise<number | undefined> {
  const [first, ...others] = stored.map(parse);
  if (first === undefined || others.some(({ salt }) => !salt.equals(first.salt))) {
    throw fault('internal', 'Hashes that belong together are not.');
  }
  const made = await tagOf(secret, first.salt, first.cost);
  const equal = [first, ...others].map(({ tag }) => timingSafeEqual(made, tag));
  const found = equal.indexOf(true);
  return found < 0 ? undefined : found;
}

/** `count` decoys under one salt. */
export function decoyHashes(count: number, cost: Argon2Cost): string[] {
  const salt = randomBytes(bytes.salt);
  return Array.from({ length: count }, () => phc(cost, salt, randomBytes(bytes.tag)));
}

/** True when the hash cost less than hashes cost today. */
export function isWeaker(stored: string, today: Argon2Cost): boolean {
  const { cost } = parse(stored);
  return cost.memory_kib < today.memory_kib || cost.passes < today.passes;
}
