import type { NoticeKind } from '@safeguard/access';
import { isUuid } from '@safeguard/kernel';
import { day_ms, type Owed, standings } from './acknowledge.ts';
import type { PoliciesDeps } from './deps.ts';
import { publishedOf } from './rows.ts';
import type { PolicyVersion } from './types.ts';

/** Days before the last day at which people are told once more. */
const owed_days = 7;
const review_days = 30;

const tellOnce = {
  name: 'programme.policy-told.insert',
  text: `insert into programme.policy_told (tenant, version, account, what, told_at)
    select $1, $2, account, $3, $4 from unnest($5::uuid[]) as account on conflict do nothing returning account`,
};

interface Matter {
  readonly version: PolicyVersion;
  readonly what: string;
  readonly kind: NoticeKind;
  readonly to: readonly string[];
}

/** Which reminder an acknowledgement has come to: only the last one counts, so that nobody gets three at once. */
function whatOf({ by }: Owed, now: number): string {
  if (now > by) return 'overdue';
  return now > by - owed_days * day_ms ? 'due-soon' : 'published';
}

async function owedMatters(deps: PoliciesDeps, tenant: number, now: number): Promise<Matter[]> {
  const all = (await standings(deps, tenant)).flatMap(({ account, owed }) =>
    owed.map((one) => ({ account, version: one.version, what: whatOf(one, now) })),
  );
  const grouped = Map.groupBy(all, ({ version, what }) => `${version.id} ${what}`);
  return [...grouped.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { version, what } = first;
    return [{ version, what, kind: 'policy-to-acknowledge' as const, to: group.map(({ account }) => account) }];
  });
}

async function keepersOf(deps: PoliciesDeps, tenant: number, owner: string): Promise<readonly string[]> {
  const keepers = await deps.holders(tenant, owner);
  return keepers.length > 0 ? keepers : deps.holders(tenant, 'administrator');
}

async function reviewMatters(deps: PoliciesDeps, tenant: number, now: number): Promise<Matter[]> {
  const matters: Matter[] = [];
  for (const version of await publishedOf(deps, tenant)) {
    const left_ms = (version.review_due_at ?? Number.POSITIVE_INFINITY) - now;
    if (left_ms > review_days * day_ms) continue;
    // Named by the day that it is due: after a review the next one is another matter.
    const day = new Date(version.review_due_at ?? 0).toISOString().slice(0, 10);
    const what = `${left_ms > 0 ? 'review-soon' : 'review-due'}-${day}`;
    const to = await keepersOf(deps, tenant, version.content.owner);
    matters.push({ version, what, kind: 'policy-review-due', to });
  }
  return matters;
}

/** Told to those who were not told before, by whichever process. Answers how many. */
async function tell(deps: PoliciesDeps, tenant: number, { version, what, kind, to }: Matter): Promise<number> {
  const at = deps.clock.now();
  const accounts = to.filter(isUuid);
  if (accounts.length === 0) return 0;
  return deps.segment.transaction(tenant, async (connection) => {
    const values = [tenant, version.id, what, new Date(at), accounts];
    const rows = await connection.query<{ account: string }>(tellOnce, values);
    const fresh = rows.map(({ account }) => account);
    await deps.tell.tell(connection, { tenant, kind, to: fresh, about: version.id, at, again: what });
    return fresh.length;
  });
}

/** Every tenant's: what people owe, and reviews that are due. */
export async function remind(deps: PoliciesDeps): Promise<number> {
  let count = 0;
  for (const tenant of await deps.people.tenants()) {
    const now = deps.clock.now();
    const matters = [...(await owedMatters(deps, tenant, now)), ...(await reviewMatters(deps, tenant, now))];
    for (const matter of matters) count += await tell(deps, tenant, matter);
  }
  return count;
}
