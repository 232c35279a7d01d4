import { dateTimeSpan } from '@safeguard/fhir';
import { fault, isUuid } from '@safeguard/kernel';

/** A code as a token parameter names it; `system` absent: of any. */
export interface Code {
  readonly code: string;
  readonly system?: string;
}

/** A search for AuditEvents, read and checked. Every list is "one of these". */
export interface AuditQuery {
  /** [from, to), milliseconds since the Unix epoch. */
  readonly from: number;
  readonly to: number;
  readonly ids?: readonly string[];
  readonly patients?: readonly string[];
  /** Nothing that is about one of these: no parameter, but what the caller's rights leave out. */
  readonly without?: readonly string[];
  readonly agents?: readonly string[];
  /** `Type/id`. */
  readonly entities?: readonly string[];
  readonly actions?: readonly Code[];
  readonly outcomes?: readonly Code[];
  readonly types?: readonly Code[];
  /** Repeated: all must hold. */
  readonly subtypes?: readonly (readonly Code[])[];
  readonly count: number;
}

const auditParameters = [
  { code: '_id', type: 'token' },
  { code: 'action', type: 'token' },
  { code: 'agent', type: 'reference' },
  { code: 'date', type: 'date' },
  { code: 'entity', type: 'reference' },
  { code: 'outcome', type: 'token' },
  { code: 'patient', type: 'reference' },
  { code: 'subtype', type: 'token' },
  { code: 'type', type: 'token' },
] as const;

const results = ['_count', '_sort'];
/** What the answer is written in: no part of the question. */
export const formats = ['_format', '_pretty'];
const known = [...auditParameters.map(({ code }) => code as string), ...results, ...formats];

const [count_default, count_most, values_most] = [50, 200, 20];

const bad = (text: string): Error => fault('invalid', text);

/** Values that a comma parts (FHIR R4 3.1.1.4.1); a backslash takes its meaning from the next character. */
function valuesOf(name: string, text: string): string[] {
  const values = text.split(/(?<!\\),/).map((one) => one.replace(/\\(.)/g, '$1'));
  if (values.length > values_most) throw bad(`${name}: at most ${values_most} values`);
  if (values.some((value) => value === '')) throw bad(`${name}: expected a value`);
  return values;
}

/** A parameter that may stand once. */
function single(query: URLSearchParams, name: string): string | undefined {
  const all = query.getAll(name);
  if (all.length > 1) throw bad(`${name}: expected once; several values are parted by commas`);
  return all[0];
}

function listOf(query: URLSearchParams, name: string, read: (value: string) => string | undefined) {
  const text = single(query, name);
  if (text === undefined) return undefined;
  return valuesOf(name, text).map((value) => {
    const one = read(value);
    if (one === undefined) throw bad(`${name}: not of the form that it takes`);
    return one;
  });
}

const withoutBase = (value: string, base: string): string =>
  value.startsWith(`${base}/`) ? value.slice(base.length + 1) : value;

const referenceForm = /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/;
const agentForm = /^[A-Za-z0-9._:/-]{1,128}$/;
const idForm = /^[A-Za-z0-9.-]{1,64}$/;

function codeOf(name: string, value: string): Code {
  const at = value.indexOf('|');
  const [system, code] = at < 0 ? [undefined, value] : [value.slice(0, at), value.slice(at + 1)];
  if (code === '') throw bad(`${name}: expected a code`);
  return system === undefined || system === '' ? { code } : { code, system };
}

const codesOf = (query: URLSearchParams, name: string): readonly Code[] | undefined => {
  const text = single(query, name);
  return text === undefined ? undefined : valuesOf(name, text).map((value) => codeOf(name, value));
};

const dateForm = /^(eq|ge|gt|le|lt|sa|eb)?(\d{4}.*)$/;
const [earliest, latest] = [0, 253_402_300_800_000];

/** A date as [from, to) (FHIR R4 3.1.1.4.5): a search value has a span, an event a moment. */
function spanOf(value: string): readonly [from: number, to: number] {
  const [, prefix = 'eq', text = ''] = dateForm.exec(value.replace(' ', '+')) ?? [];
  const span = dateTimeSpan(text);
  if (span === undefined) throw bad('date: expected a date or time, with one of eq, ge, gt, le, lt, sa, eb before it');
  const [start, end] = [Math.max(earliest, Math.ceil(span.start)), Math.ceil(span.end)];
  switch (prefix) {
    case 'ge':
      return [start, latest];
    case 'gt':
    case 'sa':
      return [end, latest];
    case 'le':
      return [earliest, end];
    case 'lt':
    case 'eb':
      return [earliest, start];
    default:
      return [start, end];
  }
}

function windowOf(query: URLSearchParams): { readonly from: number; readonly to: number } {
  const spans = query.getAll('date').map(spanOf);
  return {
    from: Math.max(earliest, ...spans.map(([from]) => from)),
    to: Math.min(latest, ...spans.map(([, to]) => to)),
  };
}

function countOf(query: URLSearchParams): number {
  const text = single(query, '_count') ?? String(count_default);
  if (!/^\d{1,9}$/.test(text)) throw bad('_count: expected a whole number');
  return Math.min(Math.max(1, Number(text)), count_most);
}

/** Undefined members are left out. */
export const present = <T extends object>(parts: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as never;

/**
 * Reads a search. `base`: of the FHIR API, so that references may be absolute. Fault `invalid` for a parameter, a
 * modifier or a form that is not served: nothing is ignored.
 */
export function readAuditQuery(query: URLSearchParams, base: string): AuditQuery {
  if (![...query.keys()].every((name) => known.includes(name))) {
    throw bad(`Unknown parameter. Known here: ${known.join(', ')}`);
  }
  if (![undefined, '-date'].includes(single(query, '_sort'))) throw bad('_sort: the newest stands first (-date)');
  const id = (value: string) => (isUuid(value) ? value : undefined);
  const subtypes = query
    .getAll('subtype')
    .map((text) => valuesOf('subtype', text).map((one) => codeOf('subtype', one)));
  return {
    ...windowOf(query),
    count: countOf(query),
    ...present({
      ids: listOf(query, '_id', (value) => (idForm.test(value) ? value : undefined)),
      patients: listOf(query, 'patient', (value) => id(withoutBase(value, base).replace(/^Patient\//, ''))),
      agents: listOf(query, 'agent', (value) => (agentForm.test(value) ? value : undefined)),
      entities: listOf(query, 'entity', (value) => {
        const reference = withoutBase(value, base);
        return referenceForm.test(reference) ? reference : undefined;
      }),
      actions: codesOf(query, 'action'),
      outcomes: codesOf(query, 'outcome'),
      types: codesOf(query, 'type'),
      subtypes: subtypes.length === 0 ? undefined : subtypes,
    }),
  };
}

/** What of AuditEvent is served, for the CapabilityStatement. */
export const servedAuditEvents = {
  interactions: ['read', 'search-type'],
  parameters: auditParameters,
} as const;
