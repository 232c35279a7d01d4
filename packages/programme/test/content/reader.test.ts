import assert from 'node:assert/strict';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { housePackages } from '../../content/packages.ts';
import { render, words } from '../../index.ts';
import { changed, type Files, read, small, write, wrong } from './small.ts';

const technical = 'controls/technical.yaml';
const policy = 'policies/system-access.md';
const parameters = 'parameters.yaml';

test('a programme as it is meant is read whole, and frozen', async () => {
  const content = await read(small);
  assert.deepEqual([...content.controls.keys()], ['164.312-e-1', '164.312-e-2-ii']);
  const control = content.controls.get('164.312-e-1');
  assert.deepEqual(control?.carried.api, { by: 'platform' });
  assert.equal(control?.place, 'program/controls/technical.yaml:4');
  assert.equal(content.parameters.get('audit.verify_days')?.value, 1);
  assert.equal(content.parameters.get('audit.verify_days')?.formula, 'audit.verify_hours / 24');
  assert.deepEqual(
    content.policies
      .get('system-access')
      ?.sections.map(({ id, inherited, text }) => [id, inherited, text.split('\n')[0]]),
    [
      ['networks', 'locked', '## Networks'],
      ['local-rules', 'editable', '## Local rules'],
    ],
  );
  assert.match(content.digest, /^[0-9a-f]{64}$/);
  assert.throws(() => Object.assign(control ?? {}, { title: 'x' }), TypeError);
  assert.notEqual((await read(changed(technical, 'Guard what', 'Guard all that'))).digest, content.digest);
});

