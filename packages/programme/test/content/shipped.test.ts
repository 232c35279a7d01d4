import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkIds } from '../../checks/ids.ts';
import { parseCitation } from '../../content/citation.ts';
import { placeholdersIn } from '../../content/render.ts';
import { type Control, families, productLines, programmeDirectory, readContent, render } from '../../index.ts';

const content = await readContent(programmeDirectory, { checks: new Set(checkIds) });
const controls = [...content.controls.values()];
const subpartC = controls.filter(({ citation }) => /^45 CFR 164\.(308|310|312|314|316)\b/.test(citation));
const none = (breaches: readonly string[]): void => assert.deepEqual(breaches, []);
const absent = (wanted: readonly string[], there: Iterable<string>): string[] => {
  const set = new Set(there);
  return wanted.filter((one) => !set.has(one));
};

test('22 standards, 41 labelled specifications: 19 required, 22 addressable (45 CFR 164.308 to 316)', () => {
  const count = (is: (control: Control) => boolean): number => subpartC.filter(is).length;
  assert.equal(
    count(({ kind }) => kind === 'standard'),
    22,
  );
  assert.equal(
    count(({ kind }) => kind === 'specification'),
    41,
  );
  assert.equal(
    count(({ kind, level }) => kind === 'specification' && level === 'required'),
    19,
  );
  assert.equal(
    count(({ level }) => level === 'addressable'),
    22,
  );
  // Without specifications they are required themselves: six of Appendix A to Subpart C, and 164.316(a).
  assert.deepEqual(
    subpartC
      .filter(({ kind, level }) => kind === 'standard' && level === 'required')
      .map(({ id }) => id.slice(4))
      .sort(),
    ['308-a-2', '308-a-8', '310-b', '310-c', '312-b', '312-d', '316-a'],
  );
});

test('labels stand where the regulation puts them', () => {
  const labels = (section: string, level: Control['level']): number =>
    subpartC.filter((one) => one.kind === 'specification' && one.level === level && one.id.startsWith(section)).length;
  const sections = ['164.308', '164.310', '164.312', '164.314', '164.316'];
  assert.deepEqual(
    sections.map((section) => labels(section, 'required')),
    [10, 2, 2, 2, 3],
  );
  assert.deepEqual(
    sections.map((section) => labels(section, 'addressable')),
    [11, 6, 5, 0, 0],
  );
});

test('every citation has the form of one, and no two controls have the same', () => {
  none(controls.flatMap(({ citation }) => (parseCitation(citation) === undefined ? [citation] : [])));
  assert.equal(new Set(controls.map(({ citation }) => citation)).size, controls.length);
});

test('164.306, the Breach Notification Rule and what the Privacy Rule asks of a business associate are there', () => {
  const wanted = [
    '306',
    '400',
    '402',
    '404',
    '406',
    '408',
    '410',
    '412',
    '414',
    '502',
    '504',
    '514',
    '524',
    '526',
    '528',
  ];
  none(wanted.filter((number) => !controls.some(({ id }) => id.startsWith(`164.${number}`))));
  assert.deepEqual(
    families.filter((family) => !controls.some((one) => one.family === family)),
    [],
  );
});

test('a control is proved by a check or rests on a policy; each says who carries it on every product line', () => {
  none(controls.flatMap(({ id, checks, policies }) => (checks.length + policies.length === 0 ? [id] : [])));
  none(controls.flatMap(({ id, carried }) => productLines.filter((line) => carried[line] === undefined).map(() => id)));
});

test('what a policy satisfies names the policy, and the other way round', () => {
  const said = [...content.policies.values()].flatMap(({ id, satisfies }) =>
    satisfies.map((control) => `${control} ${id}`),
  );
  const named = controls.flatMap(({ id, policies }) => policies.map((section) => `${id} ${section.split('#')[0]}`));
  none(absent(named, said).map((one) => `named by the control, not said by the policy: ${one}`));
  none(absent(said, named).map((one) => `said by the policy, not named by the control: ${one}`));
});

test('every parameter is used, every check proves something, every policy satisfies something', () => {
  const texts = [...controls, ...content.needs].map(({ approach }) => approach);
  const written = [...texts, ...[...content.policies.values()].map(({ text }) => text)].flatMap((text) =>
    placeholdersIn(text).flatMap(({ name }) => name ?? []),
  );
  const byMechanism = controls.flatMap(({ mechanisms }) => mechanisms.flatMap(({ parameters }) => parameters));
  const inFormulas = [...content.parameters.values()].flatMap(
    ({ formula = '' }) => formula.match(/[a-z_]+\.[a-z_]+/g) ?? [],
  );
  none(absent([...content.parameters.keys()], [...written, ...byMechanism, ...inFormulas]));
  none(
    absent(
      [...checkIds],
      controls.flatMap(({ checks }) => checks),
    ),
  );
  none([...content.policies.values()].flatMap(({ id, satisfies }) => (satisfies.length === 0 ? [id] : [])));
});

test('the fourteen needs, the proposed rule never as law, and crosswalks without texts', () => {
  assert.equal(content.needs.length, 14);
  const proposed = [...content.profiles.values()].filter(({ status }) => status === 'proposed');
  assert.ok(proposed.length > 0);
  for (const { note } of proposed) assert.match(note, /not|never/);
  assert.ok(content.crosswalks.size >= 3);
});

test('every text renders without a placeholder left', () => {
  const texts = [
    ...controls.map(({ approach }) => approach),
    ...[...content.policies.values()].map(({ text }) => text),
  ];
  none(texts.filter((text) => /\{\{|\}\}/.test(render(text, content.parameters))));
});
