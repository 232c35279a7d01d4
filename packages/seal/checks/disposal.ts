import { randomBytes } from 'node:crypto';
import { type Check, isFault, newId, resultOf } from '@safeguard/kernel';
import type { DataKey, Vault } from '../types.ts';
import type { SealCheckDeps } from './checks.ts';

const rowOf = {
  name: '',
  text: `select count(*)::int as keys,
      count(*) filter (where wrapped is null and destroyed_at is not null)::int as tombs
    from seal.data_key where tenant = $1 and id = $2`,
};

const segmentsOf = ['identity', 'clinical'] as const;

interface Piece {
  readonly vault: Vault;
  readonly key: DataKey;
  readonly binding: { readonly resource: string; readonly version: number; readonly purpose: string };
  readonly sealed: Buffer;
}

async function sealOne(
  { seal }: SealCheckDeps,
  segment: Vault['segment'],
  tenant: number,
  owner: string,
): Promise<Piece> {
  const vault = await seal.vault(segment, tenant);
  const key = (await vault.keysFor([owner])).get(owner);
  if (key === undefined) throw new Error('no key was given');
  const binding = { resource: newId(), version: 1, purpose: 'body' };
  const plain = randomBytes(64);
  const sealed = vault.seal(key, binding, plain);
  if (!vault.open(key, binding, sealed).equals(plain)) throw new Error('what was sealed did not open');
  return { vault, key, binding, sealed };
}

/** Whether something that must fail with Fault `gone` does. */
async function isGone(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (isFault(error) && error.kind === 'gone') return true;
    throw error;
  }
}

async function leftOf({ segments }: SealCheckDeps, { vault, key, binding, sealed }: Piece): Promise<string[]> {
  const { segment, tenant } = vault;
  const [row] = await segments[segment].query<{ keys: number; tombs: number }>(tenant, rowOf, [tenant, key.id]);
  const opened = !(await isGone(() => vault.open(key, binding, sealed)));
  const remade = !(await isGone(() => vault.keysFor([key.owner])));
  const found = (await vault.keysById([key.id])).size > 0;
  return [
    ...(opened ? [`${segment}: the data still opened`] : []),
    ...(remade ? [`${segment}: a key was given to the owner again`] : []),
    ...(found ? [`${segment}: the key was found by its number`] : []),
    ...(row?.keys === 1 && row.tombs === 1
      ? []
      : [`${segment}: the row of the key is not the tombstone that it must be`]),
  ];
}

/**
 * 45 CFR 164.310(d)(2)(i): data whose key was destroyed is gone, wherever copies of it are. Leaves one tombstone in two
 * segments of the checks' own tenant at every run.
 */
export const disposal = (deps: SealCheckDeps): Check => ({
  id: 'seal.disposal',
  title: 'Destroyed keys leave nothing to open',
  query:
    'Makes keys for an owner that nobody is, seals data under them in identity and clinical, ' +
    'destroys the keys by the ' +
    'way that patients’ are, and tries to open the data, to get the keys, and to have new ones made.',
  every_s: 86_400,
  async run() {
    const [tenant, owner] = [await deps.scratch(), newId()];
    const pieces = await Promise.all(segmentsOf.map((segment) => sealOne(deps, segment, tenant, owner)));
    const { keys } = await deps.seal.destroy(tenant, owner);
    const left = await Promise.all(pieces.map((piece) => leftOf(deps, piece)));
    const fewer = keys === pieces.length ? [] : [`${keys} of ${pieces.length} keys were overwritten`];
    return resultOf({
      examined: pieces.length,
      wrong: [...fewer, ...left.flat()],
      met:
        'Keys were made, used and destroyed in two segments: the data opens no more, and the keys ' +
        'cannot be had again.',
      unmet: 'Data whose key was destroyed can still be opened, so a patient’s data would outlive its disposal.',
      todo: 'Do not rely on disposal by key until this is met; look at triggers and rights on seal.data_key.',
    });
  },
});
