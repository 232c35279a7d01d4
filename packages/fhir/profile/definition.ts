import type { JsonObject } from '@safeguard/kernel';
import { isObject, ownValue } from '../object.ts';

/** Reading of conformance resources that anybody may have written: nothing is trusted to have its shape. */
export const textAt = (object: JsonObject | undefined, name: string): string | undefined => {
  const value = object === undefined ? undefined : ownValue(object, name);
  return typeof value === 'string' ? value : undefined;
};

export const objectAt = (object: JsonObject | undefined, name: string): JsonObject | undefined => {
  const value = object === undefined ? undefined : ownValue(object, name);
  return isObject(value) ? value : undefined;
};

export const objectsAt = (object: JsonObject | undefined, name: string): JsonObject[] => {
  const value = object === undefined ? undefined : ownValue(object, name);
  return Array.isArray(value) ? value.filter(isObject) : [];
};

export const textsAt = (object: JsonObject | undefined, name: string): string[] => {
  const value = object === undefined ? undefined : ownValue(object, name);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
};

/** The one property that begins with a word, such as `fixedUri` or `patternCodeableConcept`. */
export function choiceAt(object: JsonObject, word: string): unknown {
  const key = Object.keys(object).find((one) => one.startsWith(word) && /^[A-Z]/.test(one.slice(word.length)));
  return key === undefined ? undefined : object[key];
}

/** The last word of a canonical URL: the type's name for R4's own definitions. */
export const lastWord = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** A canonical URL without `|version` and `#fragment`, and the version. */
export function canonical(url: string): { readonly url: string; readonly version?: string } {
  const [plain = '', version] = (url.split('#')[0] ?? '').split('|');
  return version === undefined || version === '' ? { url: plain } : { url: plain, version };
}
