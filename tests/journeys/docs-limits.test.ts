/** Holds docs/fhir/limits.md to the constants that it names. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const top = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(top, 'docs', 'fhir', 'limits.md'), 'utf8');
const rows = [...page.matchAll(/^\| (.+?) \| ([\d,]+) \| `(.+?)` `(\w+)` \|$/gm)];

/** `1_000`, `96 * 1024 * 1024`. */
const product = (text: string): number =>
  text.split('*').reduce((all, factor) => all * Number(factor.trim().replaceAll('_', '')), 1);

/** What a file says of a name: `const name = 1_000;`, `name: 6,`, or one of `const [a, name] = [500, 20_000];`. */
function stated(source: string, name: string): number | undefined {
  const plain = new RegExp(`\\b${name}(?:: [A-Za-z]+)?(?: =|:) ([\\d_ *]+)[,;} ]`).exec(source)?.[1];
  if (plain !== undefined) return product(plain);
  for (const [, names = '', values = ''] of source.matchAll(/const \[([\w, ]+)\] = \[([\d_, ]+)\]/g)) {
    const at = names.split(', ').indexOf(name);
    if (at >= 0) return product(values.split(', ')[at] ?? '');
  }
  return undefined;
}

describe('docs/fhir/limits.md', () => {
  test('names its limits', () => assert.ok(rows.length > 20, String(rows.length)));
  for (const [, what = '', value = '', file = '', name = ''] of rows) {
    test(what, () => {
      const source = readFileSync(join(top, file), 'utf8');
      assert.equal(stated(source, name), Number(value.replaceAll(',', '')), `${file} ${name}`);
    });
  }
  test('a number that is not there is not found', () => assert.equal(stated('const other = 5;', 'most'), undefined));
});
