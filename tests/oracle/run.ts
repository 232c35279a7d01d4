import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Instance } from '../harness/instance.ts';
import { createOracle, type Oracle } from './judge.ts';
import { anyQuery, type Query, writtenQuery } from './queries.ts';
import { type Any, randomWorld } from './world.ts';

export interface Sent {
  readonly instance: Pick<Instance, 'request'>;
  readonly token: string;
}

/** Loads a random world through the public API and gives an oracle over what a read then answers. */
export async function loadWorld({ instance, token }: Sent, seed: string, size: number): Promise<Oracle> {
  const headers = { prefer: 'return=representation' };
  const body = randomWorld(seed, size);
  const { status, json, text } = await instance.request({ method: 'POST', path: '/fhir/R4', token, headers, body });
  assert.equal(status, 200, text.slice(0, 2000));
  return createOracle(json.entry.map(({ resource }: Any) => resource));
}

/** All ids that a search answers, page by page, in order. */
export async function ask(
  { instance, token }: Sent,
  type: string,
  query: URLSearchParams,
  count: number,
): Promise<string[]> {
  query.set('_count', String(count));
  const ids: string[] = [];
  let path = `/fhir/R4/${type}?${query}`;
  for (let pages = 0; path !== ''; pages += 1) {
    const { status, json, text } = await instance.request({ path, token });
    assert.equal(status, 200, `${type}?${query}: ${status} ${text.slice(0, 500)}`);
    for (const { resource, search } of json.entry ?? []) if (search?.mode === 'match') ids.push(resource.id);
    const next = json.link?.find(({ relation }: Any) => relation === 'next')?.url;
    path = next === undefined ? '' : new URL(next).pathname + new URL(next).search;
    assert.ok(pages < 500, 'pages without end');
  }
  return ids;
}

/** Ascending (or descending) by key; what has none comes last. */
function assertOrder(oracle: Oracle, ids: readonly string[], sort: NonNullable<Query['sort']>, what: string): void {
  const keys = ids.map((id) => oracle.sortKey(id, sort));
  for (let at = 1; at < keys.length; at += 1) {
    const [before, after] = [keys[at - 1], keys[at]];
    if (after === undefined) continue;
    assert.ok(before !== undefined, `${what}: what has no value stands before what has one`);
    assert.ok(sort.descending ? before >= after : before <= after, `${what}: out of order at ${at}`);
  }
}

export interface Figures {
  queries: number;
  matches: number;
  empty: number;
}

/** Compares random queries with the oracle. A disagreement throws with the shrunk query and the seed. */
export async function compareWithOracle(
  sent: Sent,
  oracle: Oracle,
  { queries, seed, onProgress }: { queries: number; seed: number; onProgress?: (done: number) => void },
): Promise<Figures> {
  const figures: Figures = { queries: 0, matches: 0, empty: 0 };
  const property = fc.asyncProperty(anyQuery, fc.constantFrom(1000, 1000, 1000, 7), async (query, count) => {
    const text = writtenQuery(query, oracle.idAt);
    const what = `${query.type}?${text}`;
    const expected = oracle.answer(query);
    const got = await ask(sent, query.type, text, count);
    assert.deepEqual(got.toSorted(), [...expected].sort(), what);
    if (query.sort !== undefined) assertOrder(oracle, got, query.sort, what);
    figures.queries += 1;
    figures.matches += got.length;
    if (got.length === 0) figures.empty += 1;
    if (figures.queries % 1000 === 0) onProgress?.(figures.queries);
  });
  await fc.assert(property, { numRuns: queries, seed, endOnFailure: false });
  return figures;
}
