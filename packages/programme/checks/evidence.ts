import { type Clock, fault, isUuid } from '@safeguard/kernel';
import { type Ledger, originOf } from '@safeguard/ledger';
import type { Segment } from '@safeguard/store';
import { type Held, heldAgainst, platform } from './held.ts';
import { evidenceOf } from './shape.ts';
import * as sql from './statements.ts';
import type { EvidenceStore, PlacedEvidence } from './types.ts';
import { type Unfound, unfoundSince } from './unfound.ts';

export interface EvidenceDeps {
  readonly ledger: Pick<Ledger, 'append' | 'readAt' | 'sizes'>;
  /** The name of the ledger's signer: origins of logs begin with it. */
  readonly signer: string;
  /** The identity segment. */
  readonly segment: Segment;
  readonly clock: Clock;
}

/** An EvidenceStore that can also be held against the log the other way round. */
export interface Evidences extends EvidenceStore {
  /** Evidence of the log, received since, that no row finds: its row was deleted, or never written after a crash. */
  unfound(since: number): Promise<Unfound>;
  /** Gives each of these its row again. Answers how many. */
  mend(since: number): Promise<number>;
}

/** So many older rows are tried for a check whose newest is forged. */
const older_most = 200;
const page = 500;
const list_most = 1000;
const first = '00000000-0000-0000-0000-000000000000';
const last = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Evidence in the platform's log, found by rows of `programme.evidence`. Each row read is held against the log. */
export function createEvidence(deps: EvidenceDeps): Evidences {
  const { ledger, segment, signer } = deps;
  const origin = (shard: number): string => originOf(signer, platform, shard);
  const ask = (statement: typeof sql.add, ...values: readonly unknown[]): Promise<sql.EvidenceRow[]> =>
    segment.query<sql.EvidenceRow>(platform, statement, values);
  const held = (rows: readonly sql.EvidenceRow[]): Promise<Held> => heldAgainst(ledger, origin, rows);
  const point = async ({ evidence, place }: PlacedEvidence): Promise<void> => {
    await ask(sql.add, evidence.id, evidence.check, evidence.at, place.shard, place.index);
  };
  const unfound = (since: number): Promise<Unfound> => unfoundSince(deps, origin, since);
  return {
    add: async (evidence) => {
      if (evidenceOf(evidence) === undefined) throw fault('internal', 'this is no evidence');
      const { log, first: index } = await ledger.append(platform, [evidence]);
      const placed = { evidence, place: { log, shard: Number(log.split('/').at(-1)), index } };
      await point(placed);
      return placed;
    },
    newest: async (at) => {
      const rows = await ask(sql.newest, at);
      const { found, forged } = await held(rows);
      const named = [...forged];
      const replaced = await Promise.all(
        rows.filter(({ id }) => forged.includes(id)).map((row) => genuineBefore(row, named)),
      );
      const all = [...found, ...replaced.filter((one) => one !== undefined)];
      return { found: new Map(all.map((one) => [one.evidence.check, one])), forged: named };
    },
    list: async (check, { before = Number.MAX_SAFE_INTEGER, count }) =>
      (await held(await ask(sql.before, check, before, first, Math.min(count, list_most)))).found,
    period: (from, until) => period(from, until),
    byId: async (id) => (isUuid(id) ? (await held(await ask(sql.byId, id))).found[0] : undefined),
    unfound,
    mend: async (since) => {
      const { missing } = await unfound(since);
      for (const placed of missing) await point(placed);
      return missing.length;
    },
  };

  /** Whoever hides an evidence behind a forged row gains nothing: the newest genuine one before it counts. */
  async function genuineBefore(row: sql.EvidenceRow, named: string[]): Promise<PlacedEvidence | undefined> {
    const rows = await ask(sql.before, row.check_id, row.at, row.id, older_most);
    const { found, forged } = await held(rows);
    const genuine = found[0];
    const place = rows.findIndex(({ id }) => id === genuine?.evidence.id);
    const above = new Set(rows.slice(0, place < 0 ? rows.length : place).map(({ id }) => id));
    named.push(...forged.filter((id) => above.has(id)));
    return genuine;
  }

  async function* period(from: number, until: number): AsyncGenerator<PlacedEvidence> {
    let [at, id] = [from - 1, last];
    for (;;) {
      const rows = await ask(sql.period, until, at, id, page);
      yield* (await held(rows)).found;
      const end = rows.at(-1);
      if (end === undefined || rows.length < page) return;
      [at, id] = [end.at, end.id];
    }
  }
}
