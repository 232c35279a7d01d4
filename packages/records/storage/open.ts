import { parseJson, typeName, writeJson } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { DataKey, Seal, Vault } from '@safeguard/seal';
import { deidentify, join, type Overlay } from '../segments/index.ts';
import type { RowReader } from './read.ts';
import type { PartRow, StoredRow } from './rows.ts';
import { inTurns, purposes } from './seal-write.ts';
import { type Head, stampObject, stampText } from './stamp.ts';

export type View = 'full' | 'deidentified';

/** Turns stored rows into resources: decrypt, join, stamp with id, versionId and lastUpdated. */
export interface Opener {
  /**
   * The JSON text of each row, in the same order; undefined where it is deleted or its keys are destroyed.
   * In the de-identified view nothing is asked of the identity segment. `guess`: a part that may be the right one.
   */
  texts(tenant: number, rows: readonly StoredRow[], view: View, guess?: PartRow): Promise<(string | undefined)[]>;
}

export const headOf = ({ type, id, version, at }: StoredRow): Head => ({ type: typeName(type), id, version, at });

/** The data keys of the rows, from the cache where they all are there. */
async function keysOf(vault: Vault, ids: readonly number[]): Promise<(id: number) => DataKey | undefined> {
  const missing = [...new Set(ids)].filter((id) => vault.cached(id) === undefined);
  if (missing.length === 0) return (id) => vault.cached(id);
  const loaded = await vault.keysById(missing);
  return (id) => loaded.get(id) ?? vault.cached(id);
}

export function createOpener(seal: Seal, reader: RowReader): Opener {
  const clinicalTexts = async (tenant: number, rows: readonly StoredRow[]): Promise<(string | undefined)[]> => {
    const vault = await seal.vault('clinical', tenant);
    const live = rows.filter((row) => row.body !== null);
    const key = await keysOf(
      vault,
      live.map((row) => row.key),
    );
    return inTurns(rows, (row) => {
      const dataKey = row.body === null ? undefined : key(row.key);
      if (dataKey === undefined || row.body === null) return undefined;
      const purpose = purposes.clinical({ type: row.type, at_ms: row.at.getTime(), edition: row.identity });
      const binding = { resource: row.id, version: row.version, purpose };
      return vault.open(dataKey, binding, row.body).toString();
    });
  };

  /** Resource id → the opened overlay of the identity segment. */
  const overlays = async (
    tenant: number,
    rows: readonly StoredRow[],
    guess: PartRow | undefined,
  ): Promise<Map<string, Overlay>> => {
    const wanted = rows.filter((row) => row.identity !== null && row.body !== null);
    if (wanted.length === 0) return new Map();
    const vault = await seal.vault('identity', tenant);
    const asked = wanted.map((row) => ({ row: vault.pseudonym(row.id), edition: row.identity as number }));
    const hit = asked.length === 1 && guess?.row === asked[0]?.row && guess?.edition === asked[0]?.edition;
    const parts = hit && guess ? [guess] : await reader.parts(tenant, asked);
    const byName = new Map(parts.map((part) => [`${part.row}/${part.edition}`, part]));
    const key = await keysOf(
      vault,
      parts.map((part) => part.key),
    );
    const opened = new Map<string, Overlay>();
    await inTurns(wanted, (row) => {
      const part = byName.get(`${vault.pseudonym(row.id)}/${row.identity}`);
      const dataKey = part && key(part.key);
      if (part === undefined || dataKey === undefined) return;
      const binding = { resource: row.id, version: row.version, purpose: purposes.identity(part.edition) };
      opened.set(nameOf(row), parseJson(vault.open(dataKey, binding, part.body)) as Overlay);
    });
    return opened;
  };

  const full = (row: StoredRow, text: string, overlay: Overlay | undefined): string | undefined => {
    if (row.identity === null) return stampText(headOf(row), text);
    // The identity part is unreadable: its key was destroyed. Half a record is no record.
    if (overlay === undefined) return undefined;
    const joined = join(parseJson(Buffer.from(text)) as JsonObject, overlay);
    return writeJson(stampObject(headOf(row), joined));
  };

  return {
    texts: async (tenant, rows, view, guess) => {
      if (view === 'deidentified') {
        const texts = await clinicalTexts(tenant, rows);
        return inTurns(
          rows.map((row, index) => ({ row, text: texts[index] })),
          ({ row, text }) =>
            text && writeJson(stampObject(headOf(row), deidentify(parseJson(Buffer.from(text)) as JsonObject))),
        );
      }
      const [texts, opened] = await Promise.all([clinicalTexts(tenant, rows), overlays(tenant, rows, guess)]);
      return inTurns(
        rows.map((row, index) => ({ row, text: texts[index] })),
        ({ row, text }) => text && full(row, text, opened.get(nameOf(row))),
      );
    },
  };
}

const nameOf = (row: StoredRow): string => `${row.id}/${row.version}`;
