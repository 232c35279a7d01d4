import { boundaries } from './boundary.ts';
import { collections } from './collections.ts';
import { conversions } from './conversion.ts';
import type { Functions } from './define.ts';
import { encoding } from './encoding.ts';
import { existence } from './existence.ts';
import { fhir } from './fhir.ts';
import { filtering } from './filtering.ts';
import { math } from './math.ts';
import { strings } from './strings.ts';

/** Every function by name. */
export const functions: Functions = {
  ...existence,
  ...filtering,
  ...collections,
  ...conversions,
  ...strings,
  ...encoding,
  ...math,
  ...boundaries,
  ...fhir,
};
