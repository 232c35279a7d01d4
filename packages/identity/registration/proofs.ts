import { fault } from '@safeguard/kernel';
import type { Connection, Segment } from '@safeguard/store';
import { isKeySet } from '../clients/keys.ts';
import { platform } from '../tenants.ts';
import type { PublicKeys } from '../types.ts';
import type { KeyUse, SecretUse } from './types.ts';

const day_s = 86_400;
const longestOverlap_s = 90 * day_s;

const selectUses = {
  name: 'identity.client-use.list',
  text: 'select proof, last_used_at from identity.client_use where tenant = $1 and client = $2',
};
const selectSecrets = {
  name: 'identity.client-use.secrets',
  text: `select s.id, s.created_at, s.expires_at, u.last_used_at from identity.client_secret s
    left join identity.client_use u on u.client = s.client and u.proof = s.id::text
    where s.tenant = $1 and s.client = $2 and (s.expires_at is null or s.expires_at > $3)
    order by s.number desc limit 2`,
};
const writeKeys = {
  name: 'identity.application.keys',
  text: `update identity.client set jwks = $2 where id = $1 and jwks_uri is null and state = 'approved'
    and auth_method = 'private_key_jwt' returning id`,
};

type Key = PublicKeys['keys'][number];

/** `exp` of a key, seconds (OpenID Federation 1.0 8.7 names it so): from then on it proves nothing. */
const endOf = ({ exp }: Key): number | null => (typeof exp === 'number' ? exp : null);

/** Keys that count at this moment; a set without an end in it is itself. */
export const liveKeys = (jwks: PublicKeys, now: number): PublicKeys => ({
  keys: jwks.keys.filter((key) => (endOf(key) ?? Number.POSITIVE_INFINITY) * 1000 > now),
});

const badKey = () => {
  const text = 'jwk: expected one public key with a kid that is not in use';
  return fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'jwk' }] });
};

/** The new key beside the newest of those before, which ends with the overlap: two at most, at any moment. */
export function rotated(before: PublicKeys | null, given: Key, now: number, overlap_s = day_s): PublicKeys {
  if (!Number.isInteger(overlap_s) || overlap_s < 0 || overlap_s > longestOverlap_s) {
    throw fault('invalid', `The overlap of two keys is between 0 and ${longestOverlap_s} seconds.`);
  }
  const { exp: _, ...jwk } = given;
  const live = before === null ? [] : liveKeys(before, now).keys;
  if (!isKeySet({ keys: [jwk] }) || live.some(({ kid }) => kid === jwk['kid'])) throw badKey();
  const newest = live.findLast((key) => endOf(key) === null) ?? live.at(-1);
  const ends = Math.floor(now / 1000) + overlap_s;
  const kept =
    newest === undefined || overlap_s === 0 ? [] : [{ ...newest, exp: Math.min(ends, endOf(newest) ?? ends) }];
  return { keys: [...kept, jwk] };
}

export async function writeJwks(connection: Connection, id: string, jwks: PublicKeys): Promise<void> {
  if ((await connection.query(writeKeys, [id, JSON.stringify(jwks)])).length > 0) return;
  throw fault('conflict', 'Only an application in force whose keys are held here by value rotates them here.');
}

export async function keyUses(
  segment: Segment,
  { tenant, id, jwks }: { readonly tenant: number; readonly id: string; readonly jwks: PublicKeys | null },
  now: number,
): Promise<KeyUse[]> {
  const rows = await segment.query<{ proof: string; last_used_at: Date }>(platform, selectUses, [tenant, id]);
  const last = new Map(rows.map(({ proof, last_used_at }) => [proof, last_used_at.getTime()]));
  return (jwks === null ? [] : liveKeys(jwks, now).keys).map((key) => {
    const end = endOf(key);
    const kid = String(key['kid']);
    return { kid, ends_at: end === null ? null : end * 1000, last_used_at: last.get(kid) ?? null };
  });
}

type SecretRow = { id: string; created_at: Date; expires_at: Date | null; last_used_at: Date | null };

export async function secretUses(segment: Segment, tenant: number, id: string, now: number): Promise<SecretUse[]> {
  const rows = await segment.query<SecretRow>(platform, selectSecrets, [tenant, id, new Date(now)]);
  return rows.map(({ created_at, expires_at, last_used_at, ...rest }) => ({
    ...rest,
    created_at: created_at.getTime(),
    ends_at: expires_at?.getTime() ?? null,
    last_used_at: last_used_at?.getTime() ?? null,
  }));
}
