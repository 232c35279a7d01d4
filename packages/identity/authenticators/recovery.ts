import { randomBytes } from 'node:crypto';
import { newId } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import { platform } from '../tenants.ts';
import type { AuthenticatorDeps } from './deps.ts';
import { enrol } from './enrol.ts';
import type { PreparedCodes, RecoveryCodes } from './types.ts';

const howMany = 10;
/** Crockford's base32: 5 bits a character, none that is mistaken for another. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

const use = {
  name: 'identity.recovery_code.use',
  text: `update identity.recovery_code set used_at = $4
    where account = $1 and tenant = $2 and code_token = $3 and used_at is null
      and exists (select from identity.account a where a.id = $1 and a.tenant = $2 and a.state = 'active')
    returning set_id`,
};
const left = {
  name: 'identity.recovery_code.left',
  text: `select count(*) as count from identity.recovery_code
    where account = $1 and tenant = $2 and used_at is null`,
};

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

/**
 * What is kept of a code: 64 bits of HMAC-SHA256 under the tenant's index key, of account and code. A code has 50 bits,
 * so that nothing is lost by the cut; and without the key, which is in no database, it cannot be guessed from a dump.
 * It is found by an index: what the time of that tells is of the keyed hash, not of the code.
 */
const codeToken = (vault: Vault, account: string, code: string): string =>
  vault.token('recovery-code', `${account} ${code.replace('-', '')}`).toString();

/** Ten codes, and what `enrol` writes of them. */
export async function prepareCodes(
  { vault }: AuthenticatorDeps,
  tenant: number,
  account: string,
): Promise<{ codes: string[]; prepared: PreparedCodes }> {
  const keys = await vault(tenant);
  const codes = Array.from({ length: howMany }, newCode);
  const tokens = codes.map((code) => codeToken(keys, account, code));
  return { codes, prepared: { tenant, account, id: newId(), tokens } };
}

export function createRecoveryCodes(deps: AuthenticatorDeps): RecoveryCodes {
  const { segment, vault, clock } = deps;
  return {
    async make(tenant, account) {
      const { codes, prepared } = await prepareCodes(deps, tenant, account);
      const at = new Date(clock.now());
      await segment.transaction(platform, (connection) => enrol(connection, tenant, account, { codes: prepared }, at));
      return codes;
    },
    async use(tenant, account, code) {
      const normal = normalCode(code);
      if (normal === undefined) return false;
      const values = [account, tenant, codeToken(await vault(tenant), account, normal), new Date(clock.now())];
      return (await segment.query(tenant, use, values)).length > 0;
    },
    async left(tenant, account) {
      const [row] = await segment.query<{ count: number }>(tenant, left, [account, tenant]);
      return row?.count ?? 0;
    },
  };
}
