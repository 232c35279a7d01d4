import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '@safeguard/kernel';
import { validate, writeJson } from '../../index.ts';
import { parseXml } from '../../xml/read.ts';

const ns = 'xmlns="http://hl7.org/fhir"';
const div = (inside: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${inside}</div>`;
const patient = (inside: string): string => `<Patient ${ns}>${inside}</Patient>`;

test('lists, choices, types and siblings come from the definitions', () => {
  const read = parseXml(`<?xml version="1.0" encoding="utf-8"?>
    <!-- a comment -->
    <f:Observation xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xsi:schemaLocation="http://hl7.org/fhir ../observation.xsd">
      <f:id value="o"/>
      <f:contained><f:Patient><f:id value="p"/><f:multipleBirthInteger value="2"/></f:Patient></f:contained>
      <f:status value="final" id="s"/>
      <f:code id="c"><f:text value="a &lt;b&gt;&#10;c&#x9;d"/></f:code>
      <f:valueQuantity><f:value value="1.500"/><!-- in between --><f:unit value="mg"/></f:valueQuantity>
      <f:component><f:code><f:text value="x"/></f:code><f:valueBoolean value="true"/></f:component>
    </f:Observation>`);
  assert.equal(
    writeJson(read),
    '{"resourceType":"Observation","id":"o",' +
      '"contained":[{"resourceType":"Patient","id":"p","multipleBirthInteger":2}],' +
      '"status":"final","_status":{"id":"s"},"code":{"id":"c","text":"a <b>\\nc\\td"},' +
      '"valueQuantity":{"value":1.500,"unit":"mg"},"component":[{"code":{"text":"x"},"valueBoolean":true}]}',
  );
});

test('primitives without a value, in lists and alone', () => {
  const extension = '<extension url="u"><valueCode value="c"/></extension>';
  const aside = { extension: [{ url: 'u', valueCode: 'c' }] };
  const read = parseXml(
    patient(`<name><given value="a"/><given>${extension}</given></name><name><given>${extension}</given></name>
      <birthDate>${extension}</birthDate><active value="true">${extension}</active>`),
  );
  assert.deepEqual(read, {
    resourceType: 'Patient',
    name: [{ given: ['a', null], _given: [null, aside] }, { _given: [aside] }],
    _birthDate: aside,
    active: true,
    _active: aside,
  });
});

test('the narrative keeps its source', () => {
  const source = div('<p title="a&amp;b">\n x &#160;<b>y</b><!-- c --><br/> </p>');
  const read = parseXml(patient(`<text><status value="generated"/> ${source} </text>`));
  assert.equal((read['text'] as { div: string }).div, source);
  assert.deepEqual(validate(read), []);
});

test('what is no value of its type stays a text, and validation names it', () => {
  const read = parseXml(patient('<active value="yes"/><multipleBirthInteger value="1.0"/>'));
  assert.deepEqual(
    validate(read).map((issue) => issue.at),
    ['Patient.active', 'Patient.multipleBirthInteger'],
  );
});

const growing = Array.from({ length: 60 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`);
const laughs = `<!DOCTYPE l [<!ENTITY a0 "ha">${growing.join('')}]>`;
const malformed: Record<string, string | Buffer> = {
  'a DOCTYPE with entities that grow': `${laughs}${patient('<active value="&a59;"/>')}`,
  'an external entity': `<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>${patient('<id value="&x;"/>')}`,
  'an external DTD': `<!DOCTYPE p SYSTEM "http://127.0.0.1:1/x.dtd">${patient('')}`,
  'an entity of HTML': patient(`<text>${div('&nbsp;')}</text>`),
  'an unknown entity': patient('<id value="&secret;"/>'),
  'a processing instruction': `<?xml-stylesheet href="x"?>${patient('')}`,
  CDATA: patient('<![CDATA[x]]>'),
  'text between elements': patient('secret'),
  'deep nesting in the narrative': patient(`<text><div xmlns="http://www.w3.org/1999/xhtml">${'<p>'.repeat(100_000)}`),
  'invalid UTF-8': Buffer.concat([Buffer.from(`<Patient ${ns}><id value="`), Buffer.from([0xc3, 0x28])]),
  'UTF-16': Buffer.from(patient(''), 'utf16le'),
  'another encoding': `<?xml version="1.0" encoding="ISO-8859-1"?>${patient('')}`,
  'XML 1.1': `<?xml version="1.1"?>${patient('')}`,
  'half a surrogate pair': patient('<id value="\ud800"/>'),
  'a forbidden character': patient('<id value="&#1;"/>'),
  'a tag that stays open': `<Patient ${ns}><name>`,
  'tags that cross': patient('<name><period></name></period>'),
  'an attribute twice': patient('<id value="a" value="b"/>'),
  'two roots': patient('') + patient(''),
  nothing: '',
  'no namespace': '<Patient/>',
  'another namespace': '<Patient xmlns="urn:other"/>',
  'a prefix without a namespace': '<f:Patient/>',
  'an attribute of a namespace': patient('<id xmlns:x="urn:x" x:value="a"/>'),
  'a narrative in the namespace of FHIR': patient('<text><div>x</div></text>'),
  'elements of another namespace in the narrative': patient(`<text>${div('<s xmlns="urn:svg"/>')}</text>`),
  'prefixes in the narrative': patient('<text><h:div xmlns:h="http://www.w3.org/1999/xhtml">x</h:div></text>'),
};
const invalid: Record<string, string> = {
  'deep nesting': `<Patient ${ns}>${'<extension url="u">'.repeat(100_000)}`,
  'an unknown resource': `<Secret ${ns}/>`,
  'an unknown element': patient('<secret value="x"/>'),
  'a name of JavaScript': patient('<constructor value="x"/><__proto__ value="x"/>'),
  'an element as JSON writes it': patient('<_birthDate id="x"/>'),
  'an unknown attribute': patient('<id secret="x"/>'),
  'a value where there is none': patient('<name value="x"/>'),
  'an attribute of a resource': `<Patient ${ns} id="x"/>`,
  'the id of a datatype as an element': patient('<name><id value="x"/></name>'),
  'the address of an extension as an element': patient('<extension><url value="x"/></extension>'),
  'a single element twice': patient('<active value="true"/><active value="true"/>'),
  'a single element with and without value': patient('<active value="true"/><active id="x"/>'),
  'an empty primitive': patient('<active/>'),
  'two resources in one place': patient('<contained><Patient/><Patient/></contained>'),
  'no resource in its place': patient('<contained/>'),
  'lists deeper than JSON may be': patient('<extension url="u">'.repeat(150) + '</extension>'.repeat(150)),
};
for (const [kind, cases] of Object.entries({ malformed, invalid })) {
  for (const [name, text] of Object.entries(cases)) {
    test(`refused as ${kind}: ${name}`, () => {
      const before = performance.now();
      assert.throws(
        () => parseXml(text),
        (error: Fault) => error.kind === kind && !/secret|passwd|a59|&/.test(error.message),
      );
      assert.ok(performance.now() - before < 500);
    });
  }
}

test('huge attributes and many elements cost time in line with their size', () => {
  const big = 'x'.repeat(5_000_000);
  const before = performance.now();
  assert.equal((parseXml(patient(`<id value="${big}"/>`))['id'] as string).length, big.length);
  const many = Array.from({ length: 20_000 }, (_, i) => ` a${i}="x"`).join('');
  assert.throws(() => parseXml(patient(`<name${many}/>`)), { kind: 'invalid' });
  const names = '<name><given value="a"/></name>'.repeat(20_000);
  assert.equal((parseXml(patient(names))['name'] as unknown[]).length, 20_000);
  assert.ok(performance.now() - before < 5000);
});

test('more decimals with a form of their own than JSON may hold are refused', () => {
  const component = '<component><valueQuantity><value value="1.0"/></valueQuantity></component>';
  const observation = `<Observation ${ns}>${component.repeat(200_001)}`;
  assert.throws(() => parseXml(`${observation}</Observation>`), { kind: 'tooLarge' });
});
