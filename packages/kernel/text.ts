export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { [key: string]: unknown };

/** Case- and accent-insensitive form of a text, for comparing the way FHIR's string search does. */
export const fold = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim().replace(/\s+/g, ' ');

/** A caller's own word, made safe to stand in a message: JSON-quoted and cut to 60 characters. */
export const quote = (word: string): string => JSON.stringify(word.length > 60 ? `${word.slice(0, 57)}...` : word);
