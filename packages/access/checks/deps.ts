import type { CheckContext, Clock, Probe } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Access } from '../access.ts';
import type { Governance } from '../governance.ts';
import type { PeoplePort } from '../people-port.ts';
import type { CompiledPolicy } from '../policy/compiled.ts';

/** What the checks of access work with; the composition root fills it with what really runs. */
export interface AccessCheckDeps {
  readonly probe: Probe;
  /** The identity segment. */
  readonly segment: Segment;
  readonly clock: Clock;
  readonly access: Pick<Access, 'decide'>;
  /** The FHIR types that are served. */
  readonly types: ReadonlySet<string>;
  readonly governance: {
    readonly entitle: Governance['entitle'];
    readonly policies: Pick<Governance['policies'], 'active'>;
  };
  readonly people: Pick<PeoplePort, 'tenants' | 'isTest' | 'byIds' | 'administrators'>;
  /** Whether a tenant keeps records of patients. */
  readonly hasRecords: (tenant: number) => Promise<boolean>;
}

export const hour_s = 3_600;
export const hour_ms = 3_600_000;
export const day_ms = 86_400_000;
/** The tenant of the organization that runs the platform. */
export const houseTenant = 1;
/** Ids that one look-up of exceptions brings of a tenant, at most. */
export const most_wrong = 100;

/** Works through all tenants, one after the other; what each brings, in their order. */
export async function eachTenant<T>(
  { people }: Pick<AccessCheckDeps, 'people'>,
  { signal }: Pick<CheckContext, 'signal'>,
  work: (tenant: number) => Promise<readonly T[]>,
): Promise<{ readonly tenants: number; readonly found: readonly T[] }> {
  const tenants = await people.tenants();
  const found: T[] = [];
  for (const tenant of tenants) {
    signal.throwIfAborted();
    found.push(...(await work(tenant)));
  }
  return { tenants: tenants.length, found };
}

/** The policies in force, each once, with the first tenant that has it: most tenants have that of the house. */
export async function policiesInForce(deps: AccessCheckDeps, context: Pick<CheckContext, 'signal'>) {
  const inForce: { readonly tenant: number; readonly policy: CompiledPolicy }[] = [];
  await eachTenant(deps, context, async (tenant) => {
    const policy = await deps.governance.policies.active(tenant);
    if (!inForce.some((one) => one.policy === policy)) inForce.push({ tenant, policy });
    return [];
  });
  return inForce;
}
