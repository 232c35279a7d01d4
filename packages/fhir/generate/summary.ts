/**
 * Makes `definitions/summary.json` out of the same source as `main.ts`: for each type, resource or backbone, the
 * elements that R4 marks as part of a summary (`isSummary`; a choice by its name before the type). Types without any
 * are left out.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ElementSource, sorted } from './source.ts';
import { structures } from './types.ts';

type Marked = ElementSource & { readonly isSummary?: boolean };

/** R5's, which the source package adds. */
const added: ReadonlySet<string> = new Set(['ResearchStudy.studyDesign']);

const types = new Map<string, string[]>();
for (const { differential } of structures()) {
  for (const { path, isSummary } of differential.element as readonly Marked[]) {
    const dot = path.lastIndexOf('.');
    if (!isSummary || dot < 0 || added.has(path)) continue;
    const type = path.slice(0, dot);
    types.set(type, [...(types.get(type) ?? []), path.slice(dot + 1).replace('[x]', '')]);
  }
}

const lines = Object.entries(sorted(types)).map(([type, names]) => `${JSON.stringify(type)}:${JSON.stringify(names)}`);
const text = `{\n${lines.join(',\n')}\n}\n`;

// `--print` writes to standard output and leaves the file alone: the test compares the two.
if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync(join(import.meta.dirname, '../definitions/summary.json'), text);
