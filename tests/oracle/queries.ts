import fc from 'fast-check';
import { type Any, pools } from './world.ts';

export type Prefix = '' | 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb';

/** One alternative of a parameter. `text` is how it is written, escapes included. */
export type Alternative =
  | { readonly kind: 'token'; readonly system?: string; readonly code?: string }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'ordered';
      readonly prefix: Prefix;
      readonly text: string;
      readonly unit?: string;
      readonly ucum?: boolean;
    }
  | {
      readonly kind: 'reference';
      readonly type: string;
      readonly index: number;
      readonly form: 'typed' | 'bare' | 'modifier';
    }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'pair'; readonly parts: readonly [Alternative, Alternative] };

export type Clause =
  | {
      readonly kind: 'parameter';
      readonly code: string;
      readonly modifier?: string;
      readonly any: readonly Alternative[];
    }
  | { readonly kind: 'chain'; readonly code: string; readonly target: string; readonly clause: Clause }
  | { readonly kind: 'has'; readonly source: string; readonly code: string; readonly clause: Clause }
  | { readonly kind: 'ids'; readonly indexes: readonly number[] };

export interface Query {
  readonly type: string;
  readonly all: readonly Clause[];
  readonly sort?: { readonly code: string; readonly descending: boolean };
}

type Kind = 'token' | 'string' | 'date' | 'number' | 'quantity' | 'reference' | 'uri' | 'composite';
interface ParameterShape {
  readonly code: string;
  readonly kind: Kind;
  readonly targets?: readonly string[];
  readonly values?: fc.Arbitrary<Alternative>;
  readonly sortable?: boolean;
}

const token = (systems: readonly string[], codes: readonly string[]): fc.Arbitrary<Alternative> =>
  fc.oneof(
    fc.constantFrom(...codes).map((code): Alternative => ({ kind: 'token', code })),
    fc
      .tuple(fc.constantFrom(...systems, 'http://nowhere.example'), fc.constantFrom(...codes))
      .map(([system, code]): Alternative => ({ kind: 'token', system, code })),
    fc.constantFrom(...codes).map((code): Alternative => ({ kind: 'token', system: '', code })),
    fc.constantFrom(...systems).map((system): Alternative => ({ kind: 'token', system })),
  );
const bareToken = (codes: readonly string[]): fc.Arbitrary<Alternative> =>
  fc.constantFrom(...codes).map((code): Alternative => ({ kind: 'token', code }));
const text = (words: readonly string[]): fc.Arbitrary<Alternative> =>
  fc
    .tuple(fc.constantFrom(...words), fc.nat(9), fc.integer({ min: 1, max: 12 }), fc.boolean())
    .map(([word, start, length, whole]): Alternative => {
      const part = whole ? word : word.slice(Math.min(start, word.length - 1)).slice(0, length);
      return { kind: 'text', text: part.trim() === '' ? word : part.trim() };
    });
const uri = (uris: readonly string[]): fc.Arbitrary<Alternative> =>
  fc.constantFrom(...uris).map((one): Alternative => ({ kind: 'text', text: one }));
const prefixes: fc.Arbitrary<Prefix> = fc.constantFrom('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb');
const date = (days: readonly string[]): fc.Arbitrary<Alternative> =>
  fc
    .tuple(prefixes, fc.constantFrom(...days))
    .map(([prefix, day]): Alternative => ({ kind: 'ordered', prefix, text: day }));
const number = fc
  .tuple(
    fc.constantFrom<Prefix>('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'),
    fc.constantFrom(...pools.probabilities),
  )
  .map(([prefix, one]): Alternative => ({ kind: 'ordered', prefix, text: one }));
const quantity = fc
  .tuple(
    fc.constantFrom<Prefix>('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'),
    fc.constantFrom(...pools.amounts),
    fc.constantFrom(...pools.units, ''),
    fc.boolean(),
  )
  .map(([prefix, one, unit, ucum]): Alternative => ({ kind: 'ordered', prefix, text: one, unit, ucum }));

const clinicalDays = [...pools.days, ...pools.instants, '2020-03', '2021'];
const mrn = token(pools.mrn, pools.numbers);
const loinc = token(['http://loinc.org'], pools.loinc);
const snomed = token(['http://snomed.info/sct'], pools.snomed);
const common: readonly ParameterShape[] = [
  { code: '_tag', kind: 'token', values: token(['http://example.org/tags'], pools.tags) },
  { code: '_profile', kind: 'uri', values: uri(pools.profiles) },
];
const patientReference: ParameterShape = { code: 'patient', kind: 'reference', targets: ['Patient'] };
const person: readonly ParameterShape[] = [
  { code: 'name', kind: 'string', values: text([...pools.families, ...pools.given]) },
  { code: 'family', kind: 'string', values: text(pools.families), sortable: true },
  { code: 'given', kind: 'string', values: text(pools.given) },
  { code: 'identifier', kind: 'token', values: mrn },
];

