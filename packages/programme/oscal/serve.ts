import { fault } from '@safeguard/kernel';
import type { OscalApi } from '../api/oscal-operations.ts';
import { codeDigest } from '../checks/code.ts';
import type { PlacedEvidence } from '../checks/types.ts';
import type { Inheriter } from '../inheritance/types.ts';
import type { Programme } from '../programme.ts';
import type { Customer, OscalInput } from './input.ts';
import { most_observations, oscalDocument } from './oscal.ts';

export interface OscalServeDeps {
  readonly programme: Programme;
  readonly inheritance: Pick<Inheriter, 'customer'>;
  /** A tenant as its operator named it, and since when it is one; undefined: there is none. */
  readonly tenantOf: (tenant: number) => Promise<{ readonly name: string; readonly since: number } | undefined>;
}

/** At most one more than a document holds: it then says that there are too many. */
async function evidenceOf({ evidence }: Programme, from: number, until: number): Promise<readonly PlacedEvidence[]> {
  const found: PlacedEvidence[] = [];
  for await (const one of evidence.period(from, until)) {
    found.push(one);
    if (found.length > most_observations) break;
  }
  return found;
}

async function customerOf({ inheritance, tenantOf }: OscalServeDeps, tenant: number): Promise<Customer> {
  const known = await tenantOf(tenant);
  if (known === undefined) throw fault('missing', 'There is no such customer.');
  const { lines, services } = await inheritance.customer(tenant);
  return {
    id: `tenant-${tenant}`,
    name: known.name,
    since: new Date(known.since).toISOString().slice(0, 10),
    lines,
    services,
  };
}

/** Documents from what is known now, or was at the end of a period. */
export const createOscal =
  (deps: OscalServeDeps): OscalApi['oscal'] =>
  async (name, { oscal, from, until, customer }) => {
    const { programme } = deps;
    const { content, clock } = programme.api;
    const base: OscalInput = {
      ...{ content, oscal, at: clock.now(), version: (await codeDigest()).version, checks: programme.runner.checks },
      parameters: await programme.parameters.list(),
      posture: await programme.postureAt(until),
    };
    const period =
      name === 'assessment-results'
        ? { period: { from, until, evidence: await evidenceOf(programme, from, until) } }
        : {};
    const whose =
      name === 'customer-system-security-plan' && customer !== undefined
        ? { customer: await customerOf(deps, customer) }
        : {};
    return oscalDocument(name, { ...base, ...period, ...whose });
  };
