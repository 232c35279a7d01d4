import { fault } from '@safeguard/kernel';
import { words as inWords } from '../content/render.ts';
import type { Head } from './head.ts';
import type { OscalInput } from './input.ts';
import { wordsParam } from './markup.ts';

export const headOf = ({ content, at, version, oscal = '1.1.3' }: OscalInput): Head => {
  const { name, contact } = content.organization;
  return { at, oscal, version, digest: content.digest, organization: { name, contact } };
};

/** A part of the input that this document cannot be without; Fault `internal`: whoever composes it forgot it. */
export function needed<T>(part: T | undefined, what: string): T {
  if (part === undefined) throw fault('internal', 'The document could not be made.', { cause: `without ${what}` });
  return part;
}

/** Values in force by parameter id of OSCAL: as they are, and in words. */
export function valuesOf({ content, parameters }: OscalInput): ReadonlyMap<string, string> {
  const inForce = new Map((parameters ?? []).map(({ parameter, value }) => [parameter.name, value]));
  return new Map(
    [...content.parameters.values()].flatMap(({ name, value: filed, unit }) => {
      const value = inForce.get(name) ?? filed;
      const shown = { value, ...(unit === undefined ? {} : { unit }) };
      return [
        [name, String(value)],
        [wordsParam(name), inWords(shown)],
      ] as const;
    }),
  );
}

/** Of these values those that are named, in order of their names. */
export const picked = (values: ReadonlyMap<string, string>, names: Iterable<string>): Record<string, string> =>
  Object.fromEntries([...new Set(names)].sort().map((name) => [name, needed(values.get(name), name)]));
