import { fault, isUuid } from '@safeguard/kernel';
import { everyone, numberOf } from '../workflow/deps.ts';
import type { Actor } from '../workflow/types.ts';
import { inForce, missingPolicy, type PoliciesDeps, type Worker } from './deps.ts';
import { publishedOf } from './rows.ts';
import type { Acknowledgement, PolicyVersion } from './types.ts';

const insert = {
  name: 'programme.acknowledgement.insert',
  text: `insert into programme.acknowledgement (tenant, account, policy, number, digest, at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
};
const select = {
  name: 'programme.acknowledgement.list',
  text: `select account, policy, number, digest, at from programme.acknowledgement
    where tenant = $1 and ($2::uuid is null or account = $2) order by at, policy, number`,
};
type Row = Omit<Acknowledgement, 'at'> & { at: Date };

export const day_ms = 86_400_000;

export async function acknowledgementsOf({ segment }: PoliciesDeps, tenant: number, account?: string) {
  const rows = await segment.query<Row>(tenant, select, [tenant, account ?? null]);
  return rows.map(({ at, ...rest }): Acknowledgement => ({ ...rest, at: at.getTime() }));
}

/**
 * By the person alone, of the version in force and of its text. Again: the first one stands. Fault `conflict` for
 * another digest or an older version.
 */
export async function acknowledge(
  deps: PoliciesDeps,
  { tenant, id: account }: Actor,
  policy: string,
  number: number,
  digest: string,
): Promise<Acknowledgement> {
  const workers = isUuid(account) ? await deps.workforce(tenant) : [];
  if (!workers.some((one) => one.account === account)) {
    throw fault('forbidden', 'Access denied: people of the workforce acknowledge policies, each for themselves.');
  }
  const [version] = await publishedOf(deps, tenant, policy);
  if (version === undefined) throw missingPolicy();
  if (version.number !== number || version.digest !== digest) {
    throw fault('conflict', 'Another version, or another text, is in force: read that one.');
  }
  const at = new Date(deps.clock.now());
  await deps.segment.query(tenant, insert, [tenant, account, policy, number, digest, at]);
  const mine = await acknowledgementsOf(deps, tenant, account);
  const made = mine.find((one) => one.policy === policy && one.number === number);
  if (made === undefined) throw fault('internal', 'An acknowledgement was not kept.');
  return made;
}

export interface Owed {
  readonly version: PolicyVersion;
  /** Milliseconds since the Unix epoch. */
  readonly by: number;
}
/** What each active person of the workforce has still to acknowledge, and what they did. */
export interface Standing {
  readonly account: string;
  readonly done: readonly Acknowledgement[];
  readonly owed: readonly Owed[];
}

async function holdersOf(deps: PoliciesDeps, tenant: number, versions: readonly PolicyVersion[]) {
  const roles = new Set(versions.flatMap(({ content }) => content.acknowledge));
  roles.delete(everyone);
  const found = await Promise.all(
    [...roles].map(async (role) => [role, new Set(await deps.holders(tenant, role))] as const),
  );
  return new Map(found);
}

function owedBy(
  deps: PoliciesDeps,
  { account, since }: Worker,
  versions: readonly PolicyVersion[],
  holders: ReadonlyMap<string, ReadonlySet<string>>,
  done: readonly Acknowledgement[],
): Owed[] {
  const days = numberOf(inForce(deps), 'policies.acknowledge_days');
  const concerns = ({ content }: PolicyVersion): boolean =>
    content.acknowledge.some((role) => role === everyone || holders.get(role)?.has(account) === true);
  const isDone = ({ policy, number, digest }: PolicyVersion): boolean =>
    done.some((one) => one.policy === policy && one.number === number && one.digest === digest);
  return versions
    .filter((version) => concerns(version) && !isDone(version))
    .map((version) => ({ version, by: Math.max(version.published_at ?? 0, since) + days * day_ms }));
}

/** Of all active people, or of one of them. */
export async function standings(deps: PoliciesDeps, tenant: number, account?: string): Promise<readonly Standing[]> {
  const workers = (await deps.workforce(tenant)).filter((one) => account === undefined || one.account === account);
  const versions = await publishedOf(deps, tenant);
  const holders = await holdersOf(deps, tenant, versions);
  const byAccount = Map.groupBy(await acknowledgementsOf(deps, tenant, account), (one) => one.account);
  return workers.map((worker) => {
    const done = byAccount.get(worker.account) ?? [];
    return { account: worker.account, done, owed: owedBy(deps, worker, versions, holders, done) };
  });
}
