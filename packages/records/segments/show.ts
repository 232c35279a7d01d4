import { fault, type JsonObject } from '@safeguard/kernel';
import { toldOf } from './coarse.ts';
import { labelled } from './masked.ts';
import { type MaskedView, viewRules } from './rules.ts';
import { type SegmentMap, segmentMap } from './segment-map.ts';
import { viewResource } from './view.ts';
import { createViews } from './view-plan.ts';
import { firstYear } from './years.ts';

/**
 * A view of a resource, made of its clinical part alone: what lifting left empty is pruned, free text and binary data
 * are masked, mandatory elements that were lifted say `masked`; and what the view asks beside that (rules.ts). Does not
 * change its argument. `year`: the present one, UTC: by it the years are told that tell no age over 89.
 */
export type Show = (clinical: JsonObject, view: MaskedView, year: number) => JsonObject;

export function createShow(map: SegmentMap = segmentMap): Show {
  const views = {
    'without-identity': createViews('without-identity', map),
    limited: createViews('limited', map),
    deidentified: createViews('deidentified', map),
  } as const;
  return (clinical, view, year) => {
    const rules = viewRules[view];
    const first = rules.years ? firstYear(year) : 0;
    const renamed = rules.published ? { contained: new Map<string, string>() } : {};
    const shown = viewResource(clinical, { viewOf: views[view], first, ...renamed }, 0);
    if (!shown) throw fault('internal', 'A resource of unknown type cannot be shown without identity.');
    return { ...shown, ...toldOf(clinical, rules, first), meta: labelled(shown.meta) };
  };
}
