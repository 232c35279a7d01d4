import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OscalVersion, oscalDocument, oscalNames } from '../../oscal/oscal.ts';
import { examples, oscalVersions, skip, wrongWith } from './schemas.ts';
import { asJson, content, input } from './world.ts';

const names = oscalNames(content);
const made = (name: string, oscal: OscalVersion): unknown => asJson(oscalDocument(name, { ...input, oscal }));

for (const version of oscalVersions) {
  test(`every document is valid against NIST's schema ${version}`, { skip }, () => {
    for (const name of names.filter((one) => one !== 'mapping-collection' || version === '1.2.2')) {
      assert.equal(wrongWith(made(name, version), version), undefined, name);
    }
  });

  test(`the same set-up takes NIST's own examples in ${version}`, { skip }, () => {
    const all = examples();
    assert.equal(all.length, 7);
    for (const { name, document } of all) assert.equal(wrongWith(document, version), undefined, name);
  });
}

type Loose = Record<string, unknown>;
type Broken = readonly [what: string, spoil: (root: Loose) => void];

const variants: readonly Broken[] = [
  ['no UUID', (root) => delete root['uuid']],
  ['a UUID of version 7', (root) => Object.assign(root, { uuid: '0193d7a2-0000-7000-8000-000000000000' })],
  [
    'a date without zone',
    (root) => Object.assign(root['metadata'] as Loose, { 'last-modified': '2026-11-22T12:00:00' }),
  ],
  ['no title', (root) => delete (root['metadata'] as Loose)['title']],
  ['a key of no schema', (root) => Object.assign(root, { compliant: true })],
  ['an empty list', (root) => Object.assign(root['metadata'] as Loose, { props: [] })],
  ['a value of two lines', (root) => Object.assign(root['metadata'] as Loose, { version: 'one\ntwo' })],
];

const spoiled = (document: unknown, [, spoil]: Broken): unknown => {
  const copy = structuredClone(document) as Record<string, Loose>;
  for (const root of Object.values(copy)) spoil(root);
  return copy;
};

test('broken variants of every document fail in the same set-up', { skip }, () => {
  for (const version of oscalVersions) {
    for (const name of names.filter((one) => one !== 'mapping-collection' || version === '1.2.2')) {
      const document = made(name, version);
      for (const variant of variants) {
        assert.notEqual(wrongWith(spoiled(document, variant), version), undefined, `${name} ${version}: ${variant[0]}`);
      }
    }
  }
});

test('ids of controls as they are, without their prefix, would be no tokens of OSCAL', { skip }, () => {
  const bare = JSON.parse(JSON.stringify(made('catalog', '1.1.3')).replaceAll('"cfr-164', '"164')) as unknown;
  assert.match(wrongWith(bare, '1.1.3') ?? '', /pattern/);
});

test('a mapping is no document of 1.1.3, and is refused there', { skip }, () => {
  assert.notEqual(wrongWith(made('mapping-collection', '1.2.2'), '1.1.3'), undefined);
  assert.throws(() => made('mapping-collection', '1.1.3'), { kind: 'invalid' });
});