/** The parameters that queries are made of. */
export const shapes: Readonly<Record<string, readonly ParameterShape[]>> = {
  Organization: [
    { code: 'name', kind: 'string', values: text(pools.words), sortable: true },
    { code: 'identifier', kind: 'token', values: mrn },
    ...common,
  ],
  Practitioner: [...person, ...common],
  Patient: [
    ...person,
    { code: 'gender', kind: 'token', values: bareToken(['male', 'female', 'other']) },
    { code: 'active', kind: 'token', values: bareToken(['true', 'false']) },
    {
      code: 'birthdate',
      kind: 'date',
      values: date(['1970', '1980', '1980-05', '1980-05-17', '1999-12-31', '2000-01-01', '1975-06-01']),
      sortable: true,
    },
    { code: 'address-city', kind: 'string', values: text(pools.cities) },
    { code: 'phone', kind: 'token', values: bareToken(pools.numbers) },
    { code: 'general-practitioner', kind: 'reference', targets: ['Practitioner', 'Organization'] },
    { code: 'organization', kind: 'reference', targets: ['Organization'] },
    ...common,
  ],
  Encounter: [
    { code: 'status', kind: 'token', values: bareToken(['planned', 'finished', 'in-progress']) },
    {
      code: 'class',
      kind: 'token',
      values: token(['http://terminology.hl7.org/CodeSystem/v3-ActCode'], ['AMB', 'IMP']),
    },
    { code: 'date', kind: 'date', values: date(clinicalDays), sortable: true },
    { code: 'subject', kind: 'reference', targets: ['Patient'] },
    patientReference,
    { code: 'service-provider', kind: 'reference', targets: ['Organization'] },
    ...common,
  ],
  Condition: [
    { code: 'code', kind: 'token', values: snomed },
    { code: 'onset-date', kind: 'date', values: date(clinicalDays), sortable: true },
    { code: 'recorded-date', kind: 'date', values: date(clinicalDays), sortable: true },
    { code: 'encounter', kind: 'reference', targets: ['Encounter'] },
    patientReference,
    ...common,
  ],
  Observation: [
    { code: 'code', kind: 'token', values: loinc },
    { code: 'combo-code', kind: 'token', values: loinc },
    { code: 'component-code', kind: 'token', values: loinc },
    { code: 'category', kind: 'token', values: token(['http://example.org/category'], ['vital-signs', 'laboratory']) },
    { code: 'status', kind: 'token', values: bareToken(['final', 'amended', 'preliminary']) },
    { code: 'value-concept', kind: 'token', values: snomed },
    { code: 'date', kind: 'date', values: date(clinicalDays), sortable: true },
    { code: 'value-quantity', kind: 'quantity', values: quantity },
    { code: 'value-string', kind: 'string', values: text(pools.words) },
    { code: 'subject', kind: 'reference', targets: ['Patient'] },
    { code: 'performer', kind: 'reference', targets: ['Practitioner', 'Organization'] },
    { code: 'encounter', kind: 'reference', targets: ['Encounter'] },
    { code: 'code-value-quantity', kind: 'composite' },
    patientReference,
    ...common,
  ],
  RiskAssessment: [{ code: 'probability', kind: 'number', values: number }, patientReference, ...common],
};

const modifiers: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  token: ['not', 'text'],
  string: ['exact', 'contains'],
  uri: ['below', 'above'],
};

const someOf = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: 1, maxLength: 2 });

const reference = (targets: readonly string[]): fc.Arbitrary<Alternative> =>
  fc
    .tuple(
      fc.constantFrom(...targets),
      fc.nat(200),
      fc.constantFrom('typed' as const, 'bare' as const, 'modifier' as const),
    )
    .map(([type, index, form]): Alternative => ({ kind: 'reference', type, index, form }));

function parameterClause({ code, kind, values, targets = [] }: ParameterShape): fc.Arbitrary<Clause> {
  const missing = fc
    .boolean()
    .map((value): Clause => ({ kind: 'parameter', code, modifier: 'missing', any: [{ kind: 'flag', value }] }));
  if (kind === 'composite') {
    const pair = fc.tuple(loinc, quantity).map((parts): Alternative => ({ kind: 'pair', parts }));
    return pair.map((one): Clause => ({ kind: 'parameter', code, any: [one] }));
  }
  if (kind === 'reference') {
    const plain = reference(targets).map((one): Clause => ({ kind: 'parameter', code, any: [one] }));
    return fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: missing });
  }
  const of = values as fc.Arbitrary<Alternative>;
  const plain = someOf(of).map((any): Clause => ({ kind: 'parameter', code, any }));
  const names = modifiers[kind] ?? [];
  if (names.length === 0) return fc.oneof({ weight: 8, arbitrary: plain }, { weight: 1, arbitrary: missing });
  const words = text([...pools.words, ...pools.display]);
  const modified = fc
    .constantFrom(...names)
    .chain((modifier) =>
      someOf(modifier === 'text' ? words : of).map((any): Clause => ({ kind: 'parameter', code, modifier, any })),
    );
  return fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 2, arbitrary: modified },
    { weight: 1, arbitrary: missing },
  );
}

