import { isObject } from '../object.ts';
import type { SearchValue } from './types.ts';
import { type Convert, textAt } from './values-token.ts';

const pushText = (value: unknown, out: SearchValue[]): void => {
  if (typeof value === 'string' && value !== '') out.push({ kind: 'string', text: value });
};

/** The parts of an object that a string search looks at; parts of a list one by one. */
const parts =
  (names: readonly string[]): Convert =>
  (value, out) => {
    if (!isObject(value)) return;
    for (const name of names) {
      const part = value[name];
      if (Array.isArray(part)) for (const one of part) pushText(one, out);
      else pushText(part, out);
    }
  };

const byType: Readonly<Record<string, Convert>> = {
  HumanName: parts(['text', 'family', 'given', 'prefix', 'suffix']),
  Address: parts(['text', 'line', 'city', 'district', 'state', 'postalCode', 'country']),
  CodeableConcept: parts(['text']),
  Coding: parts(['display']),
  Annotation: parts(['text']),
  ContactPoint: parts(['value']),
  Identifier: parts(['value']),
  Reference: parts(['display']),
};

export const textConvert = (type: string): Convert => byType[type] ?? pushText;

/** A canonical with a version is found with it and without. */
export const uriConvert: Convert = (value, out) => {
  if (isObject(value)) {
    const reference = textAt(value, 'reference');
    if (reference !== undefined) out.push({ kind: 'uri', uri: reference });
  } else if (typeof value === 'string' && value !== '') {
    out.push({ kind: 'uri', uri: value });
    const bar = value.indexOf('|');
    if (bar > 0) out.push({ kind: 'uri', uri: value.slice(0, bar) });
  }
};
