import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Clock, fault, isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Attempts } from './attempts.ts';
import { isSecret, sha256 } from './secrets.ts';
import { platform } from './tenants.ts';
import type { ClientCredentials } from './types.ts';

/** The client that proved itself, and the secret it did it with. */
export interface ProvenClient {
  readonly client_id: string;
  readonly secret_id: string;
  readonly scopes: readonly string[];
}

export interface VerifyDeps {
  readonly segment: Segment;
  readonly clock: Clock;
  readonly attempts: Attempts;
  /** Constant-time comparison of two 32-byte hashes; a test counts its calls. */
  readonly equal?: (left: Buffer, right: Buffer) => boolean;
  /** Told when the id is that of a client we know, proven or not: for the audit log only. */
  readonly known?: (client_id: string) => void;
}

/** A client that is revoked or not approved is found too: the log can name it. Two secrets at most are valid. */
const select = {
  name: 'identity.client.verify',
  text: `select c.id, c.scopes, c.state, s.id as secret_id, s.hash
    from identity.client c
    left join identity.client_secret s on s.client = c.id and (s.expires_at is null or s.expires_at > $2)
    where c.id = $1 order by s.number desc nulls last limit 2`,
};
type Row = {
  id: string;
  scopes: string[];
  state: string;
  secret_id: string | null;
  hash: Buffer | null;
};

const nobody = '00000000-0000-0000-0000-000000000000';
/** Stands where a client has no second secret, or is none: equal to no hash that anyone can present. */
const decoy = randomBytes(32);

/** The one text for every failure: it tells nothing about which part was wrong. */
export const refusedClient = () => fault('unauthenticated', 'The client is unknown or its secret is wrong.');

/**
 * Proves a confidential client. Whatever is wrong (no such client, a malformed id, a wrong, expired or revoked
 * secret), the same work is done: one query by key, one hash, two comparisons in constant time; and the same Fault
 * `unauthenticated` is thrown. After too many failures Fault `tooMany`, before any of it and whoever it names.
 */
export async function verifyClient(deps: VerifyDeps, given: ClientCredentials, remote: string): Promise<ProvenClient> {
  const { clock, attempts, equal = timingSafeEqual } = deps;
  const wait_s = attempts.wait_s(given.client_id, remote);
  if (wait_s > 0) throw fault('tooMany', 'Too many failed attempts; try again later.', { retry_after_s: wait_s });
  const id = isUuid(given.client_id) ? given.client_id : nobody;
  const presented = sha256(isSecret(given.client_secret) ? given.client_secret : '');
  const rows = await deps.segment.query<Row>(platform, select, [id, new Date(clock.now())]);
  const [first, second] = rows;
  if (first !== undefined) deps.known?.(first.id);
  const isFirst = equal(presented, first?.hash ?? decoy);
  const isSecond = equal(presented, second?.hash ?? decoy);
  const proven = isFirst ? first : isSecond ? second : undefined;
  if (proven === undefined || proven.state !== 'approved' || proven.secret_id === null) {
    attempts.failed(given.client_id, remote);
    throw refusedClient();
  }
  attempts.succeeded(given.client_id, remote);
  return { client_id: proven.id, secret_id: proven.secret_id, scopes: proven.scopes };
}
