import { fault } from '@safeguard/kernel';
import type { PolicyText } from '../content/types.ts';
import { isActorId, officers } from '../workflow/deps.ts';
import { checkRole } from '../workflow/may.ts';
import type { Actor } from '../workflow/types.ts';
import { houseOf, missingPolicy, type PoliciesDeps } from './deps.ts';
import { derived } from './inherit.ts';
import { readDraft } from './read-draft.ts';
import { versionsOf } from './rows.ts';
import type { PolicyVersion } from './types.ts';
import { addVersion, lockVersions } from './write.ts';

const baseFor = async (deps: PoliciesDeps, tenant: number, read: PolicyText) =>
  tenant === houseOf(deps) ? { content: read, based_on: undefined } : derived(deps, read);

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
    const made = { made_by: actor.id, at: deps.clock.now() };
    return addVersion(connection, { tenant, content, source: { kind: 'draft' }, based_on, ...made });
  });
  const made = (await versionsOf(deps, tenant, policy)).find((one) => one.number === number);
  if (made === undefined) throw missingPolicy();
  return made;
}
