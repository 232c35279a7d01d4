import { fault, type JsonObject } from '@safeguard/kernel';
import { labelled } from './masked.ts';
import { type SegmentMap, segmentMap } from './segment-map.ts';
import { viewResource } from './view.ts';
import { createViews } from './view-plan.ts';

/**
 * The de-identified view of a resource, from its clinical part alone: what lifting left empty is pruned, free text and
 * binary data are masked, mandatory elements that were lifted say `masked`. Does not change its argument.
 */
export type Deidentify = (clinical: JsonObject) => JsonObject;

export function createDeidentify(map: SegmentMap = segmentMap): Deidentify {
  const viewOf = createViews(map);
  return (clinical) => {
    const shown = viewResource(clinical, viewOf, 0);
    if (!shown) throw fault('internal', 'A resource of unknown type cannot be shown de-identified.');
    return { ...shown, meta: labelled(shown.meta) };
  };
}
