import { fault } from '@safeguard/kernel';
import type { PolicyText } from '../content/types.ts';
import { isActorId, officers } from '../workflow/deps.ts';
import { checkRole } from '../workflow/may.ts';
import type { Actor } from '../workflow/types.ts';
import { houseOf, missingPolicy, type PoliciesDeps } from './deps.ts';
import { derived } from './inherit.ts';
import { readDraft } from './read-draft.ts';
import { versionByNumber } from './rows.ts';
import type { PolicyVersion } from './types.ts';
import { addVersion, draftsSince, lockVersions } from './write.ts';

const baseFor = async (deps: PoliciesDeps, tenant: number, read: PolicyText) =>
  tenant === houseOf(deps) ? { content: read, based_on: undefined } : derived(deps, read);

/** Drafts of one policy since its last publication: whoever may draft does not fill the database. */
const drafts_most = 50;

/** A new version, written by somebody. Fault `forbidden` for who is no officer, `invalid` with all that is wrong. */
export async function draft(
  deps: PoliciesDeps,
  actor: Actor,
  policy: string,
  markdown: string,
): Promise<PolicyVersion> {
  const { tenant } = actor;
  if (!isActorId(actor.id)) throw fault('forbidden', 'Access denied: not somebody who drafts policies.');
  checkRole(actor, officers);
  const { content, based_on } = await baseFor(deps, tenant, readDraft(policy, markdown, deps.content()));
  const number = await deps.segment.transaction(tenant, async (connection) => {
    await lockVersions(connection, tenant);
    if ((await draftsSince(connection, tenant, policy)) >= drafts_most) {
      throw fault('conflict', `There are ${drafts_most} drafts of this policy: have one of them approved first.`);
    }
    const made = { made_by: actor.id, at: deps.clock.now() };
    return addVersion(connection, { tenant, content, source: { kind: 'draft' }, based_on, ...made });
  });
  const made = await versionByNumber(deps, tenant, policy, number);
  if (made === undefined) throw missingPolicy();
  return made;
}
