import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readXml, XmlRefused } from '../../federation/saml/xml.ts';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
// What XML can hold, less the line ends and spaces that a parser normalises.
const texts = fc.string({ unit: fc.constantFrom(...'abc &<>"\']]>-é漢🙂') });
const names = fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/);

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Node[];
}
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record(
    {
      name: names,
      attributes: fc.dictionary(
        names.filter((name) => !name.startsWith('xmlns')),
        texts,
        { maxKeys: 3, noNullPrototype: true },
      ),
      text: texts,
      children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('node'), { maxLength: 3 })),
    },
    { noNullPrototype: true },
  ),
}));

const written = ({ name, attributes, text, children }: Node): string =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join('')}>${escaped(text)}${children.map(written).join('')}</${name}>`;

const read = (document: string): Node => {
  const plain = (element: ReturnType<typeof readXml>): Node => ({
    name: element.name,
    attributes: Object.fromEntries(element.attributes),
    text: element.text,
    children: element.children.map(plain),
  });
  return plain(readXml(document));
};

test('what is written is read as it was meant', () => {
  fc.assert(fc.property(node, (tree) => assert.deepEqual(read(written(tree)), tree)));
});

test('whatever comes, it is read or refused', () => {
  const junk = fc.array(
    fc.constantFrom(
      '<a',
      '<a>',
      '</a>',
      ' b="',
      '"',
      '&',
      '&lt;',
      '&#x',
      ';',
      '<!--',
      '-->',
      ']]>',
      '/>',
      '=',
      'x',
      '\0',
    ),
  );
  const tried = (text: string): boolean => {
    try {
      readXml(text);
    } catch (error) {
      return error instanceof XmlRefused;
    }
    return true;
  };
  fc.assert(
    fc.property(
      fc.oneof(
        junk.map((parts) => parts.join('')),
        fc.string(),
      ),
      tried,
    ),
    { numRuns: 2_000 },
  );
});

test('names are resolved by namespace, never by prefix', () => {
  const root = readXml('<p:a xmlns:p="urn:one"><p:b xmlns:p="urn:two" p:c="1" d="2"/><e xmlns="urn:three"/></p:a>');
  assert.deepEqual([root.space, root.children[0]?.space, root.children[1]?.space], ['urn:one', 'urn:two', 'urn:three']);
  assert.deepEqual(
    [...(root.children[0]?.attributes ?? [])],
    [
      ['{urn:two}c', '1'],
      ['d', '2'],
    ],
  );
  for (const wrong of [
    '<p:a/>',
    '<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>',
    '<a x="1" x="2"/>',
    '<a xmlns:xml="urn:x"/>',
    '<a>&constructor;</a>',
    '<a>&#0;</a>',
    '<a>&#x110000;</a>',
    '<a x="<"/>',
    '<a></b>',
    '<a/>text',
    '',
  ]) {
    assert.throws(() => readXml(wrong), XmlRefused, wrong);
  }
});
