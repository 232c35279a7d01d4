import type { Exception, Sight, Visibility } from '@safeguard/access';
import { type Criterion, compartmentPatients, matches, type ReferenceValue, valuesOf } from '@safeguard/fhir';
import { isUuid, type JsonObject } from '@safeguard/kernel';
import { merged } from '../search/exceptions.ts';
import { criterionOf } from '../search/rule-query.ts';
import { labelTest } from '../search/rules.ts';

/** Which of some opened resources a visibility shows: the same as search/guard.ts says in SQL. */

/** A resource that is judged. It is read only as far as it must be. */
export interface Content {
  readonly type: string;
  readonly id: string;
  resource(): JsonObject;
  /** In whose compartments it is. */
  patients(): readonly string[];
  /** False: it has no security label, which its text tells without being parsed. */
  readonly mayBeLabelled: boolean;
}

/** A resource of a text, parsed when it is first needed. */
export function contentOf(type: string, id: string, read: () => JsonObject, mayBeLabelled: boolean): Content {
  let resource: JsonObject | undefined;
  let patients: readonly string[] | undefined;
  const own = (): JsonObject => {
    resource ??= read();
    return resource;
  };
  return {
    type,
    id,
    mayBeLabelled,
    resource: own,
    patients: () => {
      patients ??= compartmentPatients(own());
      return patients;
    },
  };
}

/** Which of some resources (by id) fulfil a rule's criterion, whoever asks. */
export type Fulfilling = (type: string, ids: readonly string[], where: Criterion) => Promise<ReadonlySet<string>>;

export interface Judging {
  readonly sharedTypes: ReadonlySet<string>;
  readonly fulfilling: Fulfilling;
  /**
   * `any`: what is shown is in one of the compartments that are asked for. `all`: what is written is in these and in no
   * other, so that by naming oneself beside another nothing gets into the other's record.
   */
  readonly compartments: 'any' | 'all';
}

type Some = readonly Content[];

/** Those that the visibility shows. They are of one type. */
export async function shownOf(judging: Judging, visibility: Visibility, contents: Some): Promise<ReadonlySet<Content>> {
  if (typeof visibility === 'string') return new Set(visibility === 'all' ? contents : []);
  const shown = new Set<Content>();
  for (const sight of visibility) {
    const left = contents.filter((one) => !shown.has(one));
    if (left.length === 0) break;
    for (const one of await shownBy(judging, sight, left)) shown.add(one);
  }
  return shown;
}

async function shownBy(judging: Judging, sight: Sight, contents: Some): Promise<Some> {
  const { patients, patientQuery, query, except = [] } = sight;
  let left = contents;
  if (patients !== undefined) {
    const mine = new Set(patients);
    left = left.filter((one) => isNear(judging, one, mine));
  }
  if (patientQuery !== undefined && left.length > 0) {
    left = await ofPatients(judging, criterionOf('Patient', patientQuery, true), left);
  }
  if (query !== undefined) left = await fulfillingOf(judging, query, left);
  return withoutAny(judging, except, left);
}

/**
 * Those in the compartment of a Patient that fulfils a criterion. A Patient is asked itself: what is written, or was
 * once, is not what the index says.
 */
export async function ofPatients(judging: Judging, where: Criterion, contents: Some): Promise<Some> {
  if (contents[0]?.type === 'Patient') return filter(judging, where, contents);
  const mine = await judging.fulfilling('Patient', patientsIn(contents), where);
  return contents.filter((one) => isNear(judging, one, mine));
}

const patientsIn = (contents: Some): string[] => [...new Set(contents.flatMap((one) => one.patients()))].filter(isUuid);

function isNear({ sharedTypes, compartments }: Judging, content: Content, mine: ReadonlySet<string>): boolean {
  const of = content.patients();
  if (compartments === 'all') return of.length > 0 && of.every((one) => mine.has(one));
  return of.length > 0 ? of.some((one) => mine.has(one)) : sharedTypes.has(content.type);
}

/** Those that fulfil none of the exceptions. */
async function withoutAny(judging: Judging, exceptions: readonly Exception[], contents: Some): Promise<Some> {
  let left = contents;
  for (const exception of merged(exceptions)) {
    if (left.length === 0) break;
    const out = new Set(await exceptedBy(judging, exception, left));
    left = left.filter((one) => !out.has(one));
  }
  return left;
}

