import { diffLines } from 'diff';
import { houseOf, missingPolicy, type PoliciesDeps } from './deps.ts';
import { publishedOf, versionByNumber } from './rows.ts';
import type { Change } from './types.ts';

/**
 * Edits after which two texts count as having nothing in common: more tells nobody anything, and the time that it takes
 * grows with the square of them, while nobody else is served.
 */
const edits_most = 1_000;

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** Line by line, in order; each line of both texts is in it once. */
export function redlineOf(before: string, after: string): Change[] {
  const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
  const changes = diffLines(ended(before), ended(after), { maxEditLength: edits_most });
  const all = changes ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ];
  return all.flatMap(({ value, added, removed }) => {
    const kind = added ? 'added' : removed ? 'removed' : 'same';
    return linesOf(value).map((text): Change => ({ kind, text }));
  });
}

export async function redline(deps: PoliciesDeps, tenant: number, policy: string, from: number, to: number) {
  const textOf = async (number: number): Promise<string> => {
    const found = await versionByNumber(deps, tenant, policy, number);
    if (found === undefined) throw missingPolicy();
    return found.content.text;
  };
  if (from !== 0) return redlineOf(await textOf(from), await textOf(to));
  const [house] = tenant === houseOf(deps) ? [] : await publishedOf(deps, houseOf(deps), policy);
  return redlineOf(house?.content.text ?? '', await textOf(to));
}
