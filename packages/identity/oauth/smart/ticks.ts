import { fault } from '@safeguard/kernel';
import { allOf, type FhirScope, type Offer, putTogether, takeApart } from './asked.ts';

/**
 * The consent form in terms of its fields: `kind` is a whole scope of the offer, `letter` one letter of one, `other` a
 * scope that is no data. A letter counts only where its kind is ticked.
 */
export interface Ticks {
  readonly kinds: readonly string[];
  readonly letters: readonly string[];
  readonly others: readonly string[];
}

export const readTicks = (form: URLSearchParams): Ticks => ({
  kinds: form.getAll('kind'),
  letters: form.getAll('letter'),
  others: form.getAll('other'),
});

/** One scope for each of its letters: `patient/Patient.rs` → `patient/Patient.r`, `patient/Patient.s`. */
export const lettersOf = (parts: FhirScope): { readonly letter: string; readonly scope: string }[] =>
  [...parts.letters].map((letter) => ({ letter, scope: putTogether({ ...parts, letters: letter }) }));

/** What is always given with any of it: who they are to the app at all, and whose record is open. */
const implied = new Set(['openid', 'launch', 'launch/patient', 'launch/encounter']);

/** The scopes that a person may leave out. */
export const optional = (offer: Offer): string[] =>
  allOf({ ...offer, fhir: [] }).filter((scope) => !implied.has(scope));

function checkedAmong(given: readonly string[], known: readonly string[]): readonly string[] {
  const allowed = new Set(known);
  if (given.every((each) => allowed.has(each))) return given;
  throw fault('forbidden', 'The form asks for something that was not on the page. Nothing was allowed.');
}

/**
 * What a form gives, in normal form. Every field must be one that the page of this very offer has: a forged one refuses
 * all of it (Fault `forbidden`), for whoever forges is not the person.
 */
export function grantedBy(ticks: Ticks, offer: Offer): string[] {
  const parts = offer.fhir.map(takeApart);
  const kinds = new Set(checkedAmong(ticks.kinds, offer.fhir));
  const letters = new Set(
    checkedAmong(
      ticks.letters,
      parts.flatMap(lettersOf).map(({ scope }) => scope),
    ),
  );
  const others = checkedAmong(ticks.others, optional(offer));
  const fhir = parts
    .filter((each) => kinds.has(putTogether(each)))
    .map((each) => {
      const left = lettersOf(each).filter(({ scope }) => letters.has(scope));
      return { ...each, letters: left.map(({ letter }) => letter).join('') };
    })
    .filter((each) => each.letters !== '')
    .map(putTogether);
  const always = allOf({ ...offer, fhir: [] }).filter((scope) => implied.has(scope));
  return [...always, ...new Set(others), ...fhir];
}
