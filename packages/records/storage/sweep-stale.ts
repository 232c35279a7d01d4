import { parseWritten, typeName } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Row, Statement } from '@safeguard/store';
import { rowsOf } from '../index-rows/rows.ts';
import type { Opener } from './open.ts';
import type { RowReader } from './read.ts';
import type { StoredRow } from './rows.ts';
import { type CustomParameters, noCustomParameters } from './seal-write.ts';
import { keepOnly } from './stale.ts';
import { dropOrphans, type PartName, type SweepDeps } from './sweep.ts';

const staleRows: Statement = {
  name: 'records-stale',
  text: 'select row from records.stale where tenant = $1 and hour < $2 and row > $3 order by row limit 500',
};
const partsOfRows: Statement = {
  name: 'records-parts-of-rows',
  text: 'select row, edition from records.part where tenant = $1 and row = any ($2::uuid[]) and hour < $3',
};

export interface SweepStaleDeps extends SweepDeps {
  readonly reader: Pick<RowReader, 'currents'>;
  readonly opener: Pick<Opener, 'texts'>;
  readonly customParameters?: CustomParameters;
}

/** The tokens that hold for each stored resource, by id; none where it is deleted or its keys are destroyed. */
async function tokensOf(
  { seal, opener, customParameters = noCustomParameters }: SweepStaleDeps,
  tenant: number,
  rows: readonly StoredRow[],
): Promise<Map<string, readonly bigint[]>> {
  const vaults = { clinical: await seal.vault('clinical', tenant), identity: await seal.vault('identity', tenant) };
  const custom = customParameters(tenant);
  const texts = await opener.texts(tenant, rows, 'full');
  return new Map(
    rows.map(({ id, type }, index) => {
      const text = texts[index];
      if (text === undefined) return [id, []];
      return [id, rowsOf(typeName(type), custom)(vaults, id, parseWritten(text) as JsonObject).identity];
    }),
  );
}

/**
 * Finishes what a crash left of writes that replaced a version, and of erasures: tokens that no longer hold, and parts
 * of versions that are gone. Only notes of past hours: no write under way is touched. Answers how many parts went.
 */
export async function sweepStale(deps: SweepStaleDeps, tenant: number, until: number): Promise<number> {
  const { identity, seal, reader } = deps;
  const vault = await seal.vault('identity', tenant);
  let after = '00000000-0000-0000-0000-000000000000';
  let removed = 0;
  for (;;) {
    const noted = await identity.query<Row & { row: string }>(tenant, staleRows, [tenant, until, after]);
    const last = noted.at(-1);
    if (last === undefined) return removed;
    after = last.row;
    const names = noted.map(({ row }) => row);
    removed += await dropOrphans(
      deps,
      tenant,
      await identity.query<PartName>(tenant, partsOfRows, [tenant, names, until]),
    );
    const ids = names.map((row) => vault.resource(row));
    const current = await reader.currents(tenant, ids);
    const tokens = await tokensOf(deps, tenant, current);
    const versions = new Map(current.map(({ id, version }) => [id, version]));
    const held = ids.map((id, index) => ({
      row: names[index] as string,
      version: versions.get(id) ?? 0,
      tokens: tokens.get(id) ?? [],
    }));
    await keepOnly(identity, tenant, held);
  }
}
