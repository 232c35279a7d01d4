import { type Check, resultOf } from '@safeguard/kernel';
import { areApart } from '../requests/role.ts';
import { type AccessCheckDeps, eachTenant, hour_s } from './deps.ts';

const held = {
  name: 'access.check.held',
  text: `select g.account, array_agg(distinct g.role) as roles from access.grant g
    where g.tenant = $1 and g.ended_at is null and g.from_at <= $2 and g.until_at > $2 group by g.account`,
};
type Held = { account: string; roles: string[] };

function pairs(roles: readonly string[]): (readonly [string, string])[] {
  return roles.flatMap((one, index) => roles.slice(index + 1).map((other) => [one, other] as const));
}

export const dutiesApart = (deps: AccessCheckDeps): Check => ({
  id: 'access.duties-apart',
  title: 'Nobody holds duties that must stay apart',
  query:
    'Holds the roles that each person of each tenant has at this moment (grants in force, ' +
    'administrators) against the ' +
    'pairs that the policy in force keeps apart.',
  every_s: hour_s,
  async run(context) {
    const { segment, people, governance } = deps;
    let holders = 0;
    const { tenants, found } = await eachTenant(deps, context, async (tenant) => {
      const { policy } = await governance.policies.active(tenant);
      const rows = await segment.query<Held>(tenant, held, [tenant, new Date(context.at)]);
      const roles = new Map(rows.map((row) => [row.account, new Set(row.roles)]));
      for (const { id } of await people.administrators(tenant)) {
        roles.set(id, new Set([...(roles.get(id) ?? []), 'administrator']));
      }
      holders += roles.size;
      return [...roles].flatMap(([account, own]) =>
        pairs([...own])
          .filter(([one, other]) => areApart(policy, one, other))
          .map(([one, other]) => `account ${account} of tenant ${tenant} is ${one} and ${other}`),
      );
    });
    return resultOf({
      examined: tenants + holders,
      wrong: found,
      met: `Of ${holders} people with roles in ${tenants} tenants nobody holds two that must stay apart.`,
      unmet: 'people hold roles that must not meet in one person.',
      todo: 'End one of the two grants of each person, and look in the log for what was done with both.',
    });
  },
});
