import type { Row, Segment } from '../types.ts';
import type { StoreCheckDeps } from './checks.ts';

/** One question on no tenant's behalf. */
export const ask = <R extends Row>(segment: Segment, text: string, values: readonly unknown[] = []): Promise<R[]> =>
  segment.query<R>(0, { name: '', text }, values);

/** The pools of the product: each serves one role. */
export const poolsOf = ({ store }: StoreCheckDeps): readonly { readonly who: string; readonly segment: Segment }[] => [
  { who: 'identity', segment: store.segment('identity') },
  { who: 'clinical', segment: store.segment('clinical') },
  { who: 'ledger', segment: store.segment('ledger') },
  { who: 'reader', segment: store.reader() },
];
