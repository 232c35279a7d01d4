import { type Check, resultOf } from '@safeguard/kernel';
import type { CompiledPolicy } from '../policy/compiled.ts';
import { openStanding } from '../policy/sealed-standing.ts';
import { type AccessCheckDeps, eachTenant, hour_s, policiesInForce } from './deps.ts';
import { holderOf, madeUp, rowOf, standing } from './drill.ts';

/** The newest ones that are over, of each tenant: what memory could still hold. */
const most_over = 100;
const over = {
  name: 'access.check.over',
  text: `select g.id, g.account from access.grant g
    where g.tenant = $1 and (g.ended_at is not null or g.until_at <= $2)
    order by g.number desc limit ${most_over}`,
};
type Over = { id: string; account: string };

/** What the running server makes of everybody whose grants are over. */
async function stillHeld({ segment, governance }: AccessCheckDeps, tenant: number, at: number) {
  const rows = await segment.query<Over>(tenant, over, [tenant, new Date(at)]);
  const gone = new Set(rows.map(({ id }) => id));
  const wrong: string[] = [];
  for (const account of new Set(rows.map((row) => row.account))) {
    const principal = madeUp('user', at, { tenant, id: account });
    const occasion = { at, remote: '127.0.0.1', purpose: undefined, view: undefined };
    const { holdings = [] } = openStanding(await governance.entitle(principal, occasion)) ?? {};
    for (const { grant, until = Infinity } of holdings) {
      if (grant === undefined) continue;
      if (gone.has(grant) || until <= at) wrong.push(`grant ${grant} of tenant ${tenant} is over and still counts`);
    }
  }
  return { looked: rows.length, wrong };
}

/** A right to the last millisecond, and one that just ended. */
function drill({ access }: AccessCheckDeps, policy: CompiledPolicy, at: number): string[] {
  const role = Object.keys(policy.policy.roles).find((one) => mayRead(access, holderOf(policy, one, patient, at)));
  if (role === undefined) return [];
  return (['standing', 'elevation', 'break-glass'] as const).flatMap((kind) => {
    const holding = { role, kind, patients: [patient], until: at };
    const principal = standing(madeUp('user', at), policy, { at, holdings: [holding], careTeam: [patient] });
    return mayRead(access, principal) ? [`a right (${kind}) decides in the moment in which it ends`] : [];
  });
}

const patient = '00000000-0000-4000-8000-000000000001';
const mayRead = ({ decide }: AccessCheckDeps['access'], principal: Parameters<typeof decide>[0]): boolean =>
  decide(principal, 'read', { type: 'Observation', row: rowOf('Observation', patient) }).permit;

export const expiredEnd = (deps: AccessCheckDeps): Check => ({
  id: 'access.expired-end',
  title: 'What is over decides nothing',
  query:
    `Has the running server make out what the holders of the newest ${most_over} grants, elevations ` +
    'and emergencies of ' +
    'each tenant that are over hold now: none of these; and decides by rights that end at this very moment.',
  every_s: hour_s,
  async run(context) {
    const { at } = context;
    const policies = await policiesInForce(deps, context);
    const drilled = policies.flatMap(({ policy }) => drill(deps, policy, at));
    let looked = 0;
    const { found } = await eachTenant(deps, context, async (tenant) => {
      const one = await stillHeld(deps, tenant, at);
      looked += one.looked;
      return one.wrong;
    });
    return resultOf({
      examined: looked + 3 * policies.length,
      wrong: [...drilled, ...found],
      met:
        `None of ${looked} grants that are over counts for anything, and a right ends in the ` +
        'millisecond that it must.',
      unmet: 'rights that are over still open something.',
      todo:
        'Restart the servers so that they read the rights anew, and look in the log for what was done ' +
        'after the end.',
    });
  },
});
