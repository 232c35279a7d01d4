/**
 * A reader of the little XML that SAML messages are made of. It refuses whatever two parsers could read differently, or
 * could blow up on, before any library parses: declarations (`<!DOCTYPE`, entities, CDATA, comments), processing
 * instructions, undefined entities, namespace tricks. What it reads has one meaning.
 */
export interface XmlElement {
  /** Namespace name; '' is none. */
  readonly space: string;
  readonly name: string;
  /** By local name for attributes without prefix, by `{namespace}name` for others. Declarations are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text between the children, joined. */
  readonly text: string;
}

/** Said when a text is not the XML that is read here. Never holds a piece of it. */
export class XmlRefused extends Error {}

const refuse = (why: string): never => {
  throw new XmlRefused(why);
};

export const xmlLimits = { length: 256 * 1024, depth: 32, elements: 4_000, attributes: 32 } as const;

const declaration = /^<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?(?: standalone="(?:yes|no)")?\s*\?>/;
// XML 1.0 2.2 Char, less what no identity provider writes.
const illegal = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const nameForm = /^(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)$/;
const opening = /<([A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const closing = /<\/([A-Za-z_][\w.:-]*)\s*>/y;
const attribute = /([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const named = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }));

function character(code: number): string {
  const text = code <= 0x10ffff ? String.fromCodePoint(code) : '\0';
  return illegal.test(text) ? refuse('a character that XML does not have') : text;
}

const unescaped = (text: string): string =>
  text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w{1,8}))?(;?)/g, (_all, hex, decimal, name, end) => {
    if (end !== ';') return refuse('an ampersand that stands alone');
    if (hex !== undefined) return character(Number.parseInt(hex, 16));
    if (decimal !== undefined) return character(Number.parseInt(decimal, 10));
    return named.get(name ?? '') ?? refuse('an entity');
  });

type Spaces = Readonly<Record<string, string>>;

const xmlSpace = 'http://www.w3.org/XML/1998/namespace';

interface Tag {
  readonly raw: string;
  readonly spaces: Spaces;
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

function readAttributes(source: string): [string, string][] {
  const pairs = [...source.matchAll(attribute)].map(([, name = '', double, single]): [string, string] => [
    name,
    unescaped(double ?? single ?? ''),
  ]);
  if (pairs.length > xmlLimits.attributes) refuse('too many attributes');
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) refuse('an attribute twice');
  return pairs;
}

function declared(pairs: readonly [string, string][], outer: Spaces): Spaces {
  const spaces: Record<string, string> = { __proto__: null as never, ...outer };
  for (const [name, value] of pairs) {
    if (name === 'xmlns') spaces[''] = value;
    if (!name.startsWith('xmlns:')) continue;
    const prefix = name.slice('xmlns:'.length);
    if (value === '' || prefix === 'xml' || prefix === 'xmlns' || value === xmlSpace) refuse('a reserved namespace');
    spaces[prefix] = value;
  }
  return spaces;
}

function resolved(name: string, spaces: Spaces, fallback: string): { space: string; name: string } {
  const [, prefix, local = ''] = nameForm.exec(name) ?? [];
  if (local === '') return refuse('a name that is none');
  if (prefix === undefined) return { space: fallback, name: local };
  if (prefix === 'xml') return { space: xmlSpace, name: local };
  return { space: spaces[prefix] ?? refuse('an undeclared prefix'), name: local };
}

const isDeclaration = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:');

function attributesOf({ pairs, spaces }: Tag): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (isDeclaration(name)) continue;
    const { space, name: local } = resolved(name, spaces, '');
    const key = space === '' ? local : `{${space}}${local}`;
    if (attributes.has(key)) refuse('an attribute twice');
    attributes.set(key, value);
  }
  return attributes;
}

interface Open extends Tag {
  readonly children: XmlElement[];
  text: string;
}

const closed = (open: Open): XmlElement => ({
  ...resolved(open.raw, open.spaces, open.spaces[''] ?? ''),
  attributes: attributesOf(open),
  children: open.children,
  text: open.text,
});

interface Reading {
  readonly source: string;
  readonly stack: Open[];
  at: number;
  count: number;
  root: XmlElement | undefined;
}

function end(reading: Reading, open: Open): void {
  const element = closed(open);
  const parent = reading.stack.at(-1);
  if (parent !== undefined) parent.children.push(element);
  else reading.root = element;
}

function readTag(reading: Reading): unknown {
  const { source, stack, at } = reading;
  closing.lastIndex = at;
  const close = closing.exec(source);
  if (close !== null) {
    const open = stack.pop();
    if (open === undefined || open.raw !== close[1]) return refuse('a tag that closes nothing');
    reading.at = closing.lastIndex;
    return end(reading, open);
  }
  opening.lastIndex = at;
  const match = opening.exec(source);
  if (match === null) return refuse('markup that is no element');
  if (stack.length === 0 && reading.root !== undefined) refuse('more than one root');
  reading.count += 1;
  if (reading.count > xmlLimits.elements) refuse('too many elements');
  if (stack.length >= xmlLimits.depth) refuse('too deep');
  const pairs = readAttributes(match[2] ?? '');
  const open: Open = {
    raw: match[1] ?? '',
    pairs,
    spaces: declared(pairs, stack.at(-1)?.spaces ?? {}),
    children: [],
    text: '',
  };
  reading.at = opening.lastIndex;
  if (match[3] === '/') end(reading, open);
  else stack.push(open);
}

function readText(reading: Reading, until: number): void {
  const raw = reading.source.slice(reading.at, until);
  reading.at = until;
  const open = reading.stack.at(-1);
  if (open === undefined && raw.trim() !== '') refuse('text outside');
  if (raw.includes(']]>')) refuse('the end of a section that never began');
  if (open !== undefined) open.text += unescaped(raw);
}

/**
 * The root of a document. Throws `XmlRefused` in fixed words. Line ends are normalised (XML 1.0 2.11). Linear in the
 * length; the bounds are `xmlLimits`.
 */
export function readXml(document: string): XmlElement {
  if (document.length > xmlLimits.length) refuse('too long');
  if (illegal.test(document)) refuse('a character that XML does not have');
  const source = document.replace(/\r\n?/g, '\n').replace(declaration, '');
  if (/<[!?]/.test(source)) refuse('a declaration, comment, section or instruction');
  const reading: Reading = { source, stack: [], at: 0, count: 0, root: undefined };
  while (reading.at < source.length) {
    const next = source.indexOf('<', reading.at);
    const until = next < 0 ? source.length : next;
    if (until > reading.at) readText(reading, until);
    else readTag(reading);
  }
  if (reading.stack.length > 0 || reading.root === undefined) return refuse('no whole document');
  return reading.root;
}

/** Every element of a tree, the root first. */
export function* elementsOf(root: XmlElement): Generator<XmlElement> {
  yield root;
  for (const child of root.children) yield* elementsOf(child);
}
