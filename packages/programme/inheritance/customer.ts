import { type Clock, fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Content, ProductLine, Service } from '../content/types.ts';
import { services } from '../content/types.ts';
import type { Actor } from '../workflow/types.ts';
import type { Customer } from './types.ts';

const select = {
  name: 'programme.customer.at',
  text: `select c.lines, c.services, c.set_by, c.at from programme.customer c where c.tenant = $1 and c.at <= $2
    order by c.number desc limit 1`,
};
const insert = {
  name: 'programme.customer.insert',
  text: `insert into programme.customer (tenant, number, lines, services, set_by, at)
    select $1, 1 + coalesce(max(c.number), 0), $2, $3, $4, $5 from programme.customer c where c.tenant = $1`,
};

interface Deps {
  readonly segment: Segment;
  readonly content: () => Content;
  readonly clock: Clock;
}

type Row = { lines: ProductLine[]; services: Service[]; set_by: string; at: Date };

/** The organization that runs the platform says what a customer bought; the operator at the machine is one of it. */
const house = 1;

export async function customerOf({ segment, content }: Deps, tenant: number, at: number): Promise<Customer> {
  const [row] = await segment.query<Row>(tenant, select, [tenant, new Date(at)]);
  if (row === undefined) return { tenant, lines: content().organization.lines, services: [] };
  return { tenant, lines: row.lines, services: row.services, set_by: row.set_by, at: row.at.getTime() };
}

const invalid = (at: string, expected: string) => {
  const text = `${at}: expected ${expected}`;
  return fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at }] });
};

/** The words of a list that are known, each once; Fault `invalid` for another. */
function known<T extends string>(at: string, given: readonly string[], all: readonly T[], expected: string): T[] {
  const found = all.filter((one) => given.includes(one));
  if (found.length !== given.length) throw invalid(at, expected);
  return found;
}

export async function setCustomer(
  deps: Deps,
  actor: Actor,
  tenant: number,
  wanted: { readonly lines: readonly string[]; readonly services: readonly string[] },
): Promise<Customer> {
  if (actor.tenant !== house) throw fault('forbidden', 'Access denied: who runs the platform says what is bought.');
  const run = deps.content().organization.lines;
  const lines = known('lines', wanted.lines, run, 'product lines that are run here, each once');
  if (lines.length === 0) throw invalid('lines', 'at least one product line');
  const opted = known('services', wanted.services, services, 'services that there are, each once');
  const at = new Date(deps.clock.now());
  await deps.segment.query(tenant, insert, [tenant, lines, opted, actor.id, at]);
  return customerOf(deps, tenant, at.getTime());
}