/** Those that fulfil an exception. What is cheap to tell is told first. */
async function exceptedBy(judging: Judging, exception: Exception, contents: Some): Promise<Some> {
  const { ids, labels, patients, query, except = [] } = exception;
  let left = contents;
  if (ids !== undefined) left = left.filter(({ id }) => ids.includes(id));
  if (labels !== undefined) left = left.filter((one) => isLabelled(one, labels));
  if (patients !== undefined) {
    const mine = new Set(patients);
    left = left.filter((one) => one.patients().some((of) => mine.has(of)));
  }
  if (query !== undefined) left = await fulfillingOf(judging, query, left);
  return withoutAny(judging, except, left);
}

interface Coding {
  readonly system?: unknown;
  readonly code?: unknown;
}

function isLabelled(content: Content, labels: readonly string[]): boolean {
  if (!content.mayBeLabelled) return false;
  const { security } = (content.resource().meta ?? {}) as { readonly security?: unknown };
  const codings = (Array.isArray(security) ? security : []) as readonly (Coding | null)[];
  return labels.some((label) => {
    const { system, code } = labelTest(label);
    return codings.some((one) => one?.code === code && (system === undefined || (one?.system ?? '') === system));
  });
}

/** Those that fulfil a rule's query. They are of one type. */
export async function fulfillingOf(judging: Judging, query: string, contents: Some): Promise<Some> {
  const [first] = contents;
  return first === undefined ? [] : filter(judging, criterionOf(first.type, query), contents);
}

/** Those that fulfil a rule's criterion: of ands, conditions, ids and chains. */
async function filter(judging: Judging, criterion: Criterion, contents: Some): Promise<Some> {
  if (contents.length === 0) return contents;
  switch (criterion.kind) {
    case 'and': {
      let left = contents;
      for (const one of criterion.all) left = await filter(judging, one, left);
      return left;
    }
    case 'condition':
      return contents.filter((one) => matches(one.resource(), criterion));
    case 'id':
      return contents.filter(({ id }) => criterion.ids.includes(id));
    case 'chain':
      return filterChain(judging, criterion, contents);
    default:
      return [];
  }
}

async function filterChain(
  { fulfilling }: Judging,
  { parameter, links }: Extract<Criterion, { kind: 'chain' }>,
  contents: Some,
): Promise<Some> {
  const led = new Set<Content>();
  const targets = contents.map((one) => ({
    one,
    to: valuesOf(one.resource(), parameter) as readonly ReferenceValue[],
  }));
  for (const { type, where } of links) {
    const isOf = (to: ReferenceValue): boolean => to.type === type && to.url === undefined;
    const idsOf = (to: readonly ReferenceValue[]): string[] => to.filter(isOf).flatMap(({ id }) => id ?? []);
    const ids = [...new Set(targets.flatMap(({ to }) => idsOf(to)))].filter(isUuid);
    const yes = ids.length === 0 ? new Set<string>() : await fulfilling(type, ids, where);
    for (const { one, to } of targets) if (idsOf(to).some((id) => yes.has(id))) led.add(one);
  }
  return contents.filter((one) => led.has(one));
}

/**
 * The same of what is written in one transaction: what is not stored yet is judged on what it will be, and everything
 * else by the index.
 */
export function withPending(stored: Fulfilling, pending: ReadonlyMap<string, JsonObject>): Fulfilling {
  if (pending.size === 0) return stored;
  const fulfilling: Fulfilling = async (type, ids, where) => {
    const contents = ids.flatMap((id): Content[] => {
      const one = pending.get(id);
      return one?.resourceType === type ? [contentOf(type, id, () => one, true)] : [];
    });
    const judging: Judging = { sharedTypes: new Set(), fulfilling, compartments: 'any' };
    const yes = await filter(judging, where, contents);
    const others = ids.filter((id) => !pending.has(id));
    const more = others.length === 0 ? [] : await stored(type, others, where);
    return new Set([...yes.map(({ id }) => id), ...more]);
  };
  return fulfilling;
}
