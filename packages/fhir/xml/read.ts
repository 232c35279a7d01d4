import { isUtf8 } from 'node:buffer';
import { type Fault, fault, type JsonObject } from '@safeguard/kernel';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { depth_limit, odd_limit } from '../scan.ts';
import { type Attribute, closeElement, closeResource, type Frame, openElement, openResource } from './build.ts';

export const fhirNamespace = 'http://hl7.org/fhir';
export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml';
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';
const schemaNamespace = 'http://www.w3.org/2001/XMLSchema-instance';

/** Where the reader stands. */
interface Reader {
  readonly parser: SaxesParser<{ xmlns: true; forceXMLVersion: true; defaultXMLVersion: '1.0' }>;
  readonly source: string;
  readonly open: Frame[];
  /** Of the narrative at hand: where its source begins, and how many of its elements are open. */
  div: { readonly start: number; depth: number } | undefined;
  odd: number;
  resource: JsonObject | undefined;
}

const malformed = (what: string, at = ''): Fault => fault('malformed', `The body is not valid XML: ${what}${at}.`);

const place = ({ parser }: Reader): string => ` at line ${parser.line}, column ${parser.columnIndex + 1}`;

const refuse = (reader: Reader, what: string): never => {
  throw malformed(what, place(reader));
};

/** Declarations of namespaces say nothing of their own, nor does the place of a schema. */
const isSilent = (uri: string, local: string): boolean =>
  uri === xmlnsNamespace || (uri === schemaNamespace && local === 'schemaLocation');

function attributesOf(reader: Reader, tag: SaxesTagNS): Attribute[] {
  const kept: Attribute[] = [];
  for (const { uri, local, value } of Object.values(tag.attributes)) {
    if (isSilent(uri, local)) continue;
    if (uri !== '') refuse(reader, 'expected attributes of no namespace');
    kept.push({ name: local, value });
  }
  return kept;
}

/**
 * The source of the narrative is kept as it stands, so all of it must be in the default namespace that its root sets.
 * Its start is looked for from behind the end of its tag: XML lets no attribute hold a `<`.
 */
function enterDiv(reader: Reader, tag: SaxesTagNS): void {
  const { div, parser, source } = reader;
  const own = Object.values(tag.attributes).every(({ uri }) => ['', xmlNamespace, xmlnsNamespace].includes(uri));
  if (tag.uri !== xhtmlNamespace || tag.prefix !== '' || !own) {
    refuse(reader, 'expected a narrative whose elements are XHTML, without prefixes');
  }
  if (div !== undefined) {
    div.depth += 1;
    return;
  }
  if (tag.ns[''] !== xhtmlNamespace) refuse(reader, 'expected a div that declares the XHTML namespace itself');
  reader.div = { start: source.lastIndexOf('<', parser.position - 1), depth: 1 };
}

function enter(reader: Reader, tag: SaxesTagNS): void {
  const { open } = reader;
  const parent = open.at(-1);
  if (reader.div !== undefined) {
    enterDiv(reader, tag);
    return;
  }
  if (tag.uri === xhtmlNamespace && tag.local === 'div' && parent !== undefined) {
    open.push(openElement(parent, 'div', []));
    enterDiv(reader, tag);
    return;
  }
  if (tag.uri !== fhirNamespace) refuse(reader, 'expected elements of the namespace of FHIR');
  const attributes = attributesOf(reader, tag);
  const made = parent ? openElement(parent, tag.local, attributes) : openResource(tag.local, 1, attributes);
  if (made.shape === 'div') refuse(reader, 'expected the narrative in the namespace of XHTML');
  open.push(made);
}

function leave(reader: Reader): void {
  const { div, open, parser, source } = reader;
  if (div !== undefined) {
    div.depth -= 1;
    if (div.depth > 0) return;
    const frame = open.at(-1);
    if (frame) frame.text = source.slice(div.start, parser.position);
    reader.div = undefined;
  }
  const closed = open.pop();
  const parent = open.at(-1);
  if (closed === undefined) return;
  if (parent === undefined) reader.resource = closeResource(closed);
  else closeElement(parent, closed, () => countOdd(reader));
}

function countOdd(reader: Reader): void {
  reader.odd += 1;
  if (reader.odd <= odd_limit) return;
  throw fault('tooLarge', `The body has more than ${odd_limit} numbers with a form of their own (such as 1.0 or -0).`);
}

/** Refuses at once whatever XML has beyond elements, attributes, text and comments. */
function guard(reader: Reader): void {
  const { parser } = reader;
  parser.on('error', () => refuse(reader, 'unexpected text, name, entity or end'));
  parser.on('doctype', () => refuse(reader, 'expected no DOCTYPE'));
  parser.on('processinginstruction', () => refuse(reader, 'expected no processing instruction'));
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0' || (encoding ?? 'utf-8').toLowerCase() !== 'utf-8')
      refuse(reader, 'expected XML 1.0 in UTF-8');
  });
  let depth = 0;
  parser.on('opentagstart', () => {
    depth += 1;
    if (depth > depth_limit) refuse(reader, `it is nested deeper than ${depth_limit} levels`);
  });
  parser.on('closetag', () => {
    depth -= 1;
    leave(reader);
  });
  parser.on('cdata', () => refuse(reader, 'expected no CDATA'));
}

/** XML 1.0 2.11: every end of a line is one LF. */
const unixLines = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

function textOf(input: string | Buffer): string {
  if (typeof input !== 'string' && !isUtf8(input)) throw malformed('it is not UTF-8');
  const text = typeof input === 'string' ? input : input.toString('utf8');
  if (!text.isWellFormed()) throw malformed('it holds half of a surrogate pair');
  return unixLines(text.startsWith('\ufeff') ? text.slice(1) : text);
}

/**
 * Reads a resource in FHIR's XML (R4 xml.html) into the shape of its JSON: lists, choices and types come from R4's
 * definitions; decimals keep their digits as raw numbers; comments outside the narrative are dropped, the narrative
 * keeps its source. The order of elements is not held to R4's. Strict XML 1.0 with namespaces, in UTF-8: no DOCTYPE, no
 * entities but the five, no processing instructions, no CDATA, at most 200 levels (of XML, and of the JSON that
 * comes of it). The result may still be wrong (missing elements, a text where a number belongs): validate it. Throws
 * Fault `malformed` with line and column, `invalid` for what R4 does not define, `tooLarge` as `parseJson`; none of
 * them repeats a piece of the text.
 */
export function parseXml(input: string | Buffer): JsonObject {
  const source = textOf(input);
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const reader: Reader = { parser, source, open: [], div: undefined, odd: 0, resource: undefined };
  guard(reader);
  parser.on('opentag', (tag) => enter(reader, tag));
  parser.on('text', (text) => {
    if (reader.div === undefined && /\S/.test(text)) refuse(reader, 'expected no text outside attributes');
  });
  parser.write(source).close();
  return reader.resource ?? refuse(reader, 'expected a resource');
}
