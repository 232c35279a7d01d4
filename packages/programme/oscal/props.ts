import { at, type Cursor, isThere, items, stringAt, textAt, unfit, valueAt } from './cursor.ts';
import { type JsonObject, node } from './json.ts';
import { text } from './markup.ts';
import { namespace } from './names.ts';
import { toValue } from './values.ts';

/**
 * Facts as properties in our namespace. Each is described once, and is written and read by that: what goes in, comes
 * out.
 */
export interface Field<T> {
  /** Names of the properties that it is made of. */
  readonly names: readonly string[];
  write(value: T): readonly JsonObject[];
  /** @param of the object that has the properties */
  read(of: Cursor): T;
}

export interface Form<T> {
  to(value: T): string;
  /** Undefined: it is none of these. */
  of(value: string): T | undefined;
  readonly what: string;
}

const anything: Form<string> = { to: (value) => value, of: (value) => value, what: 'a value' };
const numeric: Form<number> = {
  to: String,
  of: (value) => (Number.isFinite(Number(value)) && String(Number(value)) === value ? Number(value) : undefined),
  what: 'a number',
};
const isMoment = (value: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value));
/** Milliseconds since the Unix epoch as ISO 8601 in UTC. */
export const moments: Form<number> = {
  to: (value) => new Date(value).toISOString(),
  of: (value) => (isMoment(value) ? Date.parse(value) : undefined),
  what: 'a time in UTC with milliseconds',
};
const among = <W extends string>(words: readonly W[]): Form<W> => ({
  to: (value) => value,
  of: (value) => words.find((word) => word === value),
  what: `one of ${words.join(', ')}`,
});

export const property = (name: string, value: string, more: { class?: string; remarks?: string } = {}): JsonObject =>
  node({ name, ns: namespace, value: toValue(value), class: more.class, remarks: more.remarks });

/** Properties of ours with this name, in order. */
export const propsOf = (of: Cursor, name: string): Cursor[] =>
  items(of, 'props').filter((prop) => at(prop, 'name').value === name && at(prop, 'ns').value === namespace);

export function formed<T>(form: Form<T>, cursor: Cursor): T {
  const value = form.of(valueAt(cursor));
  if (value === undefined) throw unfit(cursor, form.what);
  return value;
}

const single = <T>(name: string, form: Form<T>): Field<T> => ({
  names: [name],
  write: (value) => [property(name, form.to(value))],
  read(of) {
    const [prop] = propsOf(of, name);
    if (prop === undefined) throw unfit(at(of, 'props'), `a property ${name}`);
    return formed(form, at(prop, 'value'));
  },
});

export const word = (name: string): Field<string> => single(name, anything);
export const number = (name: string): Field<number> => single(name, numeric);
export const moment = (name: string): Field<number> => single(name, moments);
export const oneOf = <W extends string>(name: string, words: readonly W[]): Field<W> => single(name, among(words));

/** Any number of them, none included. */
export const words = (name: string): Field<readonly string[]> => ({
  names: [name],
  write: (values) => values.map((value) => property(name, value)),
  read: (of) => propsOf(of, name).map((prop) => valueAt(prop, 'value')),
});

/** A list of which an empty one and none are two things: its length is written too. */
export const counted = (name: string): Field<readonly string[]> => ({
  names: [`${name}-count`],
  write: (values) => [property(`${name}-count`, String(values.length)), ...words(name).write(values)],
  read: (of) => words(name).read(of),
});

/** A number or a word; which of them is told. */
export const scalar = (name: string): Field<number | string> => ({
  names: [name],
  write: (value) => [property(name, String(value), { class: typeof value })],
  read(of) {
    const [prop] = propsOf(of, name);
    if (prop === undefined) throw unfit(at(of, 'props'), `a property ${name}`);
    return scalarOf(prop);
  },
});
export const scalars = (name: string): Field<readonly (number | string)[]> => ({
  names: [name],
  write: (values) => values.flatMap(scalar(name).write),
  read: (of) => propsOf(of, name).map(scalarOf),
});
const scalarOf = (prop: Cursor): number | string =>
  at(prop, 'class').value === 'number' ? formed(numeric, at(prop, 'value')) : valueAt(prop, 'value');

/** Prose stands in the remarks of its property. */
export const prose = (name: string): Field<string> => ({
  names: [name],
  write: (value) => [property(name, 'see remarks', { remarks: text(value) })],
  read(of) {
    const [prop] = propsOf(of, name);
    if (prop === undefined) throw unfit(at(of, 'props'), `a property ${name}`);
    return textAt(prop, 'remarks');
  },
});

/** Absent where none of its properties is there. */
export const maybe = <T>({ names, write, read }: Field<T>): Field<T | undefined> => ({
  names,
  write: (value) => (value === undefined ? [] : write(value)),
  read: (of) => (names.some((name) => propsOf(of, name).length > 0) ? read(of) : undefined),
});

// biome-ignore lint/suspicious/noExplicitAny: fields of any type, which `Of` reads again
type Spec = Readonly<Record<string, Field<any>>>;
type Of<F> = F extends Field<infer T> ? T : never;
type Optional<S> = { [K in keyof S]: undefined extends Of<S[K]> ? K : never }[keyof S];
/** What a record of fields holds: an optional field is absent, not undefined. */
export type RecordOf<S> = { readonly [K in Exclude<keyof S, Optional<S>>]: Of<S[K]> } & {
  readonly [K in Optional<S>]?: Exclude<Of<S[K]>, undefined>;
};

/** Several facts of one thing; itself a fact. */
export const record = <S extends Spec>(spec: S): Field<RecordOf<S>> => ({
  names: Object.values(spec).flatMap(({ names }) => names),
  write: (value) =>
    Object.entries(spec).flatMap(([key, field]) => field.write((value as Readonly<Record<string, unknown>>)[key])),
  read(of) {
    const found = Object.entries(spec).map(([key, field]) => [key, field.read(of)] as const);
    return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as RecordOf<S>;
  },
});

/** Of several things of one kind, told apart by `class`: value and, in remarks, prose. */
export interface Classed {
  readonly of: string;
  readonly value: string;
  readonly note?: string;
}
export const classed = (name: string): Field<readonly Classed[]> => ({
  names: [name],
  write: (all) =>
    all.map(({ of, value, note }) =>
      property(name, value, { class: of, ...(note === undefined ? {} : { remarks: text(note) }) }),
    ),
  read: (cursor) =>
    propsOf(cursor, name).map((prop) => ({
      of: stringAt(prop, 'class'),
      value: valueAt(prop, 'value'),
      ...(isThere(at(prop, 'remarks')) ? { note: textAt(prop, 'remarks') } : {}),
    })),
});
