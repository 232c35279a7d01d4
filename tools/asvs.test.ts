/** Holds docs/security/asvs.md to the numbers of OWASP ASVS 5.0.0, and to the tests that it names. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { read, top } from './tree.ts';

/** By section of the final 5.0.0 (May 2025): the level of each requirement, in the order of their numbers. */
const chapters: Readonly<Record<string, string>> = {
  '3.3': '12223',
  '3.4': '11222233',
  '3.5': '11122333',
  '6.1': '122',
  '6.2': '111111112222',
  '6.3': '11223333',
  '6.4': '112233',
  '6.5': '22222333',
  '6.6': '2223',
  '6.7': '33',
  '6.8': '2222',
  '7.1': '222',
  '7.2': '1111',
  '7.3': '22',
  '7.4': '11222',
  '7.5': '223',
  '7.6': '22',
  '8.1': '1233',
  '8.2': '1123',
  '8.3': '133',
  '8.4': '23',
  '9.1': '111',
  '9.2': '1222',
  '10.1': '22',
  '10.2': '223',
  '10.3': '22223',
  '10.4': '1111122222233333',
  '10.5': '22222',
  '10.6': '22',
  '10.7': '222',
};
const required = new Map([
  ...Object.entries(chapters).flatMap(([section, levels]) =>
    [...levels].map((level, index): [string, string] => [`${section}.${index + 1}`, `L${level}`]),
  ),
  ['3.7.2', 'L2'],
]);

const file = 'docs/security/asvs.md';
const page = read(file);

interface Row {
  readonly number: string;
  readonly level: string;
  readonly state: string;
  readonly shown: string;
}

const rowsOf = (text: string): Row[] =>
  text.split('\n').flatMap((line) => {
    const [, number = '', level = '', , state = '', , shown = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return /^\d+\.\d+\.\d+$/.test(number) ? [{ number, level, state, shown }] : [];
  });

const states = new Set(['met', 'partly', 'not met', 'n/a']);
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll("\\'", "'");
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

function linkBreach(target: string): string[] {
  const [path = '', anchor] = target.split('#');
  const place = join('docs', 'security', path);
  if (!existsSync(join(top, place))) return [`${target} does not exist`];
  const headings = read(place).matchAll(/^#+ (.+)$/gm);
  const found = anchor === undefined || [...headings].some(([, heading = '']) => slugOf(heading) === anchor);
  return found ? [] : [`${target} has no such heading`];
}

/** `a/b.test.ts` “its name”, or a file alone. */
function testBreach(given: string, name: string | undefined): string[] {
  const path = /^(packages|tests|tools)\//.test(given) ? given : `packages/identity/test/${given}`;
  if (!existsSync(join(top, path))) return [`${path} does not exist`];
  return name === undefined || (name !== '' && flat(read(path)).includes(name))
    ? []
    : [`${path} has no test “${name}”`];
}

function evidenceBreaches({ number, state, shown }: Row): string[] {
  const links = [...shown.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => linkBreach(target));
  const tests = [...shown.matchAll(/`([\w./-]+\.ts)`(?: “([^”]*)”)?/g)].map(([, path = '', name]) =>
    testBreach(path, name),
  );
  const none = links.length + tests.length === 0 && (state === 'met' || state === 'partly');
  return [...links, ...tests, none ? ['shows nothing'] : []].flat().map((breach) => `${number}: ${breach}`);
}

/** The requirements of levels 1 and 2 that the beginning of the page says are not met. */
const admitted = (text: string): string[] => {
  const [, paragraph = ''] = /What is not met at levels 1 and 2([\s\S]*?)\n\n/.exec(text) ?? [];
  return [...paragraph.matchAll(/\d+\.\d+\.\d+/g)].map(([number]) => number).sort();
};

function breachesOf(text: string): string[] {
  const rows = rowsOf(text);
  const lacking = rows.filter(({ level, state }) => level !== 'L3' && (state === 'partly' || state === 'not met'));
  const numbers = rows.map(({ number }) => number);
  return [
    ...[...required.keys()].filter((number) => !numbers.includes(number)).map((number) => `${number}: no row`),
    ...numbers.filter((number, index) => numbers.indexOf(number) !== index).map((number) => `${number}: twice`),
    ...rows.filter(({ number, level }) => required.get(number) !== level).map(({ number }) => `${number}: level`),
    ...rows.filter(({ state }) => !states.has(state)).map(({ number }) => `${number}: state`),
    ...rows.flatMap(evidenceBreaches),
    ...(admitted(text).join() ===
    lacking
      .map(({ number }) => number)
      .sort()
      .join()
      ? []
      : ['what is not met']),
  ];
}

test('every requirement has its row, every row its evidence, and what is not met is said at the beginning', () => {
  assert.deepEqual(breachesOf(page), []);
  assert.equal(required.size, rowsOf(page).length);
});

test('a row that is gone, a test that is renamed, a hidden gap are found (negative control)', () => {
  const found = (change: (text: string) => string): number => breachesOf(change(page)).length;
  assert.equal(
    found((text) => text.replace(/^\| 9\.2\.3 .*\n/m, '')),
    1,
  );
  assert.equal(
    found((text) => text.replace('“a code lives a minute”', '“a code lives for ever”')),
    1,
  );
  assert.equal(
    found((text) => text.replace('people.md#passwords', 'people.md#nothing')),
    1,
  );
  assert.equal(
    found((text) => text.replace('(6.5.5)', '')),
    1,
  );
  assert.equal(
    found((text) => text.replace('| 10.4.3 | L1 ', '| 10.4.3 | L2 ')),
    1,
  );
});
