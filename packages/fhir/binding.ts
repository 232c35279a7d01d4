import { type CodeList, codeList } from './definitions.ts';
import { isObject } from './object.ts';

/** Says what is wrong with a value under a required binding; undefined when nothing is. */
export type BindingCheck = (value: unknown) => string | undefined;

const shown_limit = 20;

function expected(list: CodeList): string {
  const all = Object.values(list).flat();
  const shown = all.slice(0, shown_limit).join(', ');
  return `expected one of the codes ${shown}${all.length > shown_limit ? ` … (${all.length} in all)` : ''}`;
}

function hasCoding(systems: ReadonlyMap<string, ReadonlySet<string>>, value: unknown): boolean {
  if (!isObject(value)) return false;
  const { system, code } = value;
  return typeof system === 'string' && typeof code === 'string' && (systems.get(system)?.has(code) ?? false);
}

/** A concept whose code is missing for a stated reason carries an extension (data-absent-reason) in its place. */
const excused = (value: unknown): boolean => isObject(value) && Object.hasOwn(value, 'extension');

/**
 * The check of a required binding (R4 terminologies.html) for an element of a type; undefined where none can be made.
 */
export function bindingCheck(key: string, type: string): BindingCheck | undefined {
  const list = codeList(key);
  if (!list) return undefined;
  const text = expected(list);
  if (type === 'code' || type === 'string' || type === 'uri') {
    const codes = new Set(Object.values(list).flat());
    return (value) => (typeof value !== 'string' || codes.has(value) ? undefined : text);
  }
  const systems = new Map(Object.entries(list).map(([system, codes]) => [system, new Set(codes)]));
  if (type === 'Coding') return (value) => (excused(value) || hasCoding(systems, value) ? undefined : text);
  if (type !== 'CodeableConcept') return undefined;
  return (value) => {
    const codings = isObject(value) && Array.isArray(value['coding']) ? value['coding'] : [];
    return excused(value) || codings.some((coding) => hasCoding(systems, coding))
      ? undefined
      : `${text}, with its system`;
  };
}
