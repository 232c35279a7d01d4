import { numberValue } from '../numbers.ts';
import { anyOf, eitherOf, type Make, needs, notBoth, together, without } from './presence.ts';
import * as special from './special.ts';

/** Not below zero; a value that is only an extension passes: nothing can be said of it. */
const notNegative =
  (name: string): Make =>
  () =>
  (value) =>
    (numberValue(value[name]) ?? 0) >= 0;

const noneAtHome: Make = () => (value) => value['use'] !== 'home';

const rows: readonly (readonly [keys: string, make: Make])[] = [
  ['ait-1', special.allergyHasStatus],
  ['ait-2', special.allergyHasNoStatus],
  ['app-1', anyOf('type', 'actor')],
  ['app-2', together('start', 'end')],
  ['apr-1', anyOf('participantType', 'actor')],
  ['att-1', needs('data', 'contentType')],
  ['ces-1', eitherOf('category', 'productOrService')],
  ['cmp-1', anyOf('text', 'entry', 'section')],
  ['cmp-2', notBoth('emptyReason', 'entry')],
  ['con-1', anyOf('summary', 'assessment')],
  ['con-2', anyOf('code', 'detail')],
  ['con-4', special.abatedIsInactive],
  ['con-5', special.mistakenHasNoStatus],
  ['ctm-1', special.onBehalfOfPractitioner],
  ['cpl-3', notBoth('detail', 'reference')],
  ['cpt-2', needs('value', 'system')],
  ['csd-1', special.distinctConcepts],
  ['dom-3', special.containedIsUsed],
  ['drq-1', eitherOf('path', 'searchParam')],
  ['drq-2', eitherOf('path', 'searchParam')],
  ['drt-1', special.durationHasUnit],
  ['eld-1', anyOf('discriminator', 'description')],
  ['eld-8', notBoth('pattern[x]', 'fixed[x]')],
  ['eld-15', notBoth('defaultValue[x]', 'meaningWhenMissing')],
  ['eld-22', needs('sliceIsConstraining', 'sliceName')],
  ['exp-1', anyOf('expression', 'reference')],
  ['fhs-1', notBoth('age[x]', 'born[x]')],
  ['fhs-2', needs('estimatedAge', 'age[x]')],
  ['gol-1', needs('detail[x]', 'measure')],
  ['ig-1', special.groupingsExist],
  ['imm-1', anyOf('documentType', 'reference')],
  ['imr-1', anyOf('vaccineCode', 'targetDisease')],
  ['lst-1', notBoth('emptyReason', 'entry')],
  ['mad-1', anyOf('dose', 'rate[x]')],
  ['obs-3', anyOf('low', 'high', 'text')],
  ['obs-6', notBoth('dataAbsentReason', 'value[x]')],
  ['obs-7', special.componentsDiffer],
  ['org-1', anyOf('identifier', 'name')],
  ['org-2', noneAtHome],
  ['org-3', noneAtHome],
  ['pat-1', anyOf('name', 'telecom', 'address', 'organization')],
  ['ppc-1', anyOf('policy', 'policyRule')],
  ['prr-1', needs('orderDetail', 'code')],
  ['qrs-1', notBoth('answer', 'item')],
  ['que-2', special.distinctLinks],
  ['que-4', notBoth('answerOption', 'answerValueSet')],
  ['que-7', special.existsIsAsked],
  ['que-11', notBoth('answerOption', 'initial')],
  ['qty-3', needs('code', 'system')],
  ['rat-1', special.ratioIsWhole],
  ['rqg-1', eitherOf('resource', 'action')],
  ['sdf-2', anyOf('name', 'uri')],
  ['sdf-6', anyOf('snapshot', 'differential')],
  ['sev-1', notBoth('name', 'query')],
  ['smp-1', needs('element', 'context')],
  ['smp-2', needs('context', 'contextType')],
  ['spd-1', needs('xpath', 'xpathUsage')],
  ['sqty-1', without('comparator')],
  ['tim-1', needs('duration', 'durationUnit')],
  ['tim-2', needs('period', 'periodUnit')],
  ['tim-4', notNegative('duration')],
  ['tim-5', notNegative('period')],
  ['tim-6', needs('periodMax', 'period')],
  ['tim-7', needs('durationMax', 'duration')],
  ['tim-8', needs('countMax', 'count')],
  ['tim-9', special.offsetNeedsEvent],
  ['tim-10', notBoth('timeOfDay', 'when')],
  ['trd-1', notBoth('data', 'timing[x]')],
  ['trd-2', needs('condition', 'data')],
  ['vsd-1', anyOf('valueSet', 'system')],
  ['vsd-3', notBoth('concept', 'filter')],
  ['vsd-6', anyOf('code', 'display')],
  ['vsd-10', needs('code', 'system')],
  // Warnings.
  ['dom-6', special.hasNarrative],
];

/** The constraints that are met often, by key, as code that says what their FHIRPath says: a test compares the two. */
export const fast: ReadonlyMap<string, Make> = new Map(rows);

/**
 * Those that the structural checks state already: `compile.ts` (ele-1), `rules.ts`, `bundle.ts`, `resource.ts` and
 * `narrative.ts`.
 */
export const elsewhere: ReadonlySet<string> = new Set(
  `ele-1 ext-1 per-1 ref-1 txt-1 txt-2 dom-2 dom-4 dom-5
   bdl-1 bdl-2 bdl-3 bdl-4 bdl-5 bdl-7 bdl-8 bdl-9 bdl-10 bdl-11 bdl-12`.split(/\s+/),
);
