import { type Check, isFault } from '@safeguard/kernel';
import type { Content } from '../../content/types.ts';
import type { Policies, PolicyVersion } from '../../policies/types.ts';
import type { Workflow } from '../../workflow/types.ts';
import { counted, found } from '../found.ts';

export interface PolicyCheckDeps {
  readonly content: Content;
  readonly policies: Pick<Policies, 'list' | 'read' | 'acknowledgements' | 'owed'>;
  readonly workflow: Pick<Workflow, 'byId'>;
  /** The tenant whose programme it is. */
  readonly tenant: number;
}

const day_ms = 86_400_000;
const daysSince = (then: number, at: number): number => Math.floor((at - then) / day_ms);

const publishedOf = async ({
  content,
  policies,
  tenant,
}: PolicyCheckDeps): Promise<ReadonlyMap<string, PolicyVersion>> => {
  const versions = await Promise.all([...content.policies.keys()].map((id) => policies.read(tenant, id)));
  return new Map(versions.flatMap((one) => (one?.state === 'published' ? [[one.policy, one]] : [])));
};

/**
 * Whether the task that published it says so: its sealed subject only the service writes. Rows of steps and
 * publications that somebody wrote to the database past it name a task that says something else, or does not open.
 */
async function isBorneOut({ workflow, tenant }: PolicyCheckDeps, version: PolicyVersion): Promise<boolean> {
  const task = await workflow.byId(tenant, version.task ?? '').catch((error: unknown) => {
    if (isFault(error) && error.kind === 'internal') return undefined;
    throw error;
  });
  const { policy, number, digest } = task?.subject ?? {};
  const same = policy === version.policy && number === version.number && digest === version.digest;
  return same && task?.state === 'done' && task.approvals.length > 0;
}

/** 45 CFR 164.316(a), (b)(1)(i). */
const approved = (deps: PolicyCheckDeps): Check => ({
  id: 'programme.policies-approved',
  title: 'Every policy is approved and published, as it stands in the repository',
  query:
    'Reads every policy of program/policies: its published version is approved, as its sealed task says, and has the ' +
    'text of the repository; and every section that a control names stands in a published one.',
  every_s: 3_600,
  async run() {
    const { content } = deps;
    const published = await publishedOf(deps);
    const borne = new Set<string>();
    for (const one of published.values()) if (await isBorneOut(deps, one)) borne.add(one.policy);
    const wrong = [...content.policies.values()].flatMap(({ id, digest }) => {
      const version = published.get(id);
      if (version === undefined) return [`${id}: not published`];
      if (version.approved_by.length === 0) return [`${id}: published without an approval`];
      if (!borne.has(id)) return [`${id}: the task that published it does not say so`];
      return version.digest === digest || version.content.digest === digest
        ? []
        : [`${id}: the text of the repository is another than the one that was approved`];
    });
    const sections = [...content.controls.values()].flatMap(({ id, policies }) =>
      policies.flatMap((named) => {
        const [policy = '', section = ''] = named.split('#');
        const has = published.get(policy)?.content.sections.some((one) => one.id === section) === true;
        return has || !published.has(policy) ? [] : [`${id}: ${named} is in no published policy`];
      }),
    );
    return found(content.policies.size + content.controls.size, [...wrong, ...sections], {
      met: `${counted(content.policies.size, 'policy', 'policies')} in force; each control has its section.`,
      unmet: 'not approved and published as it stands in the repository.',
      todo: 'Hand the drafts in and have them approved: `safeguard policies`, or the page /programme/policies.',
    });
  },
});

/** 45 CFR 164.316(b)(2)(iii). */
const reviewed = (deps: PolicyCheckDeps): Check => ({
  id: 'programme.policies-reviewed',
  title: 'No policy is overdue for its review',
  query: 'Reads the day on which each published policy is due for its review.',
  every_s: 3_600,
  async run({ at }) {
    const published = [...(await publishedOf(deps)).values()];
    const late = published
      .filter(({ review_due_at = 0 }) => review_due_at < at)
      .map(({ policy }) => `${policy}: overdue`);
    return found(published.length, late, {
      met: `${counted(published.length, 'published policy', 'published policies')}: none is overdue.`,
      unmet: 'should have been reviewed by now.',
      todo: 'Review it and have that approved, or draft a new version.',
    });
  },
});

/** 45 CFR 164.316(b)(2)(ii), 164.530(b). */
const acknowledged = (deps: PolicyCheckDeps): Check => ({
  id: 'programme.acknowledged',
  title: 'Everybody acknowledged the policies that are in force',
  query:
    'Of every active person of the workforce: which published versions were not acknowledged by the last day for it.',
  every_s: 3_600,
  async run({ at }) {
    const { policies, tenant } = deps;
    const people = await policies.acknowledgements(tenant);
    const owing = people.filter(({ owed }) => owed.length > 0);
    const late: string[] = [];
    for (const { account } of owing) {
      const over = (await policies.owed(tenant, account)).filter(({ by }) => by < at);
      for (const { version, by } of over) {
        late.push(`account ${account}: ${version.policy} version ${version.number}, ${daysSince(by, at)} days late`);
      }
    }
    return found(people.length, late, {
      met: `${counted(people.length, 'person', 'people')}: everybody acknowledged what they had to by now.`,
      unmet: 'acknowledgements are overdue.',
      todo: 'Remind them: each finds it at /programme/acknowledge.',
    });
  },
});

export const policyChecks = (deps: PolicyCheckDeps): readonly Check[] => [
  approved(deps),
  reviewed(deps),
  acknowledged(deps),
];
