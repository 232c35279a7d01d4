import { acknowledge, standings } from './acknowledge.ts';
import { adopt } from './adopt.ts';
import { definePolicyKinds, openReview, submit } from './approval.ts';
import { houseOf, type PoliciesDeps } from './deps.ts';
import { draft } from './draft.ts';
import { outdatedOf, sectionsOf } from './inherit.ts';
import { htmlOf } from './markdown.ts';
import { policyPdf } from './pdf/pdf.ts';
import { redline } from './redline.ts';
import { remind } from './remind.ts';
import { listVersions, readVersion, versionById, versionsOf } from './rows.ts';
import type { Policies } from './types.ts';

const publishedBy = {
  name: 'programme.publication.in-force',
  text: 'select distinct policy from programme.publication where tenant = $1 and published_at <= $2',
};

/**
 * The written programme: versions that never change, published by others than who wrote them, acknowledged by each
 * person. Registers its kinds of tasks with the workflow.
 */
export function createPolicies(deps: PoliciesDeps): Policies {
  definePolicyKinds(deps);
  return {
    adopt: () => adopt(deps),
    list: (tenant) => listVersions(deps, tenant),
    byId: (tenant, id) => versionById(deps, tenant, id),
    read: (tenant, policy, number) => readVersion(deps, tenant, policy, number),
    versions: (tenant, policy) => versionsOf(deps, tenant, policy),
    draft: (actor, policy, markdown) => draft(deps, actor, policy, markdown),
    submit: (actor, policy, number, note) => submit(deps, actor, policy, number, note),
    review: (actor, policy, note) => openReview(deps, actor, policy, note),
    redline: (tenant, policy, from, to) => redline(deps, tenant, policy, from, to),
    acknowledge: (actor, policy, number, digest) => acknowledge(deps, actor, policy, number, digest),
    owed: async (tenant, account) => (await standings(deps, tenant, account))[0]?.owed ?? [],
    acknowledgements: async (tenant) =>
      (await standings(deps, tenant)).map(({ account, done, owed }) => ({
        account,
        done,
        owed: owed.map(({ version }) => version.policy),
      })),
    remind: () => remind(deps),
    html: htmlOf,
    pdf(version) {
      const { name } = deps.content().organization;
      return policyPdf(version, version.tenant === houseOf(deps) ? name : `A customer of ${name}`);
    },
    async publishedAt(tenant, at) {
      const rows = await deps.segment.query<{ policy: string }>(tenant, publishedBy, [tenant, new Date(at)]);
      return new Set(rows.map(({ policy }) => policy));
    },
    sections: (tenant, policy) => sectionsOf(deps, tenant, policy),
    outdated: (tenant) => outdatedOf(deps, tenant),
  };
}
