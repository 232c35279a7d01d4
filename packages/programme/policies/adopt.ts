import { createProblems } from '../content/problems.ts';
import type { PolicyText } from '../content/types.ts';
import { serviceId } from '../workflow/deps.ts';
import { houseOf, type PoliciesDeps } from './deps.ts';
import { checkSafe } from './read-draft.ts';
import { addVersion, lockVersions } from './write.ts';

/** Digest of the newest file that was brought in, of each policy. */
const newest = {
  name: 'programme.policy-version.newest-file',
  text: `select distinct on (policy) policy, file_digest from programme.policy_version
    where tenant = $1 and source = 'repository' order by policy, number desc`,
};
type Newest = { policy: string; file_digest: string };

const isNew = (known: readonly Newest[]) => {
  const digests = new Map(known.map(({ policy, file_digest }) => [policy, file_digest]));
  return ({ id, digest }: PolicyText): boolean => digests.get(id) !== digest;
};

/**
 * Each text of `program/policies` that the house has not becomes a draft: all of them, or none where one of them holds
 * what a page must not show (Fault `invalid`). Another process that does the same at this moment waits, and finds it
 * done.
 */
export async function adopt(deps: PoliciesDeps): Promise<number> {
  const tenant = houseOf(deps);
  const { policies } = deps.content();
  const problems = createProblems();
  for (const policy of policies.values()) checkSafe(policy, problems);
  if (problems.count() > 0) throw problems.fault();
  const known = await deps.segment.query<Newest>(tenant, newest, [tenant]);
  const wanted = [...policies.values()].filter(isNew(known));
  if (wanted.length === 0) return 0;
  const commits = new Map<string, string | undefined>();
  for (const { id } of wanted) commits.set(id, await deps.commitOf?.(`policies/${id}.md`));
  return deps.segment.transaction(tenant, async (connection) => {
    await lockVersions(connection, tenant);
    const still = wanted.filter(isNew(await connection.query<Newest>(newest, [tenant])));
    for (const content of still) {
      const commit = commits.get(content.id);
      const path = `program/policies/${content.id}.md`;
      const source = { kind: 'repository', path, ...(commit === undefined ? {} : { commit }) } as const;
      await addVersion(connection, { tenant, content, source, made_by: serviceId, at: deps.clock.now() });
    }
    return still.length;
  });
}
