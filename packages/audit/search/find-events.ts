import { type Audited, eventsAt } from '../event.ts';
import type { At, Wanted } from '../index/find.ts';
import { createTokens } from '../index/tokens.ts';
import { numberOf } from '../place.ts';
import type { House } from '../types.ts';
import { answers, tokensOf } from './matches.ts';
import type { AuditQuery } from './query.ts';

/** What is proposed at once, at most. */
const proposed_most = 1000;

/** Looks of one search: past it, the index proposes what does not answer, and that is said rather than hidden. */
const looks_most = 200;

export interface FoundEvents {
  readonly found: readonly Audited[];
  /** There may be more behind the last. */
  readonly more: boolean;
}

const atOf = ({ place, event }: Audited): At => ({ at: event.at, place: numberOf(place) });

/**
 * The first `count` events that answer, newest first. The index proposes places; each is opened from the ledger and
 * judged there, so that a row of the index that was invented or altered adds nothing.
 */
export async function findEvents(
  { find, ledger, vault }: Pick<House, 'find' | 'ledger' | 'vault'>,
  tenant: number,
  query: AuditQuery,
  after: At | undefined,
  count: number,
): Promise<FoundEvents> {
  const tokens = createTokens(await vault(tenant));
  const wanted: Wanted = { abouts: [], ...tokensOf(tokens, query), from: query.from, to: query.to, after: undefined };
  const found: Audited[] = [];
  let behind = after;
  for (let look = 0; look < looks_most; look += 1) {
    const limit = Math.min(proposed_most, count - found.length + 1);
    const proposed = await find(tenant, { ...wanted, after: behind }, limit);
    const opened = await eventsAt(
      ledger,
      tenant,
      proposed.map(({ place }) => place),
    );
    const proposedAt = new Map(proposed.map(({ at, place }) => [place, at]));
    for (const one of opened) {
      const { at, place } = atOf(one);
      if (proposedAt.get(place) === at && answers(one.event, query)) found.push(one);
    }
    if (found.length > count) return { found: found.slice(0, count), more: true };
    if (proposed.length < limit) return { found, more: false };
    behind = proposed.at(-1);
  }
  return { found, more: true };
}
