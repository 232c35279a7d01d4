export { orderedKeys, refToken, urlToken } from './labels.ts';
export { type ProbeVaults, probe, referenceColumns } from './probe.ts';
export { createReindex, type Reindex, type ReindexProgress } from './reindex.ts';
export { endsOf, segmentOf } from './segment-of.ts';
export type { Bound, ColumnToken, OrderedRange, ParameterSegment, Probe, ReferenceColumn } from './types.ts';