const links: readonly (readonly [source: string, code: string, target: string])[] = Object.entries(shapes).flatMap(
  ([source, list]) =>
    list.flatMap(({ code, targets = [] }) => targets.map((target) => [source, code, target] as const)),
);

function clause(type: string, depth: number): fc.Arbitrary<Clause> {
  const list = shapes[type] ?? [];
  const plain = fc.constantFrom(...list).chain(parameterClause);
  const ids = fc
    .array(fc.nat(200), { minLength: 1, maxLength: 3 })
    .map((indexes): Clause => ({ kind: 'ids', indexes }));
  const options: { weight: number; arbitrary: fc.Arbitrary<Clause> }[] = [
    { weight: 12, arbitrary: plain },
    { weight: 1, arbitrary: ids },
  ];
  const forward = links.filter(([source]) => source === type);
  const backward = links.filter(([, , target]) => target === type);
  if (depth > 0 && forward.length > 0) {
    const chain = fc
      .constantFrom(...forward)
      .chain(([, code, target]) =>
        clause(target, depth - 1).map((inner): Clause => ({ kind: 'chain', code, target, clause: inner })),
      );
    options.push({ weight: 3, arbitrary: chain });
  }
  if (depth > 0 && backward.length > 0) {
    const has = fc
      .constantFrom(...backward)
      .chain(([source, code]) =>
        clause(source, depth - 1).map((inner): Clause => ({ kind: 'has', source, code, clause: inner })),
      );
    options.push({ weight: 3, arbitrary: has });
  }
  return fc.oneof(...options);
}

/** Random searches over the world's types. */
export const anyQuery: fc.Arbitrary<Query> = fc.constantFrom(...Object.keys(shapes)).chain((type) => {
  const sortable = (shapes[type] ?? []).filter((one) => one.sortable === true).map(({ code }) => code);
  const sort = fc.option(
    fc.tuple(fc.constantFrom(...sortable, '_id'), fc.boolean()).map(([code, descending]) => ({ code, descending })),
    { nil: undefined, freq: 4 },
  );
  return fc
    .tuple(fc.array(clause(type, 2), { minLength: 0, maxLength: 3 }), sort)
    .map(([all, by]): Query => ({ type, all, ...(by === undefined ? {} : { sort: by }) }));
});

const escaped = (one: string): string => one.replace(/[\\,|$]/g, (letter) => `\\${letter}`);

export type IdAt = (type: string, index: number) => string;

function written(one: Alternative, idAt: IdAt): string {
  switch (one.kind) {
    case 'token':
      if (one.code === undefined) return `${escaped(one.system ?? '')}|`;
      return one.system === undefined ? escaped(one.code) : `${escaped(one.system)}|${escaped(one.code)}`;
    case 'text':
      return escaped(one.text);
    case 'ordered':
      if (!one.unit) return `${one.prefix}${one.text}`;
      return `${one.prefix}${one.text}|${one.ucum ? 'http://unitsofmeasure.org' : ''}|${one.unit}`;
    case 'reference':
      return one.form === 'typed' ? `${one.type}/${idAt(one.type, one.index)}` : idAt(one.type, one.index);
    case 'flag':
      return String(one.value);
    case 'pair':
      return one.parts.map((part) => written(part, idAt)).join('$');
  }
}

/** `name=value` of a clause, with what stands before its name. */
function writtenClause(one: Clause, before: string, idAt: IdAt): [string, string] {
  if (one.kind === 'chain') return writtenClause(one.clause, `${before}${one.code}:${one.target}.`, idAt);
  if (one.kind === 'has') return writtenClause(one.clause, `${before}_has:${one.source}:${one.code}:`, idAt);
  if (one.kind === 'ids') return [`${before}_id`, one.indexes.map((index) => idAt('', index)).join(',')];
  const [first] = one.any;
  const typed = first?.kind === 'reference' && first.form === 'modifier' ? first.type : one.modifier;
  const name = `${before}${one.code}${typed === undefined ? '' : `:${typed}`}`;
  return [name, one.any.map((alternative) => written(alternative, idAt)).join(',')];
}

export function writtenQuery({ all, sort }: Query, idAt: IdAt): URLSearchParams {
  const query = new URLSearchParams(all.map((one) => writtenClause(one, '', idAt)));
  if (sort !== undefined) query.set('_sort', `${sort.descending ? '-' : ''}${sort.code}`);
  return query;
}

export type { Any };
