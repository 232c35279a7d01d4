import type { Floor } from '../floor/start.ts';
import type { Ask, Script } from '../generator/plan.ts';

const body = JSON.stringify({ filler: 'x'.repeat(900) });

const insert: Ask = { method: 'POST', path: '/one', body, expected: 201, units: 1 };

const select = (key: string): Ask => ({ method: 'GET', path: `/${key}`, expected: 200, units: 1 });

/** One SELECT by key of a row of 1 KB. */
export const selects = ({ keys }: Floor): Script => ({ name: 'random', asks: keys.map(select) });

/** One SELECT of the 20 rows of 1 KB that share a key. */
export const pages = ({ keys }: Floor): Script => ({ name: 'random', asks: keys.map((key) => select(`${key}/page`)) });

/** The same, each with an INSERT of 0.4 KB on disk before the answer: no read that is recorded can be faster. */
export const recordedSelects = ({ keys }: Floor): Script => ({
  name: 'random',
  asks: keys.map((key) => select(`${key}/entry`)),
});

/** One INSERT of 0.9 KB, its commit on disk. */
export const inserts: Script = { name: 'in turn', asks: [insert] };

/** Three INSERTs to one SELECT: what create, read, update and delete of the same number come down to. */
export const mixed = ({ keys }: Floor): Script => ({
  name: 'in turn',
  asks: keys.flatMap((key) => [insert, insert, insert, select(key)]),
});

/** The same bundles: parsed, taken apart, written with one INSERT of many rows and one commit. */
export const bundles = (asks: readonly Ask[]): Script => ({
  name: 'in turn',
  asks: asks.map((ask) => ({ ...ask, path: '/many' })),
});
