import type { Test } from '@safeguard/fhir';
import type { Predicate } from './node.ts';
import type { Draft } from './sql.ts';

type DateTest = Extract<Test, { kind: 'date' }>;

/** What PostgreSQL and JavaScript both can say; nothing is written outside of it. */
const earliest = Date.UTC(1, 0, 1);
const latest = Date.UTC(9999, 11, 31);

const time = (draft: Draft, at: number): string =>
  draft.value(new Date(Math.min(Math.max(at, earliest), latest)).toISOString(), 'timestamptz');

/**
 * `meta.lastUpdated` is an instant of one millisecond: [at, at + 1 ms). So every comparison of R4 3.1.1.4.7 is one with
 * the ends of the range that was asked for.
 */
function comparison(draft: Draft, { prefix, low, high }: DateTest): string {
  const from = (): string => time(draft, low);
  const to = (): string => time(draft, high);
  switch (prefix) {
    case 'ne':
      return `not (u.at >= ${from()} and u.at < ${to()})`;
    case 'gt':
    case 'sa':
      return `u.at >= ${to()}`;
    case 'ge':
      return `u.at >= ${from()}`;
    case 'lt':
    case 'eb':
      return `u.at < ${from()}`;
    case 'le':
      return `u.at < ${to()}`;
    default:
      return `(u.at >= ${from()} and u.at < ${to()})`;
  }
}

/** `_lastUpdated`: any one of the tests. */
export const updatedPredicate =
  (tests: readonly DateTest[]): Predicate =>
  (draft, seq) =>
    `exists (select from records.resource u where u.seq = ${seq}
      and (${tests.map((test) => comparison(draft, test)).join(' or ') || 'false'}) offset 0)`;
