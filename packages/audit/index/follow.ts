import { fault } from '@safeguard/kernel';
import type { Ledger, ReadEntry } from '@safeguard/ledger';
import type { Vault } from '@safeguard/seal';
import { partOf } from '../event.ts';
import { numberOf } from '../place.ts';
import { type Mark, type Marks, type Stretch, targets_a_row } from './marks.ts';
import { aboutTokens, createTokens, entryRow, form, type Tokens } from './tokens.ts';

/** Entries of one stretch. */
const stretch_entries = 250;

export interface FollowDeps {
  readonly ledger: Pick<Ledger, 'read' | 'readAt' | 'sizes'>;
  readonly marks: Marks;
  vault(tenant: number): Promise<Vault>;
}

/** How a run of following is bounded. */
export interface Run {
  /** Present: a log is left alone unless this process may hold it (in the background). */
  readonly holder?: string;
  /** Asked before each stretch; it may wait. False ends the run. */
  readonly goOn: () => boolean | Promise<boolean>;
}

export interface Following {
  /** Follows all of a tenant's logs to where they ended when it was asked. Answers how many entries are left to do. */
  run(tenant: number, run: Run): Promise<number>;
  reset(tenant: number): Promise<void>;
}

interface Log {
  readonly shard: number;
  readonly next: number;
  readonly size: number;
}

const newer = () => fault('unavailable', 'A newer version of this server indexes the audit log', { retry_after_s: 30 });

type Rows<Name extends 'entries' | 'abouts' | 'targets'> = Stretch[Name][number][];

function rowsOfTargets(tokens: readonly string[], at: number, place: number): Rows<'targets'> {
  const count = Math.ceil(tokens.length / targets_a_row);
  return Array.from({ length: count }, (_, row) => ({
    tokens: tokens.slice(row * targets_a_row, (row + 1) * targets_a_row),
    at,
    place,
  }));
}

/** The rows of a stretch: of an event in several parts one entry, where it begins, and what each part is about. */
function stretchOf(tokens: Tokens, shard: number, from: number, found: readonly ReadEntry[]): Stretch {
  const entries: Rows<'entries'> = [];
  const abouts: Rows<'abouts'> = [];
  const targets: Rows<'targets'> = [];
  /** Of the event that is being read, whose parts may repeat its patients. */
  const seen = new Set<string>();
  for (const { index, event } of found) {
    const one = partOf(event);
    if (one === undefined) continue;
    const { part = 1, at } = one;
    const place = numberOf({ shard, index: index - part + 1 });
    if (part === 1) entries.push(entryRow(tokens, one, place));
    const { heads, resources } = aboutTokens(tokens, one, part);
    if (part === 1) seen.clear();
    for (const token of heads) {
      if (!seen.has(token)) abouts.push({ token, at, place });
      seen.add(token);
    }
    targets.push(...rowsOfTargets(resources, at, place));
  }
  return { shard, from, to: from + found.length, entries, abouts, targets };
}

export function createFollowing({ ledger, marks, vault }: FollowDeps): Following {
  const known = new Map<number, Tokens>();
  const tokensFor = async (tenant: number): Promise<Tokens> => {
    const tokens = known.get(tenant) ?? createTokens(await vault(tenant));
    known.set(tenant, tokens);
    return tokens;
  };

  /** Where each log stands. What another version of this code made is forgotten. */
  const logsOf = async (tenant: number): Promise<Log[]> => {
    const sizes = await ledger.sizes(tenant);
    const found = await marks.list(tenant);
    if (found.some((mark) => mark.form > form)) throw newer();
    const old = found.some((mark) => mark.form < form);
    if (old) await marks.reset(tenant);
    const nextOf = new Map<number, Mark>(found.map((mark) => [mark.shard, mark]));
    for (const { shard } of sizes) if (!nextOf.has(shard)) await marks.add(tenant, shard);
    return sizes.map(({ shard, size }) => ({ shard, size, next: old ? 0 : (nextOf.get(shard)?.next ?? 0) }));
  };

  /** Answers up to where the log is done. */
  const followLog = async (tenant: number, { shard, size, next: start }: Log, { goOn }: Run): Promise<number> => {
    const tokens = await tokensFor(tenant);
    let next = start;
    while (next < size && (await goOn())) {
      const found = await ledger.read(tenant, next, Math.min(stretch_entries, size - next), shard);
      const stretch = stretchOf(tokens, shard, next, found);
      if (found.length === 0) break;
      if (await marks.put(tenant, stretch)) next = stretch.to;
      else next = (await marks.list(tenant)).find((mark) => mark.shard === shard)?.next ?? next;
    }
    return next;
  };

  return {
    run: async (tenant, run) => {
      let left = 0;
      for (const log of await logsOf(tenant)) {
        if (log.next >= log.size) continue;
        const free = run.holder === undefined || (await marks.hold(tenant, log.shard, run.holder));
        const next = free ? await followLog(tenant, log, run) : log.next;
        left += Math.max(0, log.size - next);
      }
      return left;
    },
    reset: marks.reset,
  };
}
