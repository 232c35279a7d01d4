import { randomBytes } from 'node:crypto';
import { type Check, isFault, newId, resultOf } from '@safeguard/kernel';
import { type Binding, type DataKey, noOwner, type Vault } from '../types.ts';
import type { SealCheckDeps } from './checks.ts';
import { someOf } from './some.ts';
import { type Stored, storedOf } from './stored.ts';

/** The regions of a sealed body, each by a byte in it. Negative: from the end. */
const regions: readonly (readonly [name: string, at: number])[] = [
  ['the format', 0],
  ['the flags', 1],
  ['the nonce', 2],
  ['the content', 14],
  ['the end of the content', -17],
  ['the tag', -16],
  ['the end of the tag', -1],
];

const stored_each = 4;
const tenants_most = 8;

function flipped(sealed: Buffer, at: number): Buffer {
  const copy = Buffer.from(sealed);
  const place = at < 0 ? copy.length + at : at;
  copy[place] = (copy[place] ?? 0) ^ 1;
  return copy;
}

function opens(vault: Vault, key: DataKey, binding: Binding, sealed: Buffer): boolean {
  try {
    vault.open(key, binding, sealed);
    return true;
  } catch (error) {
    if (isFault(error)) return false;
    throw error;
  }
}

/** Everything that must not open of a body that does, by name. */
function variants(binding: Binding, sealed: Buffer): { name: string; binding: Binding; sealed: Buffer }[] {
  const { version } = binding;
  return [
    ...regions.map(([name, at]) => ({ name: `a bit changed in ${name}`, binding, sealed: flipped(sealed, at) })),
    { name: 'the last byte cut off', binding, sealed: sealed.subarray(0, -1) },
    { name: 'put at another resource', binding: { ...binding, resource: newId() }, sealed },
    { name: 'shown as another version', binding: { ...binding, version: version + 1 }, sealed },
    { name: 'shown as something else', binding: { ...binding, purpose: 'safeguard check' }, sealed },
  ];
}

interface Tried {
  count: number;
  readonly wrong: string[];
}

function tryAll(tried: Tried, where: string, vault: Vault, key: DataKey, binding: Binding, sealed: Buffer): void {
  for (const one of variants(binding, sealed)) {
    tried.count += 1;
    if (opens(vault, key, one.binding, one.sealed)) tried.wrong.push(`${where}: it opened with ${one.name}`);
  }
}

async function fresh({ seal, scratch }: SealCheckDeps, tried: Tried): Promise<void> {
  const vault = await seal.vault('clinical', await scratch());
  const other = await seal.vault('identity', await scratch());
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  const foreign = (await other.keysFor([noOwner])).get(noOwner);
  if (key === undefined || foreign === undefined) throw new Error('no key was given');
  const binding = { resource: newId(), version: 1, purpose: 'body' };
  const plain = randomBytes(64);
  const sealed = vault.seal(key, binding, plain);
  tried.count += 2;
  if (!vault.open(key, binding, sealed).equals(plain)) tried.wrong.push('a fresh body: it opened as something else');
  if (opens(vault, foreign, binding, sealed)) tried.wrong.push('a fresh body: it opened with a key of another segment');
  tryAll(tried, 'a fresh body', vault, key, binding, sealed);
}

async function stored({ seal }: SealCheckDeps, tried: Tried, one: Stored): Promise<void> {
  const vault = await seal.vault(one.segment, one.tenant);
  const key = (await vault.keysById([one.key])).get(one.key);
  // Destroyed on purpose: nothing to open any more.
  if (key === undefined) return;
  const where = `a stored value of ${one.segment}`;
  tried.count += 1;
  if (!opens(vault, key, one.binding, one.body)) tried.wrong.push(`${where}: it does not open as it stands (altered?)`);
  tryAll(tried, where, vault, key, one.binding, one.body);
}

/** 45 CFR 164.312(c)(1), (c)(2): what was altered, moved or put back in place of a newer one does not open. */
export const tamperRefused = (deps: SealCheckDeps): Check => ({
  id: 'seal.tamper-refused',
  title: 'Altered data is refused',
  query:
    'A body sealed for the purpose, and stored ones picked at random: each opens as it stands, and not with one bit ' +
    'changed in any of its regions, cut, as another version, at another resource, or under another segment’s key.',
  every_s: 3_600,
  async run() {
    const tried: Tried = { count: 0, wrong: [] };
    await fresh(deps, tried);
    const tenants = someOf(await deps.tenants(), tenants_most);
    const rows = (await Promise.all(tenants.map((tenant) => storedOf(deps, tenant, stored_each)))).flat();
    for (const one of rows) await stored(deps, tried, one);
    return resultOf({
      examined: tried.count,
      wrong: [...new Set(tried.wrong)],
      met:
        `${tried.count} openings behaved: a fresh body and ${rows.length} stored ones open as they ` +
        'are, altered in no way.',
      unmet: 'Altered data was taken for good, or stored data does not open as it stands.',
      todo: 'Stop serving from this database until it is clear what was altered; compare with a backup and the log.',
    });
  },
});
