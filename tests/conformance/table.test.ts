/** Holds docs/identity/conformance.md to the tests of this folder. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const here = import.meta.dirname;
const page = join(here, '..', '..', 'docs', 'identity', 'conformance.md');

interface Row {
  readonly id: string;
  readonly applies: boolean;
  readonly file: string | undefined;
  readonly passes: boolean;
}

const row = /^\| `([^`]+)` \| [^|]+ \| (yes|no: [^|]+) \| (?:`([^`]+)`|–) \| (pass[^|]*|fails: [^|]+|–) \|$/;

/** The rows of the tables of cases: those that begin with an id of a case. */
const rowsOf = (text: string): Row[] =>
  text.split('\n').flatMap((line) => {
    if (!/^\| `(?:oidcc-|smart_[a-z_0-9]+\/|backend_)/.test(line)) return [];
    const [, id = '', applies, file, result = ''] = row.exec(line) ?? [];
    assert.notEqual(id, '', `not a row of a case: ${line}`);
    return [{ id, applies: applies === 'yes', file, passes: result.startsWith('pass') }];
  });

/** Every test of a file by its name, and whether it may fail. */
const testsOf = (file: string, text: string): Row[] =>
  [...text.matchAll(/^test(\.todo|\.skip)?\('([^']+)'(, \{ (?:todo|skip))?/gm)].map(([, mode, id = '', option]) => ({
    ...{ id, file: file.replace('.test.ts', ''), applies: true },
    passes: mode === undefined && option === undefined,
  }));

async function written(): Promise<Row[]> {
  const files = (await readdir(here)).filter((name) => /^(?:oidc|smart).*\.test\.ts$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(here, name), 'utf8')));
  return texts.flatMap((text, index) => testsOf(files[index] ?? '', text));
}

const byId = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** What the page tells of the cases that apply. */
const told = (text: string): Row[] => byId(rowsOf(text).filter(({ applies }) => applies));

test('every case that applies has its test, every test its row, and what is told to pass is not let off', async () => {
  const text = await readFile(page, 'utf8');
  const tests = await written();
  assert.ok(tests.length > 100);
  assert.equal(new Set(rowsOf(text).map(({ id }) => id)).size, rowsOf(text).length, 'a case stands once');
  assert.deepEqual(told(text), byId(tests));
});

test('what does not apply says why, and is told neither to pass nor to fail', async () => {
  const rows = rowsOf(await readFile(page, 'utf8')).filter(({ applies }) => !applies);
  assert.ok(rows.length > 0);
  for (const { id, file, passes } of rows) assert.deepEqual([file, passes], [undefined, false], id);
});

test('the sums on the page are those of its tables', async () => {
  const text = await readFile(page, 'utf8');
  const sums = [...text.matchAll(/(\d+) of (\d+) cases apply, (\d+) of them pass/g)].map((one) =>
    one.slice(1).map(Number),
  );
  const parts = text.split('## SMART App Launch 2.2').map(rowsOf);
  const counted = parts.map((rows) => {
    const applying = rows.filter(({ applies }) => applies);
    return [applying.length, rows.length, applying.filter(({ passes }) => passes).length];
  });
  assert.deepEqual(sums, counted);
});

test('control: a row without a test, and a test that is let off, are found', async () => {
  const text = await readFile(page, 'utf8');
  const more = `${text}\n| \`oidcc-invented\` | nothing | yes | \`oidc-basic\` | pass |`;
  assert.notDeepEqual(told(more), byId(await written()));
  const [first] = testsOf('oidc-basic.test.ts', "test('oidcc-server', { todo: 'not yet' }, () => {});");
  assert.equal(first?.passes, false);
  assert.throws(() => rowsOf('| `oidcc-server` | a | perhaps | `oidc-basic` | pass |'), /not a row/);
});
