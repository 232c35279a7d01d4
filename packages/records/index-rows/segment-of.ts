import type { Modifier, Parameter } from '@safeguard/fhir';
import { createEnds, type End } from './paths.ts';
import type { ParameterSegment } from './types.ts';

const follow = createEnds();
const known = new WeakMap<Parameter, { readonly ends: readonly End[]; readonly segment: ParameterSegment }>();

/** Parameters without an expression of their own, by what they look at. */
const special: Readonly<Record<string, ParameterSegment>> = {
  near: 'identity',
  _text: 'identity',
  _content: 'identity',
};

/** Of a choice of date and words (`performed[x]`), a date parameter reads the date alone. */
const dates = /^(?:date|dateTime|instant|Period|Timing|)$/;
const isRead = ({ type }: Parameter, end: End): boolean => type !== 'date' || dates.test(end.type);

const first_own = 1_000;
/** Of a tenant's own making, and perhaps made to carry identity out. */
const isOwn = ({ number }: Parameter): boolean => number >= first_own;

/** A string or uri that ends at no primitive reads elements below it (`Reference.display`), which no path names. */
const readsBelow = ({ type }: Parameter, end: End): boolean =>
  (type === 'string' || type === 'uri') && !/^[a-z]/.test(end.type);

function segmentOfEnds(parameter: Parameter, ends: readonly End[]): ParameterSegment {
  if (isOwn(parameter) && (ends.length === 0 || ends.some((end) => readsBelow(parameter, end)))) return 'identity';
  if (ends.some((end) => end.decision === 'identity')) return 'identity';
  if (ends.some((end) => end.decision === 'text')) return 'masked';
  return parameter.expression === undefined ? (special[parameter.code] ?? 'clinical') : 'clinical';
}

const endsAt = (parameter: Parameter): readonly End[] =>
  follow(parameter.expression ?? '', parameter.of, isOwn(parameter));

function judged(parameter: Parameter): { readonly ends: readonly End[]; readonly segment: ParameterSegment } {
  let found = known.get(parameter);
  if (found === undefined) {
    const followed = parameter.type === 'composite' ? [] : endsAt(parameter);
    const ends = followed.filter((end) => isOwn(parameter) || isRead(parameter, end));
    found = { ends, segment: segmentOfEnds(parameter, ends) };
    known.set(parameter, found);
  }
  return found;
}

export const endsOf = (parameter: Parameter): readonly End[] => judged(parameter).ends;

const order: readonly ParameterSegment[] = ['clinical', 'masked', 'identity'];
const strictest = (all: readonly ParameterSegment[]): ParameterSegment =>
  order[Math.max(0, ...all.map((one) => order.indexOf(one)))] ?? 'identity';

/**
 * Where a parameter's values are kept, derived from the segment map by its expression. Where one of its paths is lifted
 * all of it counts as identity; so does what the walk cannot follow, and of a tenant's own parameter whatever has not a
 * shape that is known. A composite is as strict as its strictest part.
 * A modifier can look at more than the values: `:text` of a token at words, `:identifier` of a reference at numbers.
 */
export function segmentOf(parameter: Parameter, modifier?: Modifier): ParameterSegment {
  const own = parameter.components
    ? strictest(parameter.components.map((component) => segmentOf(component.parameter)))
    : judged(parameter).segment;
  if (modifier === 'text') return strictest([own, parameter.type === 'reference' ? 'identity' : 'masked']);
  if (modifier === 'identifier' || modifier === 'of-type') return 'identity';
  return own;
}
