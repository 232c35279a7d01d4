import { type Check, resultOf } from '@safeguard/kernel';
import { holdersOf } from '../requests/approvers.ts';
import { type AccessCheckDeps, eachTenant, hour_s, houseTenant } from './deps.ts';

const offices = ['security-officer', 'privacy-officer'] as const;

export const officers = (deps: AccessCheckDeps): Check => ({
  id: 'access.officers',
  title: 'Somebody answers for security, and somebody for privacy',
  query:
    'Looks whether the organization that runs the platform, and each tenant that keeps records of ' +
    'patients (test tenants ' +
    'aside), has an active person with a grant in force as security officer and one as privacy officer.',
  every_s: hour_s,
  async run(context) {
    const { people, hasRecords, segment } = deps;
    const asking = {
      segment,
      people: people as Parameters<typeof holdersOf>[0]['people'],
      clock: { now: () => context.at },
    };
    let examined = 0;
    const { found } = await eachTenant(deps, context, async (tenant) => {
      const due = tenant === houseTenant || (!(await people.isTest(tenant)) && (await hasRecords(tenant)));
      if (!due) return [];
      examined += offices.length;
      const wrong: string[] = [];
      for (const office of offices) {
        const { granted } = await holdersOf(asking, tenant, [office]);
        if (granted.size === 0) wrong.push(`tenant ${tenant} has no active ${office}`);
      }
      return wrong;
    });
    return resultOf({
      examined,
      wrong: found,
      met: `Each of ${examined} offices of security and privacy is held by an active person.`,
      unmet: 'offices that must be held are vacant (45 CFR 164.308(a)(2), 164.530(a)(1)).',
      todo: 'Ask for the role for whoever takes the office (Access, Requests), and have it approved.',
    });
  },
});
