import type { Check } from '@safeguard/kernel';
import { counted, found as finding } from '../found.ts';
import { openFolder, readReceipts } from './receipts.ts';

const day_ms = 86_400_000;

export interface TrainingDeps {
  readonly directory: string;
  /** Active people of the workforce, and since when each is there (milliseconds since the Unix epoch). */
  readonly workforce: () => Promise<readonly { readonly id: string; readonly since: number }[]>;
}

/** 45 CFR 164.308(a)(5)(i), 164.530(b). */
export const training = ({ directory, workforce }: TrainingDeps): Check => ({
  id: 'operations.training',
  title: 'Everybody of the workforce is trained',
  query:
    'Holds every active account of the workforce against the receipts of the training: completed within the renewal, ' +
    'or still within the time that new staff have.',
  every_s: 3_600,
  kind: 'reported',
  async run({ at, number }) {
    const [{ found, isOpen }, people] = await Promise.all([readReceipts(directory, 'training', at), workforce()]);
    if (isOpen) return { result: 'unmet', examined: people.length, ...openFolder };
    const last = new Map<string, number>();
    for (const { completed = [] } of found) {
      for (const { account, at: done } of completed) {
        if (done <= at && done > (last.get(account) ?? 0)) last.set(account, done);
      }
    }
    const [renewal_ms, new_ms] = [number('training.renewal_days') * day_ms, number('training.new_staff_days') * day_ms];
    const isTrained = ({ id, since }: { id: string; since: number }): boolean =>
      at - (last.get(id) ?? Number.NEGATIVE_INFINITY) <= renewal_ms || (!last.has(id) && at - since <= new_ms);
    const late = people.filter((one) => !isTrained(one));
    return finding(
      people.length,
      late.map(({ id }) => `account ${id}`),
      {
        met: `${counted(people.length, 'person', 'people')}: each is trained, or new within the time.`,
        unmet: 'people are not trained in time.',
        todo: 'Have them trained, and leave a receipt of who completed it. Safeguard trains nobody itself yet.',
      },
    );
  },
});
