import { fault, type JsonObject } from '@safeguard/kernel';
import { type ElementDefinition, isResourceType, type TypeDefinition, typeDefinition } from '../definitions.ts';
import { isXhtml } from '../narrative.ts';
import { numberText } from '../numbers.ts';
import { isObject, ownValue } from '../object.ts';
import { xmlEntities } from './entities.ts';
import { fhirNamespace } from './read.ts';

/** A resource that validation let pass has none of these; if one comes, the mistake is ours. */
const broken = (what: string): never => {
  throw fault('internal', 'The resource could not be written as XML.', { cause: new TypeError(what) });
};

/** What XML 1.0 cannot carry in any form (2.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are looked for
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const special = /[&<>"\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** An attribute's value: white space as numbers, or a reader would make spaces of it (3.3.3). */
function escaped(text: string): string {
  if (unwritable.test(text) || !text.isWellFormed()) {
    throw fault('unacceptable', 'The resource holds a character that XML cannot carry; it can be had as JSON.');
  }
  return text.replace(special, (character) => escapes[character] ?? '');
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return String(value);
  return numberText(value) ?? broken('a primitive is no text, number or boolean');
}

const attribute = (name: string, value: unknown): string =>
  value === undefined || value === null ? '' : ` ${name}="${valueText(value)}"`;

/** The XML of one primitive: its value and what stands beside it in `_name`. */
function primitive(name: string, value: unknown, aside: unknown): string {
  const beside: JsonObject = isObject(aside) ? aside : {};
  const head = `<${name}${attribute('id', ownValue(beside, 'id'))}${attribute('value', value)}`;
  const extensions = ownValue(beside, 'extension');
  if (!Array.isArray(extensions)) return `${head}/>`;
  return `${head}>${extensions.map((one) => complex('extension', 'Extension', one)).join('')}</${name}>`;
}

function primitives(name: string, value: unknown, aside: unknown): string {
  if (!Array.isArray(value) && !Array.isArray(aside)) return primitive(name, value, aside);
  const values = Array.isArray(value) ? value : [];
  const asides = Array.isArray(aside) ? aside : [];
  let text = '';
  for (let index = 0; index < Math.max(values.length, asides.length); index++) {
    text += primitive(name, values[index], asides[index]);
  }
  return text;
}

/** Only what the allow-list of narratives lets pass is written as it stands: it is well-formed too. */
function narrative(value: unknown): string {
  if (typeof value !== 'string' || !isXhtml(value)) return broken('a narrative is no XHTML');
  return xmlEntities(value.trim());
}

function complex(name: string, typeName: string, value: unknown): string {
  if (!isObject(value)) return broken('an element is no object');
  if (typeName === 'Resource') return `<${name}>${resource(value, '')}</${name}>`;
  const type = typeDefinition(typeName) ?? broken('an element has no type');
  const inside = type.name === 'Extension' ? ['id', 'url'] : ['id'];
  const head = `<${name}${inside.map((one) => attribute(one, ownValue(value, one))).join('')}`;
  const content = children(type, value, new Set(inside));
  return content === '' ? `${head}/>` : `${head}>${content}</${name}>`;
}

function element(key: string, definition: ElementDefinition, object: JsonObject): string {
  const typeName = definition.types[0] ?? '';
  const value = ownValue(object, key);
  if (typeName === 'xhtml') return narrative(value);
  if (typeDefinition(typeName)?.kind === 'primitive') return primitives(key, value, ownValue(object, `_${key}`));
  return Array.isArray(value)
    ? value.map((one) => complex(key, typeName, one)).join('')
    : complex(key, typeName, value);
}

/** What an object holds, in R4's order. `attributes` are written already. */
function children(type: TypeDefinition, object: JsonObject, attributes: ReadonlySet<string>): string {
  const names = new Set(Object.keys(object).map((key) => (key.startsWith('_') ? key.slice(1) : key)));
  let text = '';
  for (const [key, definition] of type.elements) {
    if (!names.delete(key) || attributes.has(key)) continue;
    text += element(key, definition, object);
  }
  if (type.kind === 'resource') names.delete('resourceType');
  return names.size === 0 ? text : broken('an element is not R4’s');
}

const none: ReadonlySet<string> = new Set();

function resource(value: JsonObject, declaration: string): string {
  const name = ownValue(value, 'resourceType');
  const type = typeof name === 'string' && isResourceType(name) ? typeDefinition(name) : undefined;
  if (type === undefined) return broken('a resource has no type of R4');
  return `<${type.name}${declaration}>${children(type, value, none)}</${type.name}>`;
}

/**
 * Writes a valid resource as FHIR's XML (R4 xml.html): elements in R4's order, numbers as they stood, the narrative as
 * it is but for white space around it and entities of HTML (written as numbers). One line, UTF-8, with an XML
 * declaration. Throws Fault `unacceptable` for a text with a character that XML 1.0 lacks (none in what `validate`
 * passes but U+FFFE and U+FFFF), and `internal` for what `validate` would refuse.
 */
export const writeXml = (value: JsonObject): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${resource(value, ` xmlns="${fhirNamespace}"`)}`;
