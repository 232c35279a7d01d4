import { type Check, newId, resultOf } from '@safeguard/kernel';
import type { CompiledPolicy } from '../policy/compiled.ts';
import { type AccessCheckDeps, hour_s, policiesInForce } from './deps.ts';
import { actionOf, eachLetter, holderOf, rowOf } from './drill.ts';

const approved = {
  name: 'access.check.policy-approved',
  text: `select p.undoes
      or (select count(*) from access.policy_decision d where d.policy = p.id and d.verdict = 'approve'
        and d.decided_by <> p.submitted_by and not d.decided_by = any (p.authors)) >= greatest(p.needed, 1) as ok
    from access.policy p where p.tenant = $1 and p.version = $2 and p.state = 'activated'`,
};

interface Found {
  readonly examined: number;
  readonly wrong: readonly string[];
}

/** Every role against every type by every letter: nothing beyond its matrix. */
function beyondMatrix({ access, types }: AccessCheckDeps, policy: CompiledPolicy, at: number): Found {
  const wrong: string[] = [];
  const { roles, categories, matrix } = policy.policy;
  const patient = newId();
  let examined = 0;
  for (const role of Object.keys(roles)) {
    const principal = holderOf(policy, role, patient, at);
    for (const [category, { types: its }] of Object.entries(categories)) {
      const most = matrix[role]?.[category] ?? '';
      const letters = eachLetter.filter((letter) => !most.includes(letter));
      const served = its.filter((type) => types.has(type));
      examined += letters.length * served.length;
      const may = letters.filter((letter) =>
        served.some((type) => access.decide(principal, actionOf[letter], { type }).permit),
      );
      if (may.length > 0) wrong.push(`role ${role} reaches ${category} by ${may.join('')}, beyond its matrix`);
    }
  }
  return { examined, wrong };
}

/** What bears a sensitive label stays closed for every role that no rule opens it for by name. */
function openSensitive({ access }: AccessCheckDeps, policy: CompiledPolicy, at: number): Found {
  const wrong: string[] = [];
  const { roles, sensitive, rules } = policy.policy;
  const patient = newId();
  let examined = 0;
  for (const role of Object.keys(roles)) {
    const principal = holderOf(policy, role, patient, at);
    for (const [name, { labels }] of Object.entries(sensitive)) {
      const opened = rules.some(
        ({ who, opens }) => who.roles?.includes(role) === true && opens?.includes(name) === true,
      );
      if (opened) continue;
      examined += labels.length;
      const open = labels.some((label) => {
        const row = rowOf('Observation', patient, [label]);
        return access.decide(principal, 'read', { type: 'Observation', row }).permit;
      });
      if (open) wrong.push(`role ${role} reads what is labelled ${name}, which no rule opens for it`);
    }
  }
  return { examined, wrong };
}

const forEverybody = ({ policy: { rules } }: CompiledPolicy): string[] =>
  rules
    .filter(({ effect, who }) => effect === 'permit' && who.everyone === true)
    .map(({ id }) => `rule ${id} permits something to everybody`);

async function unapproved(
  { segment }: AccessCheckDeps,
  tenant: number,
  { version }: CompiledPolicy,
): Promise<string[]> {
  if (version === 0) return [];
  const [row] = await segment.query<{ ok: boolean }>(tenant, approved, [tenant, version]);
  return row?.ok === true ? [] : [`version ${version} of its policy is in force without the approvals that it needed`];
}

export const minimumNecessary = (deps: AccessCheckDeps): Check => ({
  id: 'access.minimum-necessary',
  title: 'Every role reaches what its work needs, and no more',
  query:
    'For each policy in force: decides for every role, FHIR type and letter that its matrix does not list, and for ' +
    'every sensitive label that no rule opens for it: all must be refused. No rule permits anything ' +
    'to everybody, and a ' +
    "tenant's own policy has its approvals by others.",
  every_s: hour_s,
  async run(context) {
    const policies = await policiesInForce(deps, context);
    const wrong: string[] = [];
    let examined = 0;
    for (const { tenant, policy } of policies) {
      context.signal.throwIfAborted();
      const looks = [beyondMatrix, openSensitive].map((look) => look(deps, policy, context.at));
      // A cause stands before what follows from it.
      const rest = [...forEverybody(policy), ...(await unapproved(deps, tenant, policy))];
      examined += looks.reduce((sum, one) => sum + one.examined, 1);
      wrong.push(...[...rest, ...looks.flatMap((one) => one.wrong)].map((one) => `tenant ${tenant}: ${one}`));
    }
    return resultOf({
      examined,
      wrong,
      met: `Under ${policies.length} policies in force ${examined} decisions beyond what roles need were refused.`,
      unmet: 'roles reach more than their work needs, or a policy is in force that nobody approved.',
      todo: 'Take the policy back to the version before (Access, Policies), and have the change reviewed.',
    });
  },
});
