import { isResourceType } from '@safeguard/fhir';
import { type Code, codeOf, codesOf, listOf } from '../shape.ts';
import { everything, type Term, termOf } from '../terms.ts';
import { systems } from '../vocabulary.ts';
import type { Meant } from './meant.ts';
import { anySystem, byParameter, query, sureSystem } from './query.ts';

/** A class: names of types. Profiles and media types are not looked at. */
export function readClass(value: unknown): Meant {
  const codings = listOf(value)?.map((coding) => codeOf(coding)) ?? [undefined];
  const isType = (coding: Code | undefined): coding is Code =>
    coding?.system === systems.types && isResourceType(coding.code);
  const named = codings.filter(isType).map(({ code }) => code);
  const must = named.length === 0 ? [] : [termOf({ types: named })];
  return { may: named.length < codings.length ? [everything] : must, must };
}

const codeNames = [['code'], ['type'], ['vaccine-code']].map(byParameter);

/** A code: in what tells what a resource is (the search parameters code, type, vaccine-code). */
export function readCode(value: unknown): Meant {
  const concepts = listOf(value)?.map(codesOf) ?? [[]];
  const codes = concepts.flat();
  const terms = (form: (code: Code) => string): Term[] =>
    codeNames.flatMap((names) =>
      [...names].map(([name, of]) => termOf({ types: of, queries: [query(name, codes.map(form))] })),
    );
  const must = codes.length === 0 ? [] : terms(sureSystem);
  return { may: concepts.some((one) => one.length === 0) ? [everything] : terms(anySystem), must };
}
