import type { SortPlace, SortValue } from './sort.ts';

/** Where a page of a search starts; goes sealed into its link (page.ts). */
export interface SearchPosition {
  /** The query as first asked, without `_page`. */
  readonly query: string;
  /** `handling=lenient` was preferred when it was first asked. */
  readonly lenient?: boolean;
  /** Resources with a greater number were created after the first page: they do not belong to the result. */
  readonly bound?: number;
  readonly from?: From;
}

/** The place from which on the answers are wanted. */
export interface From {
  /** Towards the beginning: the page that ends before the place. */
  readonly back: boolean;
  /** The type that was being read, of several. */
  readonly type: string;
  /** A number, a pseudonym, or what it was sorted by. */
  readonly place: number | string | SortPlace;
}

/** Infinite ends and missing values, which JSON has no words for. */
const written = (value: SortValue): unknown => (typeof value === 'number' ? { n: String(value) } : (value ?? null));

function readBack(value: unknown): SortValue {
  if (value === null) return undefined;
  return typeof value === 'string' ? value : Number((value as { n: string }).n);
}

const withValues = (position: SearchPosition, change: (value: never) => unknown): SearchPosition => {
  const { from } = position;
  if (from === undefined || typeof from.place !== 'object') return position;
  const values = from.place.values.map((value) => change(value as never) as SortValue);
  return { ...position, from: { ...from, place: { ...from.place, values } } };
};

/** As JSON can hold it, and back. */
export const packPosition = (position: SearchPosition): SearchPosition => withValues(position, written);
export const unpackPosition = (position: SearchPosition): SearchPosition => withValues(position, readBack);
