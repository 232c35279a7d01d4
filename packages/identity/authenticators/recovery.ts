import { randomBytes } from 'node:crypto';
import { newId } from '@safeguard/kernel';
import { noOwner, type Vault } from '@safeguard/seal';
import { platform } from '../tenants.ts';
import { type Argon2Cost, type AuthenticatorDeps, hashingOf } from './deps.ts';
import { enrol } from './enrol.ts';
import { decoyHashes, hashTogether, matchingOf } from './hash.ts';
import { openFrom, type SealedPlace, type SealedRow, sealFor } from './sealed.ts';
import type { PreparedCodes, RecoveryCodes } from './types.ts';

const howMany = 10;
/** Crockford's base32: 5 bits a character, none that is mistaken for another. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** All of a set, used ones too: how many are left changes nothing of the work. */
const select = {
  name: 'identity.recovery_code.find',
  text: `select c.set_id, c.position, c.key_id, c.sealed
    from identity.recovery_code c join identity.account a on a.id = c.account and a.tenant = c.tenant
    where c.account = $1 and c.tenant = $2 and a.state = 'active' order by c.position`,
};
const use = {
  name: 'identity.recovery_code.use',
  text: `update identity.recovery_code set used_at = $5
    where account = $1 and tenant = $2 and set_id = $3 and position = $4 and used_at is null
      and exists (select from identity.account a where a.id = $1 and a.tenant = $2 and a.state = 'active')
    returning set_id`,
};
const left = {
  name: 'identity.recovery_code.left',
  text: `select count(*) as count from identity.recovery_code
    where account = $1 and tenant = $2 and used_at is null`,
};

type CodeRow = SealedRow & { set_id: string; position: number; [column: string]: unknown };

function newCode(): string {
  const characters = [...randomBytes(10)].map((byte) => alphabet[byte % 32]).join('');
  return `${characters.slice(0, 5)}-${characters.slice(5)}`;
}

/** A code as it was typed: without blanks and dashes, in small letters, look-alikes as the ones that are meant. */
function normalCode(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 40) return undefined;
  const plain = text.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
  return /^[0-9a-hjkmnp-tv-z]{10}$/.test(plain) ? plain : undefined;
}

const placeOf = (set: string, position: number): SealedPlace => ({
  resource: set,
  version: position,
  purpose: 'recovery-code',
});

/** Hashes as they are kept: each sealed under its owner's key, bound to its set and place. */
async function sealedSet(vault: Vault, owner: string, set: string, hashes: readonly string[]): Promise<CodeRow[]> {
  const rows: CodeRow[] = [];
  for (const [position, hash] of hashes.entries()) {
    rows.push({ set_id: set, position, ...(await sealFor(vault, owner, placeOf(set, position), hash)) });
  }
  return rows;
}

/** Ten codes, and what `enrol` writes of them: ten hashes under one salt, in one turn at the gate. */
export async function prepareCodes(
  deps: AuthenticatorDeps,
  tenant: number,
  account: string,
): Promise<{ codes: string[]; prepared: PreparedCodes }> {
  const { cost, gate } = hashingOf(deps);
  const id = newId();
  const codes = Array.from({ length: howMany }, newCode);
  const plain = codes.map((code) => code.replace('-', ''));
  const hashes = await gate.run(() => hashTogether(plain, cost));
  const rows = await sealedSet(await deps.vault(tenant), account, id, hashes);
  const [{ key_id } = { key_id: 0 }] = rows;
  return { codes, prepared: { tenant, account, id, key_id, sealed: rows.map((row) => row.sealed.toString('base64')) } };
}

/** Ten decoys per tenant, sealed as real hashes are: who has no codes takes the same steps as who has. */
function createDecoys(cost: Argon2Cost): (vault: Vault) => Promise<CodeRow[]> {
  const decoys = new Map<number, Promise<CodeRow[]>>();
  return (vault) => {
    let made = decoys.get(vault.tenant);
    if (made === undefined) {
      made = sealedSet(vault, noOwner, noOwner, decoyHashes(howMany, cost));
      decoys.set(vault.tenant, made);
      made.catch(() => decoys.delete(vault.tenant));
    }
    return made;
  };
}

type FindCode = (tenant: number, account: string, code: string | undefined) => Promise<CodeRow | undefined>;

/** One query, ten openings, one hash, ten comparisons: whoever is asked about, and whatever was typed. */
function createFindCode(deps: AuthenticatorDeps): FindCode {
  const { segment, vault } = deps;
  const { cost, gate } = hashingOf(deps);
  const decoysOf = createDecoys(cost);
  return async (tenant, account, code) => {
    const keys = await vault(tenant);
    const decoys = await decoysOf(keys);
    const stored = await segment.query<CodeRow>(tenant, select, [account, tenant]);
    const rows = stored.length > 0 ? stored : decoys;
    const hashes: string[] = [];
    for (const row of rows) hashes.push(await openFrom<string>(keys, placeOf(row.set_id, row.position), row));
    const match = await gate.run(() => matchingOf(code ?? '', hashes));
    return match === undefined || code === undefined ? undefined : stored[match];
  };
}

export function createRecoveryCodes(deps: AuthenticatorDeps): RecoveryCodes {
  const { segment, clock } = deps;
  const find = createFindCode(deps);
  return {
    async make(tenant, account) {
      const { codes, prepared } = await prepareCodes(deps, tenant, account);
      const at = new Date(clock.now());
      await segment.transaction(platform, (connection) => enrol(connection, tenant, account, { codes: prepared }, at));
      return codes;
    },
    async use(tenant, account, code) {
      const found = await find(tenant, account, normalCode(code));
      if (found === undefined) return false;
      const values = [account, tenant, found.set_id, found.position, new Date(clock.now())];
      return (await segment.query(tenant, use, values)).length > 0;
    },
    async left(tenant, account) {
      const [row] = await segment.query<{ count: number }>(tenant, left, [account, tenant]);
      return row?.count ?? 0;
    },
  };
}
