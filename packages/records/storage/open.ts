import { parseWritten, typeName, writeJson } from '@safeguard/fhir';
import type { View } from '@safeguard/http';
import type { JsonObject } from '@safeguard/kernel';
import type { DataKey, Seal, Vault } from '@safeguard/seal';
import { join, type MaskedView, type Overlay, show, startOf, viewRules } from '../segments/index.ts';
import { clinicalText } from './clinical-text.ts';
import type { RowReader } from './read.ts';
import type { PartRow, StoredRow } from './rows.ts';
import { inTurns, purposes } from './seal-write.ts';
import { type Head, stampObject, stampText } from './stamp.ts';

/** Turns stored rows into resources: decrypt, join, stamp with id, versionId and lastUpdated. */
export interface Opener {
  /**
   * The JSON text of a row; undefined where it is deleted or its keys are destroyed. In every view but `full`
   * nothing is asked of the identity segment. `guess`: a part of this resource that may be the right one.
   */
  text(tenant: number, row: StoredRow, view: View, guess?: PartRow): Promise<string | undefined>;
  /** The same for many rows, in the same order, with one statement for all parts. */
  texts(tenant: number, rows: readonly StoredRow[], view: View): Promise<(string | undefined)[]>;
  /** The same, for who looks into them. `guesses`: parts that may be the right ones. */
  open(
    tenant: number,
    rows: readonly StoredRow[],
    view: View,
    guesses?: readonly PartRow[],
  ): Promise<(Opened | undefined)[]>;
}

/** An opened resource: its JSON text, and the same as an object where that was made on the way. */
export interface Opened {
  readonly text: string;
  readonly resource?: JsonObject;
}

export const headOf = ({ type, id, version, at }: StoredRow): Head => ({ type: typeName(type), id, version, at });

/** The data keys of the rows, from the cache where they all are there. */
async function keysOf(vault: Vault, ids: readonly number[]): Promise<(id: number) => DataKey | undefined> {
  const missing = [...new Set(ids)].filter((id) => vault.cached(id) === undefined);
  if (missing.length === 0) return (id) => vault.cached(id);
  const loaded = await vault.keysById(missing);
  return (id) => loaded.get(id) ?? vault.cached(id);
}

const keyOf = async (vault: Vault, id: number): Promise<DataKey | undefined> =>
  vault.cached(id) ?? (await vault.keysById([id])).get(id);

function openPart(vault: Vault, key: DataKey, row: StoredRow, part: PartRow): Overlay {
  const binding = { resource: row.id, version: row.version, purpose: purposes.identity(part.edition) };
  return parseWritten(vault.open(key, binding, part.body).toString()) as Overlay;
}

/** What a view tells of when something was written: where it tells years alone, the moment that the year began. */
export const toldTime = (view: View, at: Date): Date =>
  view !== 'full' && viewRules[view].years ? new Date(startOf(at.getUTCFullYear())) : at;

const masked = (row: StoredRow, stored: string, view: MaskedView, now: () => number): string => {
  const head = headOf(row);
  const shown = show(parseWritten(stored) as JsonObject, view, new Date(now()).getUTCFullYear());
  return writeJson(stampObject({ ...head, at: toldTime(view, head.at) }, shown));
};

/** Undefined where the identity part is unreadable because its key was destroyed: half a record is no record. */
function whole(row: StoredRow, stored: string, overlay: Overlay | undefined): Opened | undefined {
  if (row.identity === null) return { text: stampText(headOf(row), stored) };
  if (overlay === undefined) return undefined;
  const resource = stampObject(headOf(row), join(parseWritten(stored) as JsonObject, overlay));
  return { text: writeJson(resource), resource };
}

/** `now`: milliseconds since the Unix epoch; by its year a view knows which ages are over 89. */
export function createOpener(seal: Seal, reader: RowReader, now: () => number): Opener {
  const clinicalTexts = async (tenant: number, rows: readonly StoredRow[]): Promise<(string | undefined)[]> => {
    const vault = await seal.vault('clinical', tenant);
    const live = rows.filter((row) => row.body !== null);
    const key = await keysOf(
      vault,
      live.map((row) => row.key),
    );
    return inTurns(rows, (row) => {
      const dataKey = row.body === null ? undefined : key(row.key);
      return dataKey && row.body ? clinicalText(vault, dataKey, row, row.body) : undefined;
    });
  };

  /** The opened overlay of each row that has one, by row. */
  const overlays = async (
    tenant: number,
    rows: readonly StoredRow[],
    guesses: readonly PartRow[],
  ): Promise<Map<StoredRow, Overlay>> => {
    const wanted = rows.filter((row) => row.identity !== null && row.body !== null);
    const opened = new Map<StoredRow, Overlay>();
    if (wanted.length === 0) return opened;
    const vault = await seal.vault('identity', tenant);
    const asked = wanted.map((row) => ({ row: vault.pseudonym(row.id), edition: row.identity as number }));
    const byName = new Map(guesses.map((part) => [`${part.row}/${part.edition}`, part]));
    const others = asked.filter(({ row, edition }) => !byName.has(`${row}/${edition}`));
    for (const part of await reader.parts(tenant, others)) byName.set(`${part.row}/${part.edition}`, part);
    const parts = [...byName.values()];
    const key = await keysOf(
      vault,
      parts.map((part) => part.key),
    );
    await inTurns([...wanted.entries()], ([index, row]) => {
      const part = byName.get(`${asked[index]?.row}/${row.identity}`);
      const dataKey = part && key(part.key);
      if (part && dataKey) opened.set(row, openPart(vault, dataKey, row, part));
    });
    return opened;
  };

  /** One row's overlay: the guess where it is the right edition. */
  const overlay = async (
    tenant: number,
    row: StoredRow,
    edition: number,
    guess?: PartRow,
  ): Promise<Overlay | undefined> => {
    const vault = await seal.vault('identity', tenant);
    const right = guess?.edition === edition;
    const part = right ? guess : (await reader.parts(tenant, [{ row: vault.pseudonym(row.id), edition }]))[0];
    const key = part && (await keyOf(vault, part.key));
    return part && key ? openPart(vault, key, row, part) : undefined;
  };

  const openAll: Opener['open'] = async (tenant, rows, view, guesses = []) => {
    const lifted = view === 'full' ? overlays(tenant, rows, guesses) : new Map<StoredRow, Overlay>();
    const [texts, opened] = await Promise.all([clinicalTexts(tenant, rows), lifted]);
    return inTurns([...rows.entries()], ([index, row]) => {
      const stored = texts[index];
      if (stored === undefined) return undefined;
      return view === 'full' ? whole(row, stored, opened.get(row)) : { text: masked(row, stored, view, now) };
    });
  };

  return {
    text: async (tenant, row, view, guess) => {
      if (row.body === null) return undefined;
      const vault = await seal.vault('clinical', tenant);
      const key = await keyOf(vault, row.key);
      if (key === undefined) return undefined;
      const stored = clinicalText(vault, key, row, row.body);
      if (view !== 'full') return masked(row, stored, view, now);
      const lifted = row.identity === null ? undefined : await overlay(tenant, row, row.identity, guess);
      return whole(row, stored, lifted)?.text;
    },
    texts: async (tenant, rows, view) => (await openAll(tenant, rows, view)).map((one) => one?.text),
    open: openAll,
  };
}
