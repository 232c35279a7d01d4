import { type Check, resultOf } from '@safeguard/kernel';
import { noOwner } from '../types.ts';
import type { SealCheckDeps } from './checks.ts';
import { someOf } from './some.ts';
import { type Stored, storedOf } from './stored.ts';

const keys_most = 20_000;
const tenants_most = 8;
const stored_each = 12;

/** The newest keys: with an owner or a key commitment (see wrap.ts) that stands at more than one of them. */
const keys = {
  name: '',
  text: `with newest as (
      select id, owner, substr(wrapped, 61, 32) as commitment from seal.data_key
      where tenant = $1 order by id desc limit ${keys_most})
    select count(*)::int as keys, count(distinct owner)::int as owners,
      (count(commitment) - count(distinct commitment))::int as shared
    from newest`,
};

/** The walls in the database itself: one key has one owner, one owner one key. */
const unique = {
  name: '',
  text: `select count(*)::int as walls from pg_catalog.pg_index i
    where i.indrelid = 'seal.data_key'::regclass and i.indisunique and i.indisvalid
      and (select array_agg(a.attname::text order by a.attname) from pg_catalog.pg_attribute a
           where a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[]))
        in (array['id', 'tenant'], array['owner', 'tenant'])`,
};

interface Look {
  examined: number;
  readonly wrong: string[];
}

async function keysOf({ segments }: SealCheckDeps, tenant: number, look: Look): Promise<void> {
  for (const segment of ['identity', 'clinical'] as const) {
    const [row] = await segments[segment].query<{ keys: number; owners: number; shared: number }>(tenant, keys, [
      tenant,
    ]);
    const { keys: count = 0, owners = 0, shared = 0 } = row ?? {};
    look.examined += count;
    const at = `tenant ${tenant}, ${segment}`;
    if (owners < count) look.wrong.push(`${at}: ${count - owners} keys beyond one for each owner`);
    if (shared > 0) look.wrong.push(`${at}: ${shared} keys are the same as another owner's`);
  }
}

const named = /"reference":"Patient\/([0-9a-f-]{36})"/g;

/** Whose key a clinical value may stand under: its own person's, a named patient's, or the tenant's common one. */
async function isOwn({ seal }: SealCheckDeps, one: Stored): Promise<boolean | undefined> {
  const vault = await seal.vault(one.segment, one.tenant);
  const key = (await vault.keysById([one.key])).get(one.key);
  if (key === undefined) return undefined;
  if (key.owner === noOwner || key.owner === one.binding.resource) return true;
  const text = vault.open(key, one.binding, one.body).toString();
  return [...text.matchAll(named)].some(([, id]) => id === key.owner);
}

async function rowsOf(deps: SealCheckDeps, tenant: number, look: Look): Promise<void> {
  const rows = (await storedOf(deps, tenant, stored_each)).filter(({ segment }) => segment === 'clinical');
  for (const one of rows) {
    const own = await isOwn(deps, one);
    if (own !== undefined) look.examined += 1;
    if (own === false)
      look.wrong.push(`tenant ${tenant}, clinical: resource ${one.binding.resource} under another's key`);
  }
}

/** 45 CFR 164.312(a)(2)(iv), 164.310(d)(2)(i): each patient's data has a key of its own, which can end alone. */
export const keyPerPatient = (deps: SealCheckDeps): Check => ({
  id: 'seal.key-per-patient',
  title: 'Each patient has a key of their own',
  query:
    `The newest ${keys_most} data keys of each tenant in identity and clinical: one owner each, no ` +
    'key material twice; ' +
    'the unique indexes behind that; and clinical values picked at random stand under a key of the patient they name.',
  every_s: 21_600,
  async run() {
    const look: Look = { examined: 0, wrong: [] };
    for (const segment of ['identity', 'clinical'] as const) {
      const [row] = await deps.segments[segment].query<{ walls: number }>(0, unique);
      if ((row?.walls ?? 0) < 2)
        look.wrong.push(`${segment}: an index that keeps keys and owners one to one is missing`);
    }
    const tenants = someOf(await deps.tenants(), tenants_most);
    for (const tenant of tenants) {
      await keysOf(deps, tenant, look);
      await rowsOf(deps, tenant, look);
    }
    return resultOf({
      examined: look.examined,
      wrong: look.wrong,
      met:
        `${look.examined} keys and stored values of ${tenants.length} tenants: each key has one owner, ` +
        "each value its own patient's key.",
      unmet:
        "A key belongs to more than one owner, or data stands under another's key: ending one would end the other.",
      todo: 'Find what made the named keys; seal the data anew under keys of their own.',
    });
  },
});
