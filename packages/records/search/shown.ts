import type { Shield } from '@safeguard/access';
import { type Condition, type Criterion, type Parameter, patientCompartment } from '@safeguard/fhir';
import type { View } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { endsOf, segmentOf } from '../index-rows/index.ts';

/** What of resources a caller is shown: by their view, and of a type's elements by the shields of policies. */
export interface Showing {
  readonly view: View;
  /** Of what a search finds. */
  readonly shield: (type: string) => Shield | undefined;
}

/** Elements that a parameter looks at, each as the names on the way; undefined: not known. */
type Looks = readonly (readonly string[])[] | undefined;

const known = new WeakMap<Parameter, { readonly looks: Looks }>();

/** `Patient.name.family` → `name`, `family`; what follows that is no name (a function, a condition) is left out. */
export const wordsOf = (path: string): readonly string[] =>
  /^(?:[A-Z%]\w*\.)?((?:[a-z]\w*(?:\.|$| ))*)/
    .exec(path)?.[1]
    ?.split(/[. ]/)
    .filter((word) => word !== '') ?? [];

function looksOf(parameter: Parameter): Looks {
  const before = known.get(parameter);
  if (before !== undefined) return before.looks;
  const parts = parameter.components?.map((one) => looksOf(one.parameter)) ?? [];
  const ends = parameter.expression === undefined ? [] : endsOf(parameter);
  const isKnown = !parts.includes(undefined) && ends.every(({ type }) => type !== '');
  const looks = isKnown
    ? [...ends.map(({ path }) => wordsOf(path)), ...parts.flatMap((part) => part ?? [])]
    : undefined;
  known.set(parameter, { looks });
  return looks;
}

/** A choice by its name or by the name of one of its types: `value`, `value[x]`, `valueQuantity`. */
const isSame = (hidden: string, looked: string): boolean => {
  const name = hidden.replace('[x]', '');
  return name === looked || (name.startsWith(looked) && /^[A-Z]/.test(name.slice(looked.length)));
};

/** One of the elements is the other, or stands in it. */
const meets = (hidden: readonly string[], looked: readonly string[]): boolean =>
  hidden.slice(0, looked.length).every((name, index) => isSame(name, looked[index] ?? ''));

/** Whether what a parameter looks at may lie in one of the elements. */
export function touches(parameter: Parameter, hide: readonly string[]): boolean {
  if (hide.length === 0) return false;
  const looks = looksOf(parameter);
  if (looks === undefined) return true;
  return hide.some((path) => looks.some((words) => meets(path.split('.'), words)));
}

/** Whether the caller is shown the values that a parameter (with its modifier) looks at. */
export const isShown = (showing: Showing, parameter: Parameter, modifier?: Condition['modifier']): boolean =>
  (showing.view === 'full' || segmentOf(parameter, modifier) === 'clinical') &&
  !touches(parameter, showing.shield(parameter.of)?.hide ?? []);

export const notShown = (code: string): Error =>
  fault('forbidden', `${code}: a de-identified view cannot search by what it does not show`);

const hidden = (): Error => fault('forbidden', 'Access denied: a search cannot look at elements that are hidden.');

/** Refuses a parameter whose values the caller is not shown: by searching they could be guessed. Fault `forbidden`. */
export function requireShown(showing: Showing, parameter: Parameter, modifier?: Condition['modifier']): void {
  const { view, shield } = showing;
  if (view !== 'full' && segmentOf(parameter, modifier) !== 'clinical') throw notShown(parameter.code);
  if (touches(parameter, shield(parameter.of)?.hide ?? [])) throw hidden();
}

/** Refuses words where any element of the type is hidden: they are searched in all of it. */
export function requireWhole({ shield }: Showing, type: string): void {
  if ((shield(type)?.hide ?? []).length > 0) throw hidden();
}

/** Whether the elements that put a type into a patient's compartment are shown. */
export const isCompartmentShown = ({ shield }: Showing, type: string): boolean =>
  !(shield(type)?.hide ?? []).some((path) =>
    (patientCompartment(type)?.paths ?? []).some((other) => meets(path.split('.'), other.split('.'))),
  );

export function requireCompartmentShown(showing: Showing, type: string): void {
  if (!isCompartmentShown(showing, type)) throw hidden();
}

/** Refuses a criterion on a type that looks, wherever it leads, at what the caller is not shown. Fault `forbidden`. */
export function requireCriterion(showing: Showing, type: string, criterion: Criterion): void {
  switch (criterion.kind) {
    case 'and':
    case 'or':
      for (const one of criterion.all) requireCriterion(showing, type, one);
      return;
    case 'not':
      requireCriterion(showing, type, criterion.one);
      return;
    case 'condition':
      requireShown(showing, criterion.parameter, criterion.modifier);
      return;
    case 'chain':
      requireShown(showing, criterion.parameter);
      for (const link of criterion.links) requireCriterion(showing, link.type, link.where);
      return;
    case 'has':
      requireShown(showing, criterion.parameter);
      requireCriterion(showing, criterion.link.type, criterion.link.where);
      return;
    case 'text':
      requireWhole(showing, type);
      return;
    default:
      return;
  }
}
