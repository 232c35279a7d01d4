import { hash } from 'node:crypto';
import { headingsOf, slugOf } from '../content/markdown.ts';
import { placeholdersIn, type Shown } from '../content/render.ts';
import type { InForce } from '../workflow/deps.ts';

/** A text in its parts: all of it, nothing between them. */
export interface Parts {
  /** What stands above the first section: the title and what introduces it. */
  readonly introduction: string;
  readonly sections: readonly { readonly id: string; readonly text: string }[];
}

/** Read from the text itself, so that what is shown is what the digest is of. */
export function partsOf(text: string): Parts {
  const lines = text.split('\n');
  const second = headingsOf(text).filter(({ level }) => level === 2);
  const cut = (from: number, to: number | undefined) => lines.slice(from, to).join('\n').trim();
  return {
    introduction: cut(0, second[0]?.line),
    sections: second.map(({ title, line }, index) => ({ id: slugOf(title), text: cut(line, second[index + 1]?.line) })),
  };
}

/** SHA-256 of a text, hex: what people acknowledge. */
export const digestOf = (text: string): string => hash('sha256', text);

/** Names of the parameters that a text is rendered with, each once. */
export const parametersIn = (text: string): string[] => [
  ...new Set(placeholdersIn(text).flatMap(({ name }) => (name === undefined ? [] : [name]))),
];

/** What a text is rendered with at this moment; what the programme has not is left out. */
export function valuesFor(text: string, parameters: InForce): ReadonlyMap<string, Shown> {
  const names = parametersIn(text).sort();
  return new Map(
    names.flatMap((name): [string, Shown][] => {
      const found = parameters.get(name);
      if (found === undefined) return [];
      const { value, unit } = found;
      return [[name, unit === undefined ? { value } : { value, unit }]];
    }),
  );
}
