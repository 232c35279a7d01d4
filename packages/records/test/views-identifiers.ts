import type { JsonObject } from '@safeguard/kernel';

/** The 18 identifiers as they stand in an original record, gathered without the segment map: by datatype and name. */
export interface Identifiers {
  /** Must not stand in a text as a word of its own. */
  readonly words: ReadonlySet<string>;
  /** Must not stand in it anywhere. */
  readonly parts: ReadonlySet<string>;
  /** Ids and days: must not stand in it as what they are. */
  readonly forms: ReadonlySet<string>;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** False: what is below need not be visited. */
type Visit = (name: string, value: unknown) => boolean | undefined;

/** Visits everything below a value, with the name that it stands under. */
export function walk(value: unknown, visit: Visit, name = ''): void {
  if (visit(name, value) === false) return;
  if (Array.isArray(value)) for (const one of value) walk(one, visit, name);
  else if (isObject(value)) for (const key in value) walk(value[key], visit, key);
}

/** All values below a value, without the names that they stand under. */
export function valuesIn(value: unknown): (string | number)[] {
  const found: (string | number)[] = [];
  walk(value, (_name, one) => {
    if (typeof one === 'string' || typeof one === 'number') found.push(one);
  });
  return found;
}

const wordsOf = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u);
/** Names without what is no word of its own: digits, initials. */
const namesOf = (text: string): string[] => wordsOf(text).filter((word) => /^\p{Lu}\p{L}{2,}\d*$/u.test(word));
const texts = (value: unknown): string[] =>
  valuesIn(value).flatMap((one) => (typeof one === 'string' && one.length > 2 ? [one] : []));

const forms = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d{4}-\d\d-\d\d/g;

/** Elements whose values identify, whatever they stand in. */
const partNames = new Set([
  ...['line', 'serialNumber', 'lotNumber', 'distinctIdentifier', 'deviceIdentifier', 'carrierHRF', 'url'],
  ...['div', 'data', 'uid'],
]);
const wordNames = new Set(['family', 'given', 'city', 'district']);

/** A published name of a profile, an extension or a terminology is none of a person's addresses. */
const published =
  /^(?:http:\/\/(?:hl7\.org|terminology\.hl7\.org|synthetichealth\.github\.io)\/|urn:ietf:|ombCategory|text|detailed)/;

const people = /^(?:Patient|Practitioner|RelatedPerson|Organization|Location|PractitionerRole)[/?]/;

interface Gathered {
  readonly words: Set<string>;
  readonly parts: Set<string>;
  readonly forms: Set<string>;
}

function addNames(value: unknown, { words, parts }: Gathered): void {
  for (const text of texts(value).filter((one) => !published.test(one))) {
    for (const word of namesOf(text)) words.add(word);
    if (text.includes(' ') || /\d{4}/.test(text)) parts.add(text);
  }
}

function addIdentifier({ value, system }: JsonObject, { words, parts }: Gathered): void {
  if (typeof value === 'string' && value.length > 4) (/^\d+$/.test(value) ? words : parts).add(value);
  if (typeof system === 'string' && !published.test(system)) parts.add(system);
}

function addText(name: string, value: string, { words, parts, forms: own }: Gathered): void {
  if (name === 'postalCode' && /^\d{5}/.test(value)) words.add(value);
  else if (wordNames.has(name)) for (const word of namesOf(value)) words.add(word);
  else if (partNames.has(name) && value.length > 4 && !published.test(value)) {
    (/^\d+$/.test(value) ? words : parts).add(value);
  }
  for (const [form] of value.matchAll(forms)) own.add(form);
}

/** Of a record: the patient's, relatives', providers', devices'. Displays of references to people are names too. */
export function identifiersOf(resources: readonly JsonObject[]): Identifiers {
  const gathered = { words: new Set<string>(), parts: new Set<string>(), forms: new Set<string>() };
  walk(resources, (name, value) => {
    if (typeof value === 'string') addText(name, value, gathered);
    if (name === 'name' || name === 'telecom') addNames(value, gathered);
    if (!isObject(value)) return;
    if (name === 'identifier') addIdentifier(value, gathered);
    if (people.test(String(value.reference))) addNames(value.display, gathered);
  });
  return gathered;
}

/** Which of them stand in a text. */
export function foundIn({ words, parts, forms: own }: Identifiers, text: string): string[] {
  const whole = text.replace(/\b\d+\.\d+/g, ' ');
  const told = new Set([...wordsOf(whole), ...[...text.matchAll(forms)].map(([form]) => form)]);
  const isThere = (part: string): boolean =>
    // A text that holds it holds its words, the outer ones maybe as ends of longer ones.
    wordsOf(part)
      .slice(1, -1)
      .every((word) => told.has(word)) && text.includes(part);
  return [...[...words, ...own].filter((word) => told.has(word)), ...[...parts].filter(isThere)];
}

const valueNames = new Set(['status', 'intent', 'gender', 'valueCode', 'valueBoolean', 'valueInteger', 'valueDecimal']);

/** What is clinical of a resource: its codes with their systems, its quantities, its other values; each as a text. */
export function clinicalOf(resource: JsonObject): string[] {
  const found: string[] = [];
  walk(resource, (name, value) => {
    // The kind of an identifier goes with it.
    if (name === 'identifier') return false;
    if (isObject(value)) {
      const { system, code } = value;
      const isCoded = typeof system === 'string' && typeof code === 'string' && value.value === undefined;
      if (isCoded) found.push(`${system}|${code}`);
      if (typeof value.value === 'number') found.push(`${value.value} ${value.code ?? value.currency ?? ''}`);
    } else if (valueNames.has(name)) found.push(`${name} ${String(value)}`);
    return true;
  });
  return found;
}
