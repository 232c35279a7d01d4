import { newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { PolicyText } from '../content/types.ts';
import { digestOf } from './text.ts';

const next = {
  name: 'programme.policy-version.next',
  text: `select coalesce(max(number), 0)::int + 1 as number from programme.policy_version
    where tenant = $1 and policy = $2`,
};
const insert = {
  name: 'programme.policy-version.insert',
  text: `insert into programme.policy_version (id, tenant, policy, number, content, digest, file_digest, source, path,
      commit, based_on, made_by, made_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
};
const drafts = {
  name: 'programme.policy-version.drafts',
  text: `select count(*)::int as n from programme.policy_version v where v.tenant = $1 and v.policy = $2
    and v.source = 'draft' and v.number > coalesce((select max(p.number) from programme.publication p
      where p.tenant = $1 and p.policy = $2), 0)`,
};
/** Whoever else adds versions of this tenant waits until the commit. */
const lock = {
  name: 'programme.policy-version.lock',
  text: `select pg_advisory_xact_lock(hashtextextended('programme.policy-version ' || $1::text, 0))`,
};

export const lockVersions = async (connection: Connection, tenant: number): Promise<void> => {
  await connection.query(lock, [tenant]);
};

/** How many drafts came after what is in force; the tenant's versions are locked. */
export async function draftsSince(connection: Connection, tenant: number, policy: string): Promise<number> {
  const [found] = await connection.query<{ n: number }>(drafts, [tenant, policy]);
  return found?.n ?? 0;
}

export interface NewVersion {
  readonly tenant: number;
  readonly content: PolicyText;
  readonly source: { readonly kind: 'repository'; readonly path: string; readonly commit?: string } | { kind: 'draft' };
  readonly based_on?: number | undefined;
  readonly made_by: string;
  readonly at: number;
}

/** Adds the next version; the tenant's versions are locked. Answers its number. */
export async function addVersion(connection: Connection, version: NewVersion): Promise<number> {
  const { tenant, content, source, based_on, made_by, at } = version;
  const [found] = await connection.query<{ number: number }>(next, [tenant, content.id]);
  const number = found?.number ?? 1;
  const from = source.kind === 'repository' ? [source.path, source.commit ?? null] : [null, null];
  const what = [newId(), tenant, content.id, number, JSON.stringify(content), digestOf(content.text), content.digest];
  await connection.query(insert, [...what, source.kind, ...from, based_on ?? null, made_by, new Date(at)]);
  return number;
}
