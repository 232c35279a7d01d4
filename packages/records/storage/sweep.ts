import type { Clock } from '@safeguard/kernel';
import type { Seal } from '@safeguard/seal';
import type { Row, Segment, Statement } from '@safeguard/store';
import { deleteParts } from './rows.ts';

const partsSince: Statement = {
  name: 'records-parts-since',
  text: `select row, edition from records.part
    where tenant = $1 and hour >= $2 and hour < $3 and (row, edition) > ($4, $5) order by row, edition limit 5000`,
};
const known: Statement = {
  name: 'records-known-editions',
  text: `select id, identity from records.resource where tenant = $1 and id = any ($2::uuid[]) and identity is not null
    union all
    select id, identity from records.history where tenant = $1 and id = any ($2::uuid[]) and identity is not null`,
};
const sweptUntil: Statement = { name: 'records-swept', text: 'select hour from records.swept where tenant = $1' };
const markSwept: Statement = {
  name: 'records-mark-swept',
  text: `insert into records.swept (tenant, hour) values ($1, $2)
    on conflict (tenant) do update set hour = greatest(swept.hour, excluded.hour)`,
};

/** A row of `records.part`, by its key. */
export interface PartName extends Row {
  readonly row: string;
  readonly edition: number;
}
interface Edition extends Row {
  readonly id: string;
  readonly identity: number;
}

export interface SweepDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly seal: Seal;
  readonly clock: Clock;
}

const hour_ms = 3_600_000;

/** The last hour that is past for every writer. */
export const sweptHour = (clock: Clock): number => Math.floor(clock.now() / hour_ms) - 1;

/** Removes those of the parts that no clinical version names. Answers how many. */
export async function dropOrphans(
  { identity, clinical, seal }: SweepDeps,
  tenant: number,
  parts: readonly PartName[],
): Promise<number> {
  const vault = await seal.vault('identity', tenant);
  const ids = parts.map((part) => vault.resource(part.row));
  const rows = await clinical.query<Edition>(tenant, known, [tenant, [...new Set(ids)]]);
  const editions = new Set(rows.map((row) => `${row.id}/${row.identity}`));
  const orphans = parts.filter((part, index) => !editions.has(`${ids[index]}/${part.edition}`));
  if (orphans.length > 0) {
    const names = [orphans.map((part) => part.row), orphans.map((part) => part.edition)];
    await identity.query(tenant, deleteParts, [tenant, ...names]);
  }
  return orphans.length;
}

/**
 * Removes identity rows that no clinical version names: what a writer left that died between the two commits. Only rows
 * of past hours, so that no write under way is touched. Answers how many were removed.
 */
export async function sweepOrphans(deps: SweepDeps, tenant: number): Promise<number> {
  const { identity, clock } = deps;
  const until = sweptHour(clock);
  const [mark] = await identity.query<{ hour: number }>(tenant, sweptUntil, [tenant]);
  let after: PartName = { row: '00000000-0000-0000-0000-000000000000', edition: -1 };
  let removed = 0;
  for (;;) {
    const values = [tenant, mark?.hour ?? 0, until, after.row, after.edition];
    const parts = await identity.query<PartName>(tenant, partsSince, values);
    const last = parts.at(-1);
    if (last === undefined) break;
    after = last;
    removed += await dropOrphans(deps, tenant, parts);
  }
  await identity.query(tenant, markSwept, [tenant, until]);
  return removed;
}
