import type { Span } from '../period.ts';
import { termOf } from '../terms.ts';
import type { Meant } from './meant.ts';
import { byParameter, query } from './query.ts';

/** When what a resource tells of was, or else was written down: the first that the type has. */
const dateNames = byParameter([
  ...['authoredon', 'authored', 'authored-on', 'effective-time', 'effective', 'recorded-date', 'date', 'datetime'],
  ...['created', 'started', 'collected', 'whenhandedover', 'sent', 'start-date', 'occurrence', 'datewritten'],
  ...['identified', 'issued', 'recorded', 'period', 'start'],
]);
/** Types that are of no time. */
const timeless = termOf({ types: ['Coverage', 'Group', 'Patient', 'Person', 'RelatedPerson'] });

const instant = (at: number): string => new Date(at).toISOString();
const isFiniteYear = (at: number): boolean => Math.abs(at) < 8.64e15;

/** A denial takes what is not surely outside (what bears no date too); a permission gives what is surely within. */
export function dataWithin({ from, until }: Span): Meant {
  const named = [...dateNames];
  const before = isFiniteYear(from)
    ? named.map(([name, of]) => termOf({ types: of, queries: [query(name, [`eb${instant(from)}`])] }))
    : [];
  const after = isFiniteYear(until)
    ? named.map(([name, of]) => termOf({ types: of, queries: [query(name, [`sa${instant(until - 1)}`])] }))
    : [];
  const must = named.map(([name, of]) => {
    const starts = isFiniteYear(from) ? [query(name, [`sa${instant(from - 1)}`])] : [];
    const ends = isFiniteYear(until) ? [query(name, [`eb${instant(until)}`])] : [];
    return termOf({ types: of, queries: [...starts, ...ends] });
  });
  return { may: [termOf({}, [timeless, ...before, ...after])], must };
}
