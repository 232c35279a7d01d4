import { fault } from '@safeguard/kernel';
import { compilePolicy } from '../policy/compile.ts';
import type { CompiledPolicy } from '../policy/compiled.ts';
import type { PolicyDeps } from './deps.ts';
import { openDocument } from './document.ts';
import { housePolicy } from './house.ts';
import { noPolicy, type PolicyRow, policyColumns } from './rows.ts';

/** What is in force now and what comes: at any moment the last of those that have begun. */
const schedule = {
  name: 'access.policy.schedule',
  text: `(select version, activates_at, activation from access.policy
      where tenant = $1 and state = 'activated' and activates_at > $2)
    union all
    (select version, activates_at, activation from access.policy
      where tenant = $1 and state = 'activated' and activates_at <= $2
      order by activates_at desc, activation desc limit 1)`,
};
const read = {
  name: 'access.policy.read-activated',
  text: `select ${policyColumns} from access.policy p where p.tenant = $1 and p.version = $2 and p.state = 'activated'`,
};

interface Activation extends Record<string, unknown> {
  readonly version: number;
  readonly activates_at: Date;
  readonly activation: number;
}

const byBeginning = (one: Activation, other: Activation): number =>
  one.activates_at.getTime() - other.activates_at.getTime() || one.activation - other.activation;

/** The version in force at a moment; 0: none of the tenant's own. */
export const inForceAt = (activations: readonly Activation[], at: number): number =>
  activations
    .filter(({ activates_at }) => activates_at.getTime() <= at)
    .toSorted(byBeginning)
    .at(-1)?.version ?? 0;

/** What a tenant's versions come to, from the database. */
export const activationsOf = ({ segment }: Pick<PolicyDeps, 'segment'>, tenant: number, at: number) =>
  segment.query<Activation>(tenant, schedule, [tenant, new Date(at)]);

/** A little under a second: what is known was asked for, not answered, at most so long ago. */
const fresh_ms = 900;
const tenants_most = 1_000;

interface Known {
  readonly asked_at: number;
  readonly activations: Promise<readonly Activation[]>;
  compiled: { readonly version: number; readonly policy: Promise<CompiledPolicy> } | undefined;
}

type Deps = Pick<PolicyDeps, 'segment' | 'vault' | 'clock' | 'vocabulary'>;

async function load({ segment, vault, vocabulary }: Deps, tenant: number, version: number): Promise<CompiledPolicy> {
  const [row] = await segment.query<PolicyRow>(tenant, read, [tenant, version]);
  if (row === undefined) throw noPolicy();
  const { policy } = await openDocument(await vault(tenant), row);
  return compilePolicy(policy, version, vocabulary);
}

/**
 * The policies in force, from memory: each tenant's is asked for at most once a second, and only while it is in use. A
 * version that begins in between begins to the millisecond. Whatever cannot be read is Fault `unavailable`: nothing is
 * decided by what was in force before.
 */
export function createActive(deps: Deps) {
  const { clock, vocabulary } = deps;
  const known = new Map<number, Known>();
  const house = compilePolicy(housePolicy, 0, vocabulary);
  const isFresh = ({ asked_at }: Known, now: number): boolean => now >= asked_at && now - asked_at < fresh_ms;

  const ask = (tenant: number, now: number): Known => {
    const before = known.get(tenant);
    if (before !== undefined && isFresh(before, now)) return before;
    const activations = activationsOf(deps, tenant, now);
    const asked: Known = { asked_at: now, activations, compiled: before?.compiled };
    known.delete(tenant);
    known.set(tenant, asked);
    const [oldest] = known.keys();
    if (known.size > tenants_most && oldest !== undefined) known.delete(oldest);
    return asked;
  };
  const compiledOf = (tenant: number, entry: Known, version: number): Promise<CompiledPolicy> | CompiledPolicy => {
    if (version === 0) return house;
    if (entry.compiled?.version === version) return entry.compiled.policy;
    entry.compiled = { version, policy: load(deps, tenant, version) };
    return entry.compiled.policy;
  };
  return {
    async active(tenant: number): Promise<CompiledPolicy> {
      const now = clock.now();
      const entry = ask(tenant, now);
      try {
        return await compiledOf(tenant, entry, inForceAt(await entry.activations, now));
      } catch (cause) {
        // Asked for anew by the next request, not kept for a second.
        if (known.get(tenant) === entry) known.delete(tenant);
        throw fault('unavailable', 'The policy in force cannot be read.', { cause });
      }
    },
    forget(tenant: number): void {
      known.delete(tenant);
    },
  };
}
