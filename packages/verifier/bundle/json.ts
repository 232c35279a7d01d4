import { fail } from './wrong.ts';

/** Readers of JSON that name the place where something else stands than the format says. */
export type Fields = Readonly<Record<string, unknown>>;

export function json(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail(where, 'is not JSON');
  }
}

export function fields(where: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  return fail(where, 'an object was expected');
}

export const list = (where: string, value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : fail(where, 'a list was expected');

export const text = (where: string, value: unknown): string =>
  typeof value === 'string' ? value : fail(where, 'a text was expected');

export const number = (where: string, value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : fail(where, 'a number was expected');

export const texts = (where: string, value: unknown): string[] => list(where, value).map((one) => text(where, one));

/** Milliseconds since the Unix epoch of an ISO time. */
export function moment(where: string, value: unknown): number {
  const at = Date.parse(text(where, value));
  return Number.isNaN(at) ? fail(where, 'a time was expected') : at;
}

/** Base64 in its one form: unused bits are zero, so that no other text stands for the same bytes. */
export function base64(where: string, value: unknown, bytes?: number): Buffer {
  const given = text(where, value);
  const found = Buffer.from(given, 'base64');
  if (found.toString('base64') !== given) return fail(where, 'is not base64');
  return bytes === undefined || found.length === bytes ? found : fail(where, `${bytes} bytes were expected`);
}
