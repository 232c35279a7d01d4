import type { CheckState, PostureInput } from './types.ts';

/** Evidence counts for two intervals of its check; then it is stale. */
const intervals = 2;

const dateOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

type Input = Pick<PostureInput, 'at' | 'checks' | 'newest'>;

/** What a check says at a moment. Without fresh evidence of something that was examined: nothing. */
export function checkStateOf({ at, checks, newest }: Input, id: string): CheckState {
  const check = checks.get(id);
  const placed = newest.get(id);
  const title = check?.title ?? id;
  const unknown = (because: string): CheckState => ({ check: id, title, state: 'unknown', because });
  if (check === undefined) return unknown('There is no such check.');
  const { evidence } = placed ?? {};
  if (placed === undefined || evidence === undefined || evidence.check !== id || evidence.at > at) {
    return unknown('There is no evidence yet.');
  }
  const fresh_until = evidence.at + intervals * check.every_s * 1000;
  const found = { check: id, title, fresh_until, evidence: placed };
  if (at > fresh_until) return { ...found, state: 'unknown', because: `Stale since ${dateOf(fresh_until)}.` };
  if (evidence.result === 'met' && !(evidence.examined > 0)) {
    return { ...found, state: 'unknown', because: 'Nothing was examined.' };
  }
  return { ...found, state: evidence.result, because: evidence.saw };
}