/** What is broken, and where and how it is told. */
const table: readonly (readonly [string, Files, RegExp])[] = [
  ['malformed YAML', changed(technical, 'kind: standard', 'kind: [standard'), /technical\.yaml:\d+ not usable as YAML/],
  [
    'a duplicate key',
    changed(technical, 'level: none', 'level: none\n    level: none'),
    /:9 not usable as YAML: .*unique/,
  ],
  ['two documents', changed(parameters, 'audit:', '---\naudit:'), /parameters\.yaml:\d+ not usable/],
  [
    'an alias',
    changed(technical, 'title: Encryption', 'title: &t Encryption\n    approach: *t'),
    /:2\d anchors and aliases/,
  ],
  ['a tag', changed(technical, 'title: Encryption', 'title: !!js/function Encryption'), /:21 /],
  [
    'an unknown key',
    changed(technical, 'level: none', 'level: none\n    state: met'),
    /:9 controls\.0\.state: unknown key/,
  ],
  [
    'a prototype',
    changed(technical, 'level: none', 'level: none\n    __proto__: {}'),
    /:9 controls\.0\.__proto__: unknown/,
  ],
  ['a key that is missing', changed(technical, '    title: Encryption\n', ''), /:19 controls\.1\.title: missing/],
  ['a duplicate id', changed(technical, /164.312-e-2-ii$/m, '164.312-e-1'), /:19 .*stands at program.*yaml:4 already/],
  [
    'an id that is not the citation’s',
    changed(technical, 'id: 164.312-e-1', 'id: 164.312-e-9'),
    /:4 .*id of this citation is/,
  ],
  ['a citation of no form', changed(technical, '164.312(e)(1)', '164.312 (e)(1)'), /:5 .*not a citation of the form/],
  ['an unknown section', changed(technical, '164.312(e)(1)', '164.399(e)(1)'), /:5 .*knows no section 164\.399/],
  ['no such paragraph', changed(technical, '164.312(e)(2)(ii)', '164.312(e)(2)(iii)'), /:20 .*no such paragraph/],
  ['another family', changed(technical, '45 CFR 164.312(e)(1)', '45 CFR 164.310(b)'), /:5 .*another family/],
  ['another name', { ...small, 'controls/physical.yaml': small[technical] ?? '' }, /physical\.yaml:1 .*not called as/],
  [
    'a specification below another standard',
    changed(technical, '164.312-e-2-ii', '164.312-c-2', changed(technical, '(e)(2)(ii)', '(c)(2)')),
    /does not stand below/,
  ],
  [
    'an unknown standard',
    changed(technical, 'standard: 164.312-e-1', 'standard: 164.312-a-1'),
    /:23 .*no control 164\.312-a-1/,
  ],
  ['a level that is wrong', changed(technical, 'level: none', 'level: required'), /:8 .*required where it has no spec/],
  ['no decision', changed(technical, / {4}decision: .*\n/, ''), /:24 .*default decision/],
  [
    'an unknown check',
    changed(technical, 'checks: [http.tls]', 'checks: [http.tsl]'),
    /:16 .*there is no check http\.tsl/,
  ],
  [
    'an unknown section of a policy',
    changed(technical, '#networks', '#network'),
    /:11 .*no section system-access#network/,
  ],
  ['an unknown package', changed(technical, 'package: http', 'package: htpt'), /:13 .*no package htpt/],
  ['an unknown parameter', changed(technical, '[tls.least]', '[tls.most]'), /:15 .*no parameter tls\.most/],
  ['an unknown placeholder', changed(technical, '{{tls.least}}', '{{tls.most}}'), /:10 .*no parameter tls\.most/],
  [
    'a placeholder of no form',
    changed(policy, '{{audit.verify_hours}}', '{{ 24 }}'),
    /system-access\.md:14 .*not a placeholder/,
  ],
  [
    'a placeholder cut off',
    changed(policy, '{{audit.verify_hours}}', '{{audit.verify_hours'),
    /:14 .*not a placeholder/,
  ],
  [
    'a placeholder where none is filled in',
    changed(technical, 'Encrypt in', 'Encrypt {{tls.least}} in'),
    /:25 .*filled in/,
  ],
  ['a unit twice', changed(technical, 'hours|words}}', 'hours|words}} hours'), /:26 .*says its unit, hours, itself/],
  [
    'shared with nobody told what',
    changed(technical, 'interfaces: customer', 'interfaces: shared'),
    /:17 .*left to the customer/,
  ],
  ['a value above the most', changed(parameters, 'value: 24', 'value: 25'), /parameters\.yaml:4 .*above the most, 24/],
  ['a value below the least', changed(parameters, 'value: 24', 'value: 0.5'), /:4 .*below the least, 1/],
  ['a word that is no choice', changed(parameters, 'value: "1.2"', 'value: "1.1"'), /:2 .*none of its choices/],
  ['a number that is none', changed(parameters, 'value: 24', 'value: .nan'), /parameters\.yaml:4 .*expected a number/],
  ['no formula', changed(parameters, '/ 24', '/ 24 24'), /:5 .*not a formula/],
  [
    'code as a formula',
    changed(parameters, '= audit.verify_hours / 24', '= process.exit(1)'),
    /:5 .*(not a formula|no param)/,
  ],
  [
    'a formula of nothing',
    changed(parameters, '= audit.verify_hours', '= audit.x'),
    /:5 .*names audit\.x, which is no parameter/,
  ],
  ['a formula of a word', changed(parameters, '= audit.verify_hours', '= tls.least'), /:5 .*which is no number/],
  ['a division by nothing', changed(parameters, '/ 24', '/ 0'), /:5 .*no finite number/],
  [
    'a circle of one',
    changed(parameters, '= audit.verify_hours', '= audit.verify_days'),
    /circle: audit\.verify_days → audit\.v/,
  ],
  ['a citation of a parameter', changed(parameters, '164.312(b)', '164.312(z)'), /:4 .*no such paragraph/],
  ['raw HTML', changed(policy, 'None.', 'None. <b onclick="x()">x</b>'), /system-access\.md:18 raw HTML is refused/],
  ['a script', changed(policy, 'None.', '<script>alert(1)</script>'), /system-access\.md:18 raw HTML is refused/],
  ['a script in a control', changed(technical, 'Encrypt in', '<img src=x onerror=y> in'), /:25 .*raw HTML is refused/],
  [
    'a javascript: link',
    changed(policy, 'None.', 'None,\nbut [x](javascript:alert(1)).'),
    /system-access\.md:19 a link/,
  ],
  ['one in disguise', changed(policy, 'None.', '[x](&#106;avascript:alert(1))'), /:18 a link that is neither/],
  ['one by reference', changed(policy, 'None.', '[x][y]\n\n[y]: JavaScript:alert(1)'), /:18 a link that is neither/],
  ['a data: link', changed(policy, 'None.', '<data:text/html,x>'), /:18 a link that is neither/],
  ['an image', changed(policy, 'None.', '![x](https://example.org/x.png)'), /:18 an image/],
  ['no front matter', changed(policy, '---\ntitle', 'title'), /system-access\.md:1 expected front matter/],
  ['an unknown key of a policy', changed(policy, 'owner:', 'state: approved\nowner:'), /:4 state: unknown key/],
  ['a policy of no control', changed(policy, '[164.312-e-1]', '[164.312-e-9]'), /:3 there is no control/],
  ['an editable section that is none', changed(policy, '[local-rules]', '[local]'), /:8 local is no section/],
  ['two sections of one name', changed(policy, '## Local rules', '## Networks'), /:16 there are two sections networks/],
  ['another title', changed(policy, '# System access\n', '# Access\n'), /:10 expected one heading of the first level/],
  ['a need of no control', changed('needs.yaml', '164.312-e-2-ii', '164.312-b'), /needs\.yaml:2 there is no control/],
  [
    'a crosswalk of no control',
    changed('crosswalks/csf.yaml', '164.312-e-1', '164.312-b'),
    /csf\.yaml:3 there is no control/,
  ],
  [
    'a profile of no control',
    changed('profiles/next.yaml', '[164.312-e-1]', '[164.312-b]'),
    /next\.yaml:5 there is no control/,
  ],
  ['a file that is missing', { ...small, 'needs.yaml': '' }, /needs\.yaml:1 expected object/],
  ['a file that nothing reads', { ...small, 'controls/technical.yml': '' }, /technical\.yml:1 nothing reads/],
  [
    'bytes that are no UTF-8',
    { ...small, 'needs.yaml': Uint8Array.of(0xc3, 0x28) },
    /needs\.yaml:1 the file is not UTF-8/,
  ],
  ['text that runs backwards', changed(policy, 'None.', 'None.\u202e'), /:18 a control or direction character/],
  ['a huge file', { ...small, 'needs.yaml': 'x'.repeat(300_000) }, /needs\.yaml:1 the file is larger than 256 KB/],
  ['a deep one', { ...small, 'needs.yaml': '['.repeat(200_000) }, /needs\.yaml:1 (the YAML is nested|not usable)/],
  [
    'a bomb of aliases',
    { ...small, 'needs.yaml': `a: &a [${'x,'.repeat(9)}]\nb: &b [${'*a,'.repeat(9)}]\nc: [${'*b,'.repeat(9)}]\n` },
    /needs\.yaml:1 anchors and aliases/,
  ],
];

