import { type CustomParameter, type Parameter, parametersOf } from '@safeguard/fhir';
import type { End } from './paths.ts';
import { endsOf, segmentOf } from './segment-of.ts';

export const column_count = 12;

/** The highest parameter number that has a bit in `present`: int8 without its sign. */
const last_bit = 62;

/** How a parameter's values are turned into tokens of the identity segment. */
export type IdentityForm = 'text' | 'code' | 'day';

/**
 * Where the values of a parameter are kept. `identity`: under the code of `carrier`, which may be another parameter
 * whose values contain this one's (`family` ⊂ `name`). `code`: one token; `coding`: by code alone, and with its system.
 */
export type Place =
  | { readonly in: 'identity'; readonly carrier: string; readonly form: IdentityForm }
  | { readonly in: 'code' | 'reference' | 'uri' | 'text'; readonly column: number }
  /** References without end (what a Provenance is about): in whatever column is free. */
  | { readonly in: 'references' }
  | { readonly in: 'coding'; readonly alone: number; readonly pair: number }
  | { readonly in: 'ordered' }
  | { readonly in: 'nowhere' };

export interface Planned {
  readonly parameter: Parameter;
  readonly place: Place;
  /** The bit of `present`. */
  readonly bit: number | undefined;
}

/** By code: every parameter of a type. */
export type TypePlan = ReadonlyMap<string, Planned>;

const identityForms: Readonly<Partial<Record<Parameter['type'], IdentityForm>>> = {
  string: 'text',
  token: 'code',
  reference: 'code',
  uri: 'code',
  date: 'day',
};

const isCode = (ends: readonly End[]): boolean => ends.length > 0 && ends.every(({ type }) => /^[a-z]/.test(type));

const wholes = /^(?:HumanName|Address|ContactPoint)$/;

/** Whether every value of `one` is among those of `other`: its paths lead to where the other's do, or below. */
function isCarried(one: Parameter, other: Parameter): boolean {
  const above = endsOf(other).filter(({ type, partial }) => !partial && wholes.test(type));
  const ends = endsOf(one);
  return ends.length > 0 && ends.every(({ path }) => above.some((end) => `${path}.`.startsWith(`${end.path}.`)));
}

/** The parameter of the same kind that has all of this one's values; of two that have the same, the first. */
function carrierOf(parameter: Parameter, all: readonly Parameter[]): string {
  const carriers = all.filter(
    (other) =>
      other.type === parameter.type &&
      other.within === undefined &&
      segmentOf(other) === 'identity' &&
      isCarried(parameter, other) &&
      (other.number < parameter.number || !isCarried(other, parameter)),
  );
  return carriers[0]?.code ?? parameter.code;
}

function identityPlace(parameter: Parameter, all: readonly Parameter[]): Place {
  const form = identityForms[parameter.type];
  return form ? { in: 'identity', carrier: carrierOf(parameter, all), form } : { in: 'nowhere' };
}

/** Lists that grow with what they list: in one column, each item would cost a row. */
const endless = new Set(
  (
    'Provenance.target List.item Group.member Composition.entry DocumentManifest.item DiagnosticReport.result ' +
    'Observation.has-member Observation.derived-from'
  ).split(' '),
);

/** `next` gives out columns. */
function clinicalPlace(parameter: Parameter, next: () => number): Place {
  switch (parameter.type) {
    case 'token':
      return isCode(endsOf(parameter)) ? { in: 'code', column: next() } : { in: 'coding', alone: next(), pair: next() };
    case 'reference':
      return endless.has(`${parameter.of}.${parameter.code}`)
        ? { in: 'references' }
        : { in: 'reference', column: next() };
    case 'uri':
      return { in: 'uri', column: next() };
    case 'string':
      return { in: 'text', column: next() };
    case 'date':
    case 'number':
    case 'quantity':
      return { in: 'ordered' };
    default:
      return { in: 'nowhere' };
  }
}

function placeOf(parameter: Parameter, all: readonly Parameter[], next: () => number): Place {
  if (parameter.within !== undefined || parameter.expression === undefined) return { in: 'nowhere' };
  if (parameter.type === 'composite' || parameter.type === 'special') return { in: 'nowhere' };
  return segmentOf(parameter) === 'identity' ? identityPlace(parameter, all) : clinicalPlace(parameter, next);
}

const planned = (parameter: Parameter, place: Place): Planned => ({
  parameter,
  place,
  bit: parameter.number <= last_bit ? parameter.number : undefined,
});

/**
 * What most resources have, so that these never share a column. Never change the order: what is stored was placed by
 * it.
 */
const often: ReadonlyMap<string, number> = new Map(
  (
    'code category status subject patient encounter _profile value-concept performer type class intent provider ' +
    'requester participant participant-type service-provider location author custodian format contenttype ' +
    'clinical-status verification-status vaccine-code medication reason-reference reason-code activity-code ' +
    'care-team condition criticality context claim coverage facility insurer organization practitioner role ' +
    'priority use'
  )
    .split(' ')
    .map((code, index) => [code, index]),
);

const rank = ({ code, number }: Parameter): number =>
  often.get(code) ?? 1000 + number + (code.startsWith('_') ? 1000 : 0);

/** Columns one after the other: what many resources have first, `_tag`, `_security` … last. */
function build(type: string): TypePlan {
  let given = 0;
  const next = (): number => given++ % column_count;
  const all = [...parametersOf(type).values()];
  const ranked = all.toSorted((one, other) => rank(one) - rank(other));
  return new Map(ranked.map((parameter) => [parameter.code, planned(parameter, placeOf(parameter, all, next))]));
}

/** A custom parameter's columns follow from its number: others that come or go do not move it. */
function customPlace(parameter: Parameter): Place {
  let given = parameter.number;
  return placeOf(parameter, [parameter], () => given++ % column_count);
}

const base = new Map<string, TypePlan>();

/** The plan of R4's own parameters of a type. It never changes: what is stored was stored by it. */
function baseOf(type: string): TypePlan {
  let found = base.get(type);
  if (found === undefined) {
    found = build(type);
    base.set(type, found);
  }
  return found;
}

const custom = new WeakMap<Parameter, Planned>();

/** Where a parameter's values are kept. */
export function plannedOf(parameter: Parameter): Planned {
  const known = baseOf(parameter.of).get(parameter.code);
  if (known !== undefined && known.parameter.number === parameter.number) return known;
  let own = custom.get(parameter);
  if (own === undefined) {
    own = planned(parameter, customPlace(parameter));
    custom.set(parameter, own);
  }
  return own;
}

/** The plans of a type's parameters, a tenant's own included. */
export const planOf = (type: string, more: readonly CustomParameter[]): readonly Planned[] =>
  [...parametersOf(type, more).values()].map(plannedOf);
