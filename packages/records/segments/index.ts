import { createShow } from './show.ts';
import { createSplit } from './split.ts';

export { mayBeAge } from './ages.ts';
export { type Category, categories } from './categories.ts';
export { createDecide, type Decide, type Decision, worded } from './decide.ts';
export { join } from './join.ts';
export { unlabelled } from './masked.ts';
export type { Overlay, Segments } from './overlay.ts';
export { isPublished } from './published.ts';
export { type MaskedView, viewRules } from './rules.ts';
export { type ExtensionRule, type Rule, type SegmentMap, segmentMap } from './segment-map.ts';
export { createShow, type Show } from './show.ts';
export { createSplit, type Split } from './split.ts';
export { startOf } from './years.ts';

/** `split` and `show` by the segment map. */
export const split = createSplit();
export const show = createShow();