for (const [what, files, told] of table) {
  test(`told with its place: ${what}`, async () => {
    const found = await wrong(files);
    assert.ok(
      found.some((line) => told.test(line)),
      found.join('\n'),
    );
    for (const line of found) assert.match(line, /^program\/[a-z/.-]+:\d+ ./);
  });
}

test('a circle of formulas is told with all that are in it, once', async () => {
  const files = changed(parameters, 'value: 24', 'value: = audit.verify_days + 1');
  const found = (await wrong(files)).filter((line) => line.includes('circle'));
  assert.deepEqual(found, [
    [
      'program/parameters.yaml:4 audit.verify_hours: formulas go in a circle:',
      'audit.verify_hours → audit.verify_days → audit.verify_hours',
    ].join(' '),
  ]);
});

test('everything is told at once, in order, and nothing that only follows from it', async () => {
  const files = {
    ...changed(technical, 'http.tls', 'http.nothing'),
    'parameters.yaml': 'tls: [',
    'needs.yaml': 'needs:\n  - {id: x}\n',
  };
  const found = await wrong(files);
  const lineOf = (line: string): string => line.replace(/ .*/, '').replace(/\d+$/, (n) => n.padStart(4, '0'));
  assert.deepEqual(found.map(lineOf), found.map(lineOf).toSorted());
  for (const form of [
    /technical\.yaml:16 .*http\.nothing/,
    /technical\.yaml:27 .*http\.nothing/,
    /parameters\.yaml:1/,
    /needs\.yaml:2/,
  ]) {
    assert.ok(
      found.some((line) => form.test(line)),
      `${form}: ${found.join('\n')}`,
    );
  }
  assert.ok(!found.some((line) => line.includes('no parameter')));
});

test('a link leads nowhere, not even to a file of the right name', async () => {
  const outside = write({ 'x.yaml': small['needs.yaml'] ?? '' });
  const { 'needs.yaml': _, ...rest } = small;
  const home = write(rest);
  symlinkSync(join(outside, 'x.yaml'), join(home, 'needs.yaml'));
  const found = await wrong(home);
  assert.ok(found.includes('program/needs.yaml:1 a link is not followed'), found.join('\n'));
});

test('whatever is cut out of a file: read, or told with its place; never half', async () => {
  const names = Object.keys(small);
  await fc.assert(
    fc.asyncProperty(fc.nat(names.length - 1), fc.nat(), fc.nat(60), async (file, from, length) => {
      const name = names[file] ?? '';
      const text = small[name] ?? '';
      const start = from % text.length;
      const files = { ...small, [name]: text.slice(0, start) + text.slice(start + length) };
      for (const line of await wrong(files)) assert.match(line, /^program\/[a-z/.-]+:\d+ ./);
    }),
    { numRuns: 60 },
  );
});

test('placeholders become numbers, or words with their unit', () => {
  const known = new Map([
    ['sessions.idle_minutes', { value: 15, unit: 'minutes' }],
    ['policies.one', { value: 1, unit: 'working days' }],
    ['breach.many', { value: 1500 }],
    ['tls.least', { value: '1.2' }],
  ]);
  assert.equal(render('{{sessions.idle_minutes}} minutes', known), '15 minutes');
  assert.equal(render('{{sessions.idle_minutes|words}}, {{policies.one|words}}', known), '15 minutes, 1 working day');
  assert.equal(render('TLS {{tls.least|words}}, {{breach.many}}', known), 'TLS 1.2, 1,500');
  assert.equal(render('{{x.y}} {{sessions.idle_minutes|x}}', known), '{{x.y}} {{sessions.idle_minutes|x}}');
  assert.equal(words({ value: 0.5, unit: 'hours' }), '0.5 hours');
});

test('packages that carry mechanisms are those that there are', () => {
  const here = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(new URL(`../../../../${folder}`, import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
  );
  assert.deepEqual([...housePackages].sort(), [...here, 'organization'].sort());
});
