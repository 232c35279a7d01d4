import { noOwner, type Vault } from '@safeguard/seal';
import { platform } from '../tenants.ts';
import { checkPassword, normalPassword } from './check-password.ts';
import { type Argon2Cost, type AuthenticatorDeps, hashingOf } from './deps.ts';
import { enrol } from './enrol.ts';
import { decoyHash, hashPassword, isWeaker, matchesHash } from './hash.ts';
import { openFrom, type SealedPlace, type SealedRow, sealFor } from './sealed.ts';
import type { Passwords, PreparedPassword } from './types.ts';

/** Who may not sign in has no password, whatever is stored. */
const select = {
  name: 'identity.password.find',
  text: `select p.key_id, p.version, p.sealed from identity.password p join identity.account a on a.id = p.account
    where p.account = $1 and p.tenant = $2 and a.state = 'active' and not a.external`,
};
const exists = {
  name: 'identity.password.has',
  text: 'select 1 as one from identity.password where account = $1 and tenant = $2',
};
/** Only over the hash that was checked: a password that was changed meanwhile stays. */
const replace = {
  name: 'identity.password.rehash',
  text: `update identity.password set key_id = $4, version = $5, sealed = $6
    where account = $1 and tenant = $2 and version = $3`,
};

type Stored = { readonly hash: string; readonly version: number };
type PasswordRow = SealedRow & { version: number; [column: string]: unknown };

const placeOf = (account: string, version: number): SealedPlace => ({
  resource: account,
  version,
  purpose: 'password',
});

/** Hashes and seals: what `enrol` writes. */
export async function preparePassword(
  deps: AuthenticatorDeps,
  tenant: number,
  account: string,
  text: string,
): Promise<PreparedPassword> {
  const { cost, gate } = hashingOf(deps);
  const normal = normalPassword(text);
  if (normal === undefined) throw new TypeError('a password was not checked before it was set');
  const hash = await gate.run(() => hashPassword(normal, cost));
  const version = deps.clock.now();
  const { key_id, sealed } = await sealFor(await deps.vault(tenant), account, placeOf(account, version), hash);
  return { tenant, account, key_id, version, sealed: sealed.toString('base64') };
}

/** One decoy per tenant, sealed as a real hash is, so that an account that is not there takes the same steps. */
function createDecoys(cost: Argon2Cost): (vault: Vault) => Promise<SealedRow> {
  const decoys = new Map<number, Promise<SealedRow>>();
  return (vault) => {
    let decoy = decoys.get(vault.tenant);
    if (decoy === undefined) {
      decoy = sealFor(vault, noOwner, placeOf(noOwner, 0), decoyHash(cost));
      decoys.set(vault.tenant, decoy);
      decoy.catch(() => decoys.delete(vault.tenant));
    }
    return decoy;
  };
}

type FindHash = (tenant: number, account: string | undefined) => Promise<{ stored?: Stored; hash: string }>;

function createFindHash({ segment, vault }: AuthenticatorDeps, cost: Argon2Cost): FindHash {
  const decoyOf = createDecoys(cost);
  return async (tenant, account = noOwner) => {
    const keys = await vault(tenant);
    const decoy = await decoyOf(keys);
    const [row] = await segment.query<PasswordRow>(tenant, select, [account, tenant]);
    if (row === undefined) return { hash: await openFrom<string>(keys, placeOf(noOwner, 0), decoy) };
    const hash = await openFrom<string>(keys, placeOf(account, row.version), row);
    return { hash, stored: { hash, version: row.version } };
  };
}

export function createPasswords(deps: AuthenticatorDeps): Passwords {
  const { segment, vault, clock } = deps;
  const { cost, gate } = hashingOf(deps);
  const find = createFindHash(deps, cost);
  const rehash = async (tenant: number, account: string, { version }: Stored, normal: string): Promise<void> => {
    const hash = await gate.run(() => hashPassword(normal, cost));
    const next = Math.max(clock.now(), version + 1);
    const { key_id, sealed } = await sealFor(await vault(tenant), account, placeOf(account, next), hash);
    await segment.query(tenant, replace, [account, tenant, version, key_id, next, sealed]);
  };
  return {
    check: (text, context) => checkPassword(text, context, deps.passwords?.shortest_characters),
    async set(tenant, account, text) {
      const password = await preparePassword(deps, tenant, account, text);
      const at = new Date(clock.now());
      await segment.transaction(platform, (connection) => enrol(connection, tenant, account, { password }, at));
    },
    async verify(tenant, account, text) {
      const { hash, stored } = await find(tenant, account);
      const normal = normalPassword(text);
      const matches = await gate.run(() => matchesHash(normal ?? '', hash));
      if (!matches || stored === undefined || account === undefined || normal === undefined) return false;
      if (isWeaker(hash, cost)) await rehash(tenant, account, stored, normal);
      return true;
    },
    has: async (tenant, account) => (await segment.query(tenant, exists, [account, tenant])).length > 0,
  };
}
