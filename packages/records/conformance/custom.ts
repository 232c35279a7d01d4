import { createHash } from 'node:crypto';
import { type CustomParameter, isResourceType, type SearchParameter, searchParameters } from '@safeguard/fhir';
import { type Fault, fault, type JsonObject } from '@safeguard/kernel';
import type { Definition } from './stored.ts';

/** Makes a parameter of a SearchParameter resource, or throws a Fault that says what is wrong with it. */
export type CompileCustom = (resource: JsonObject, number: number) => CustomParameter;

const first_number = 1_000;

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const plain = (expression: string): string => expression.replace(/\s+/g, ' ').trim();

/**
 * The number of a parameter: made of what it means, so that it is the same after every restart, and another one as
 * soon as it means something else. What stands in the index under an old number is never found by the new one.
 */
export function numberOf(resource: JsonObject): number {
  const meaning = JSON.stringify([
    text(resource.code),
    text(resource.type),
    plain(text(resource.expression)),
    texts(resource.base).sort(),
    texts(resource.target).sort(),
  ]);
  const hash = createHash('sha256').update(meaning).digest().readUInt32BE(0);
  return first_number + (hash % (2 ** 31 - 1 - first_number));
}

const baseParameter = (type: string, code: string): SearchParameter | undefined =>
  searchParameters(type).find((one) => one.code === code);

/** `A.x | B.y` → those alternatives that begin with the type. */
const alternatives = (expression: string, type: string): string =>
  plain(expression)
    .split(' | ')
    .filter((one) => one.replace(/^\(+/, '').startsWith(`${type}.`) || !/^\(*[A-Z]/.test(one))
    .join(' | ');

/** An implementation guide's parameter that says again what R4's own does: it is kept, and R4's is what is served. */
function restates(resource: JsonObject, type: string, own: SearchParameter): boolean {
  if (text(resource.type) !== own.type) return false;
  if (text(resource.derivedFrom).startsWith('http://hl7.org/fhir/SearchParameter/')) return true;
  return alternatives(text(resource.expression), type) === alternatives(own.expression ?? '', type);
}

const refused = (element: string, reason: string): Fault =>
  fault('unprocessable', 'This search parameter cannot be served', {
    issues: [{ severity: 'error', code: 'business-rule', text: reason, at: `SearchParameter.${element}` }],
  });

const isActive = (resource: JsonObject): boolean => resource.status === 'active';
const applies = (one: CustomParameter, type: string): boolean =>
  one.base.includes(type) || one.base.includes('Resource') || one.base.includes('DomainResource');

/** Undefined: R4's own parameters are served for every base type already. */
function compiled(resource: JsonObject, compile: CompileCustom): CustomParameter | undefined {
  const bases = texts(resource.base);
  const known = (type: string): boolean => isResourceType(type) || type === 'Resource' || type === 'DomainResource';
  if (!bases.every(known)) throw refused('base', 'expected resource types of R4');
  const taken = bases.filter((type) => baseParameter(type, text(resource.code)) !== undefined);
  const clash = taken.find(
    (type) => !restates(resource, type, baseParameter(type, text(resource.code)) as SearchParameter),
  );
  if (clash !== undefined) throw refused('code', 'R4 has another search parameter with this code for a base type');
  const base = bases.filter((type) => !taken.includes(type));
  return base.length === 0 && taken.length > 0 ? undefined : compile({ ...resource, base }, numberOf(resource));
}

/**
 * What a SearchParameter adds to the tenant's; undefined: nothing (it is not active, or R4 serves it already).
 * `others`: what is served by now. Fault `unprocessable` where it cannot be served.
 */
export function customOf(
  resource: JsonObject,
  others: readonly CustomParameter[],
  compile: CompileCustom,
): CustomParameter | undefined {
  if (!isActive(resource)) return undefined;
  const made = compiled(resource, compile);
  if (made === undefined) return undefined;
  for (const other of others) {
    const shared = other.base.some((type) => applies(made, type)) || made.base.some((type) => applies(other, type));
    const same = other.number === made.number;
    if (same && other.code !== made.code)
      throw refused('code', 'another parameter has this one’s place: change the code');
    if (!same && shared && other.code === made.code) {
      throw refused('code', 'another search parameter that is stored here has this code for a base type');
    }
  }
  return others.some((other) => other.number === made.number) ? undefined : made;
}

export interface Customs {
  readonly parameters: readonly CustomParameter[];
  /** When the resource of each was written, by number. */
  readonly written: ReadonlyMap<number, number>;
}

/** The parameters of stored resources: the earlier stored wins, and what cannot be served is told to `left`. */
export function customsOf(
  definitions: Iterable<Definition>,
  compile: CompileCustom,
  left: (error: unknown) => void,
): Customs {
  const parameters: CustomParameter[] = [];
  const written = new Map<number, number>();
  for (const definition of definitions) {
    if (definition.type !== 'SearchParameter') continue;
    try {
      const made = customOf(definition.resource, parameters, compile);
      if (made === undefined) continue;
      parameters.push(made);
      written.set(made.number, definition.at);
    } catch (error) {
      left(error);
    }
  }
  return { parameters, written };
}
