import assert from 'node:assert/strict';
import { test } from 'node:test';
import { published } from '../generate/published.ts';
import {
  parseJson,
  publishedByUrl,
  publishedEntries,
  publishedText,
  publishedTypes,
  resourceTypes,
  searchParameters,
  searchParameterUrl,
  typeDefinition,
  validate,
} from '../index.ts';

const parsed = (type: string, id: string): Structure => JSON.parse(publishedText(type, id) ?? 'null') as Structure;

interface Structure {
  readonly url: string;
  readonly derivation?: string;
  readonly text?: object;
  readonly snapshot?: { readonly element: readonly { readonly path: string; readonly type?: object[] }[] };
  readonly differential: { readonly element: readonly { readonly path: string }[] };
}

test('the file holds what the generator makes', () => {
  for (const one of published()) {
    assert.deepEqual(JSON.parse(publishedText(one.resourceType, one.id) ?? 'null'), JSON.parse(JSON.stringify(one)));
  }
});

test('every kind is there, each of it valid R4, found by id and by url', () => {
  for (const type of publishedTypes) {
    const entries = publishedEntries(type);
    assert.ok(entries.length > 40, type);
    for (const { id, url } of entries) {
      const text = publishedText(type, id) ?? '';
      const errors = validate(parseJson(Buffer.from(text)), { type }).filter(
        (issue) => issue.severity === 'error' && issue.code !== 'invariant',
      );
      assert.deepEqual(errors, [], `${type}/${id}`);
      assert.equal(publishedByUrl(url), text);
      const { version } = JSON.parse(text) as { version?: string };
      if (version !== undefined) assert.equal(publishedByUrl(`${url}|${version}`), text);
      assert.equal(publishedByUrl(`${url}|0.0.1`), undefined);
    }
  }
});

test('what was not published, or in another version, is not there', () => {
  assert.equal(publishedText('StructureDefinition', 'Bot'), undefined);
  assert.equal(publishedText('Patient', 'Patient'), undefined);
  assert.equal(publishedText('StructureDefinition', '__proto__'), undefined);
  assert.equal(publishedByUrl('http://hl7.org/fhir/StructureDefinition/Patient|5.0.0'), undefined);
});

/** `Patient.contact.name` in the definitions by which resources are checked. */
function isElement(path: string): boolean {
  const [first = '', ...words] = path.split('.');
  let type = first;
  for (const word of words) {
    const elements = typeDefinition(type)?.elements;
    if (elements === undefined) return true;
    const found = [...elements].find(([name, one]) => name === word || (one.choice && `${one.name}[x]` === word));
    if (found === undefined) return false;
    type = found[1].types[0] ?? '';
  }
  return true;
}

test('a resource’s snapshot has its elements, and none that R4 has not', () => {
  for (const type of resourceTypes) {
    const paths = new Set(parsed('StructureDefinition', type).snapshot?.element.map(({ path }) => path));
    assert.ok(paths.size > 4, type);
    assert.deepEqual(
      [...paths].filter((path) => !isElement(path)),
      [],
    );
    for (const one of typeDefinition(type)?.elements.values() ?? []) {
      const path = `${type}.${one.name}${one.choice ? '[x]' : ''}`;
      assert.ok(paths.has(path), path);
    }
  }
  assert.equal(isElement('Patient.project'), false, 'the check itself finds what is not there');
});

test('every search parameter of every type has its definition', () => {
  for (const type of resourceTypes) {
    for (const { code } of searchParameters(type)) {
      const url = searchParameterUrl(type, code) ?? '';
      assert.ok(publishedByUrl(url)?.includes(`"code":${JSON.stringify(code)}`), `${type}.${code}`);
    }
  }
  assert.equal(searchParameterUrl('Patient', 'no-such'), undefined);
});
