import { createDeidentify } from './deidentify.ts';
import { createSplit } from './split.ts';

export { type Category, categories } from './categories.ts';
export { createDecide, type Decide, type Decision, worded } from './decide.ts';
export { createDeidentify, type Deidentify } from './deidentify.ts';
export { join } from './join.ts';
export { unlabelled } from './masked.ts';
export type { Overlay, Segments } from './overlay.ts';
export { type ExtensionRule, type Rule, type SegmentMap, segmentMap } from './segment-map.ts';
export { createSplit, type Split } from './split.ts';

/** `split` and `deidentify` by the segment map. */
export const split = createSplit();
export const deidentify = createDeidentify();
