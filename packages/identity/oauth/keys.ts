import { type Clock, fault } from '@safeguard/kernel';
import type { Connection, Segment } from '@safeguard/store';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import type { Sealed, Sealing } from './sealed.ts';

export const signingAlgorithms = ['RS256', 'ES384'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

const hour_s = 3_600;
const longestWait_s = 30 * 86_400;
/** Longer than any ID token lives, and than a client keeps the set (RFC 7517 knows no limit; a day is usual). */
const overlap_ms = 86_400_000;

const insert = {
  name: 'identity.signing-key.insert',
  text: `insert into identity.signing_key (kid, alg, key_id, sealed, created_at, signs_from)
    values ($1, $2, $3, $4, $5, $6)`,
};
/** Processes that start together make one set of keys: the lock is this transaction's. */
const lock = { name: 'identity.signing-key.lock', text: `select pg_advisory_xact_lock(7236114) is null as held` };
const select = {
  name: 'identity.signing-key.open',
  text: `select kid, alg, key_id, sealed, signs_from from identity.signing_key
    where ends_at is null or ends_at > $1 order by signs_from desc, kid`,
};
const retire = {
  name: 'identity.signing-key.retire',
  text: 'update identity.signing_key set ends_at = $1 where ends_at is null and not (kid = any($2::text[]))',
};
const remove = {
  name: 'identity.signing-key.sweep',
  text: 'delete from identity.signing_key where ends_at < $1 returning kid',
};

type Row = { kid: string; alg: SigningAlgorithm; signs_from: Date } & Sealed;

/** Private keys in the order in which they are chosen: of each algorithm the one that signs now comes first. */
export interface SigningKeys {
  current(): Promise<{ readonly name: string; readonly keys: readonly JWK[] }>;
  rotate(options?: { readonly publish_s?: number }): Promise<{ readonly kids: readonly string[] }>;
  sweep(): Promise<number>;
}

async function newKey(alg: SigningAlgorithm): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' };
}

interface KeyDeps {
  readonly segment: Segment;
  readonly clock: Clock;
  readonly sealing: Sealing;
}

const kindOfKey = 'signing key';

/** Keys are made and sealed before the transaction: its connection is the only one it may use. */
async function makeKeys({ clock, sealing }: KeyDeps, signs_from: number) {
  const at = new Date(clock.now());
  return Promise.all(
    signingAlgorithms.map(async (alg) => {
      const key = await newKey(alg);
      const { key_id, sealed } = await sealing.seal(platform, undefined, kindOfKey, sha256(key.kid), { ...key });
      return { kid: key.kid, values: [key.kid, alg, key_id, sealed, at, new Date(signs_from)] };
    }),
  );
}

async function insertAll(connection: Connection, made: Awaited<ReturnType<typeof makeKeys>>): Promise<void> {
  for (const { values } of made) await connection.query(insert, values);
}

async function ensure(deps: KeyDeps): Promise<void> {
  const { segment, clock } = deps;
  const at = new Date(clock.now());
  if ((await segment.query(platform, select, [at])).length > 0) return;
  const made = await makeKeys(deps, clock.now());
  await segment.transaction(platform, async (connection) => {
    await connection.query(lock);
    if ((await connection.query(select, [at])).length === 0) await insertAll(connection, made);
  });
}

/** Those that sign come before those that only wait or only verify. */
function inOrder(rows: readonly Row[], now: number): Row[] {
  const signs = rows.filter(({ signs_from }) => signs_from.getTime() <= now);
  return [...signs, ...rows.filter((row) => !signs.includes(row))];
}

/** How long a set is used before it is read again: far less than the hour for which a new key waits. */
const fresh_ms = 10_000;

export function createSigningKeys(deps: KeyDeps): SigningKeys {
  const { segment, clock, sealing } = deps;
  let held: { readonly at_ms: number; readonly keys: ReturnType<typeof read> } | undefined;
  const read = async () => {
    await ensure(deps);
    const rows = inOrder(await segment.query<Row>(platform, select, [new Date(clock.now())]), clock.now());
    const opened = await Promise.all(rows.map((row) => sealing.open(platform, kindOfKey, sha256(row.kid), row)));
    if (opened.some((key) => key === undefined)) throw fault('internal', 'A signing key cannot be opened.');
    return { name: rows.map(({ kid }) => kid).join(' '), keys: opened as JWK[] };
  };
  return {
    current() {
      if (held !== undefined && performance.now() - held.at_ms < fresh_ms) return held.keys;
      const keys = read();
      held = { at_ms: performance.now(), keys };
      keys.catch(() => {
        held = undefined;
      });
      return keys;
    },
    async rotate({ publish_s = hour_s } = {}) {
      if (!Number.isInteger(publish_s) || publish_s < 0 || publish_s > longestWait_s) {
        throw fault('invalid', `A new key waits between 0 and ${longestWait_s} seconds before it signs.`);
      }
      const signs_from = clock.now() + publish_s * 1000;
      const made = await makeKeys(deps, signs_from);
      const kids = made.map(({ kid }) => kid);
      await segment.transaction(platform, async (connection) => {
        await connection.query(lock);
        await insertAll(connection, made);
        await connection.query(retire, [new Date(signs_from + overlap_ms), kids]);
      });
      held = undefined;
      return { kids };
    },
    sweep: async () => (await segment.query(platform, remove, [new Date(clock.now() - overlap_ms)])).length,
  };
}
