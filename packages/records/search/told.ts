import type { Condition, Parameter, Sort, Test } from '@safeguard/fhir';
import type { View } from '@safeguard/http';
import { fault, type JsonObject } from '@safeguard/kernel';
import { endsOf } from '../index-rows/index.ts';
import { isPublished, mayBeAge, viewRules } from '../segments/index.ts';
import type { Leaf } from './node.ts';

/**
 * The index holds whole values, and some views cut or group them: by asking the index about what is cut off it could be
 * found out. So what a view tells less of is asked in its own grain, or judged on what it shows.
 */

/** `index`: it tells no more than the view. `shown`: judged again on what is shown. `opened`: on that alone. */
type Telling = 'index' | 'shown' | 'opened';

const isYear = (at: number): boolean => new Date(Date.UTC(new Date(at).getUTCFullYear(), 0, 1)).getTime() === at;
const yearAfter = (at: number): number => Date.UTC(new Date(at).getUTCFullYear() + 1, 0, 1);

type DateTest = Extract<Test, { kind: 'date' }>;
const isWholeYear = ({ prefix, low, high }: DateTest): boolean =>
  prefix !== 'ap' && isYear(low) && high === yearAfter(low);

const areYears = (tests: readonly Test[]): boolean =>
  tests.every((test) => (test.kind === 'composite' ? areYears(test.parts) : test.kind !== 'date' || isWholeYear(test)));

const finer = (code: string): Error =>
  fault('forbidden', `${code}: a de-identified view is searched by whole years, such as 2020 or ge2020`);

const tellsYears = (view: View): boolean => view !== 'full' && viewRules[view].years;

/** Refuses dates finer than the year where a view tells years alone. Fault `forbidden`. */
export function requireYears(view: View, code: string, tests: readonly Test[]): void {
  if (tellsYears(view) && !areYears(tests)) throw finer(code);
}

/** Refuses an order by what the view does not show whole: it would tell which of two comes first. Fault `forbidden`. */
export function requireOrderTold(view: View, sorts: readonly Sort[]): void {
  if (sorts.length === 0 || view === 'full' || !viewRules[view].published) return;
  if (viewRules[view].years || sorts.some(({ by }) => by === '_id')) {
    throw fault('forbidden', '_sort: an order would tell more than this view shows');
  }
}

/** Elements of type `code` hold words of a closed list. */
const isClosed = (parameter: Parameter): boolean => {
  const ends = parameter.components === undefined ? endsOf(parameter) : [];
  return ends.length > 0 && ends.every(({ type }) => type === 'code' || type === 'boolean');
};

function tokenTelling({ parameter, modifier, tests }: Condition): Telling {
  const published = tests.every((test) => test.kind === 'token' && isPublished(test.system));
  if (published || isClosed(parameter)) return 'index';
  return modifier === 'not' ? 'opened' : 'shown';
}

/** By a unit of time, or by none at all, an age may be meant. */
const quantityTelling = (tests: readonly Test[]): Telling => {
  const ages = tests.filter((test) => test.kind === 'quantity' && mayBeAge(test) !== 'no');
  if (ages.length === 0) return 'index';
  return ages.some((test) => test.kind === 'quantity' && mayBeAge(test) === 'old') ? 'opened' : 'shown';
};

function compositeTelling(condition: Condition): Telling {
  const parts = condition.tests.flatMap((test) => (test.kind === 'composite' ? test.parts : []));
  return parts.length > 0 && quantityTelling(parts) === 'opened' ? 'opened' : 'shown';
}

const ofYears = (condition: Condition): Telling => {
  switch (condition.parameter.type) {
    case 'token':
      return tokenTelling(condition);
    case 'quantity':
      return quantityTelling(condition.tests);
    case 'composite':
      return compositeTelling(condition);
    case 'reference':
      return condition.tests.every((test) => test.kind === 'reference') ? 'index' : 'shown';
    default:
      return 'shown';
  }
};

function tellingOf(view: View, condition: Condition): Telling {
  if (view === 'full' || !viewRules[view].published || condition.modifier === 'missing') return 'index';
  if (viewRules[view].years) return ofYears(condition);
  const addresses = condition.tests.some(({ kind }) => kind === 'uri' || kind === 'reference-url');
  return addresses ? 'shown' : 'index';
}

/** A condition as far as the caller's view may ask it. Fault `forbidden`: it is finer than the view. */
export function toldLeaf(view: View, condition: Condition, leaf: Leaf, verify: (of: JsonObject) => boolean): Leaf {
  requireYears(view, condition.parameter.code, condition.tests);
  switch (tellingOf(view, condition)) {
    case 'index':
      return leaf;
    case 'shown':
      return { ...leaf, verify };
    default:
      return { kind: 'leaf', drivers: [], verify };
  }
}

/** Whether a rule, which is judged on what is stored, may be made of a condition: it tells no more than the view. */
export const isTold = (view: View, condition: Condition): boolean =>
  !tellsYears(view) ||
  (areYears(condition.tests) && (condition.parameter.type === 'date' || tellingOf(view, condition) === 'index'));

/** Fault `forbidden`: it tells more. */
export function requireTold(view: View, condition: Condition): void {
  if (isTold(view, condition)) return;
  const text = 'a de-identified view is limited by whole years and codes of published systems, named with them';
  throw fault('forbidden', `${condition.parameter.code}: ${text}`);
}
