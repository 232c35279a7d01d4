import type { Content, Parameter } from '../content/types.ts';
import { formulaOf, outside, resolveValues, type Written } from '../content/values.ts';

/** A value that was approved, `null`: back to the file's. */
export type Override = number | string | null;

/** A parameter with what is in force. */
export interface CurrentParameter {
  readonly parameter: Parameter;
  readonly value: number | string;
  /** As `value`; with what `render` of the content needs. */
  readonly unit?: string;
  /** `approved`: by a task, after the file. */
  readonly source: 'file' | 'approved';
}

export type CurrentParameters = ReadonlyMap<string, CurrentParameter>;

const writtenOf = ({ formula, value }: Parameter): Written => (formula === undefined ? value : `= ${formula}`);

/** Counts, days, minutes: what the file says in whole numbers nobody changes to a half. */
const isWhole = ({ value, least = 0, most = 0 }: Parameter): boolean => [value, least, most].every(Number.isInteger);

/** What is wrong with another value for a parameter, in fixed words; undefined: nothing. */
export function refusalOf(
  parameters: Content['parameters'],
  overrides: ReadonlyMap<string, Override>,
  name: string,
  value: Override,
): string | undefined {
  const parameter = parameters.get(name);
  if (parameter === undefined) return 'There is no such parameter.';
  if (parameter.formula !== undefined) return 'It is computed from others: change those.';
  if (typeof value === 'string' && formulaOf(value) !== undefined) return 'Formulas stand in the file alone.';
  if (value !== null && typeof value !== typeof parameter.value) return 'It is a value of another kind.';
  if (typeof value === 'number' && !Number.isInteger(value) && isWhole(parameter)) return 'It is a whole number.';
  if (value !== null && outside(value, parameter) !== undefined) return 'The value is outside of what is allowed.';
  const next = resolved(parameters, new Map([...overrides, [name, value]]));
  const broken = [...parameters.values()].some(
    (one) => one.formula !== undefined && outside(next.get(one.name) ?? Number.NaN, one) !== undefined,
  );
  return broken ? 'A parameter that is computed from it would be outside of what is allowed.' : undefined;
}

function resolved(parameters: Content['parameters'], overrides: ReadonlyMap<string, Override>) {
  const written = [...parameters].map(([name, one]): [string, Written] => [
    name,
    overrides.get(name) ?? writtenOf(one),
  ]);
  return resolveValues(new Map(written)).values;
}

/**
 * The values in force: what was approved, where it still is one of today's file (names, kinds, bounds, formulas that
 * depend on it), else the file's. An approved value that is no longer allowed is not used.
 */
export function currentOf(
  parameters: Content['parameters'],
  approved: ReadonlyMap<string, Override>,
): CurrentParameters {
  const overrides = new Map<string, Override>();
  for (const [name, value] of approved) {
    if (value !== null && refusalOf(parameters, overrides, name, value) === undefined) overrides.set(name, value);
  }
  const values = resolved(parameters, overrides);
  return new Map(
    [...parameters].map(([name, parameter]) => [
      name,
      {
        parameter,
        value: values.get(name) ?? parameter.value,
        ...(parameter.unit === undefined ? {} : { unit: parameter.unit }),
        source: overrides.has(name) ? 'approved' : 'file',
      },
    ]),
  );
}

/** A parameter as a check asks for it: a number. Throws for one that is none. */
export function numberIn(current: CurrentParameters): (name: string) => number {
  return (name) => {
    const value = current.get(name)?.value;
    if (typeof value !== 'number') throw new Error('no parameter of this name is a number');
    return value;
  };
}

/**
 * What the parameters say of settings of `@safeguard/config`, by the setting's name: the default that the services run
 * with where the operator says nothing else. Numbers are multiplied into the setting's unit.
 */
export function settingsOf(
  current: ReadonlyMap<string, Pick<CurrentParameter, 'parameter' | 'value'>>,
): ReadonlyMap<string, number | string> {
  return new Map(
    [...current.values()].flatMap(({ parameter: { setting }, value }): [string, number | string][] =>
      setting === undefined ? [] : [[setting.name, typeof value === 'number' ? value * setting.times : value]],
    ),
  );
}
