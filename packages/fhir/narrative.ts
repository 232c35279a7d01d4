/**
 * Narrative.div: R4 narrative.html, invariants txt-1 and txt-2. An allow-list, read by a small strict XML reader that
 * refuses whatever a browser could read differently from it: CDATA, processing instructions, DOCTYPE, odd comments,
 * named entities inside addresses.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * txt-1: chapters 7–11 (but 9.4) and 15 of HTML 4.0, with those that R4's own XPath leaves out of the same chapters.
 */
const tags = words(`
  a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6
  hr i img kbd li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var`);

const attributes = words(`
  abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite
  class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev
  rowspan rules scope shape span src start style summary tabindex title type valign value vspace width xml:lang
  xml:space xmlns`);

const namespace = 'http://www.w3.org/1999/xhtml';
const size_limit = 1_048_576;
const depth_limit = 200;

const grammar = {
  comment: /<!--(?!>|->)((?:[^-]|-(?!-))*)-->/,
  closing: /<\/([A-Za-z][A-Za-z0-9]*)\s*>/,
  opening: /<([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/,
  text: /([^<]+)/,
};
const alternatives = (parts: readonly RegExp[]): string => parts.map((part) => part.source).join('|');
const token = new RegExp(alternatives(Object.values(grammar)), 'y');
const attribute = /([A-Za-z][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const entity = /^&(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});/;
const visible = /\S/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 section 2.2 allows none of these
const badCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Every & begins an entity. */
function entitiesFit(text: string): boolean {
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    if (!entity.test(text.slice(at, at + 34))) return false;
  }
  return true;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** An attribute's value with its entities resolved; undefined where one is not XML's own and could hide something. */
function decoded(text: string): string | undefined {
  let open = true;
  const plain = text.replace(/&(#x[0-9A-Fa-f]+|#[0-9]+|[A-Za-z0-9]+);/g, (_, name: string) => {
    if (name.startsWith('#')) {
      const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    }
    const character = Object.hasOwn(named, name) ? named[name] : undefined;
    if (character === undefined) open = false;
    return character ?? '';
  });
  return open ? plain : undefined;
}

const linkForm = /^(?:https?:\/\/|mailto:|tel:|urn:|#|[A-Za-z0-9._~-]+(?:[/?#]|$))\S*$/i;
/** A picture comes with the resource: from the network it would tell a stranger who is read about, and when. */
const pictures = [
  /#\S+/,
  /data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+/,
  /(?:Binary|Media|DocumentReference)\/\S+/,
  /[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*/,
];
const imageForm = new RegExp(`^(?:${alternatives(pictures)})$`);
/** Pictures in the text itself, or a plain file name: nothing that leads to another host. */
const ownPicture =
  /url\(\s*(?:data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+|[A-Za-z0-9_][A-Za-z0-9._-]*)\s*\)/g;
const styleRisk = /url\s*\(|expression|javascript|@import|behaviou?r|binding|\\|\/\*|</i;

/** Attributes whose value is an address or runs: the harmless ones. */
const risky: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['href', (value: string) => linkForm.test(value)],
  ['cite', (value: string) => linkForm.test(value)],
  ['longdesc', (value: string) => linkForm.test(value)],
  ['src', (value: string) => imageForm.test(value)],
  ['style', (value: string) => !styleRisk.test(value.replace(ownPicture, ''))],
  ['xmlns', (value: string) => value === namespace],
]);

function attributesFit(text: string, tag: string, root: boolean): boolean {
  const seen = new Set<string>();
  for (const [, name = '', double, single] of text.matchAll(attribute)) {
    const value = double ?? single ?? '';
    if (seen.has(name) || !attributes.has(name) || !entitiesFit(value)) return false;
    seen.add(name);
    if (name === 'src' && tag !== 'img') return false;
    const check = risky.get(name);
    if (!check) continue;
    const plain = decoded(value);
    if (plain === undefined || !check(plain.trim())) return false;
  }
  return !root || seen.has('xmlns');
}

/** How far the reader has come: the elements that are open, and whether text or a picture was seen. */
interface Progress {
  readonly open: string[];
  content: boolean;
}

/** Takes one element that opens: its place, its name, its attributes. */
function opens(tag: string, given: string, empty: boolean, progress: Progress): boolean {
  const { open } = progress;
  if (!tags.has(tag) || open.length >= depth_limit) return false;
  const root = open.length === 0;
  if ((root && tag !== 'div') || !attributesFit(given, tag, root)) return false;
  progress.content ||= tag === 'img';
  if (!empty) open.push(tag);
  return true;
}

function takesText(text: string, progress: Progress): boolean {
  progress.content ||= visible.test(text);
  return !text.includes(']]>') && entitiesFit(text);
}

/** Takes one token; false when it may not stand there. Only an element may stand outside the root. */
function takes(match: RegExpExecArray, progress: Progress): boolean {
  const [, , closing, opening, given = '', empty, text] = match;
  if (opening !== undefined) return opens(opening, given, empty !== '', progress);
  if (progress.open.length === 0) return false;
  if (closing !== undefined) return progress.open.pop() === closing;
  return text === undefined || takesText(text, progress);
}

const isHarmless = (text: string): boolean =>
  text.length <= size_limit && !badCharacter.test(text) && text.isWellFormed();

/** True for a well-formed, harmless, non-empty XHTML div. */
export function isXhtml(source: string): boolean {
  const text = source.trim();
  if (!isHarmless(text)) return false;
  const progress: Progress = { open: [], content: false };
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const before = token.lastIndex;
    const match = token.exec(text);
    if (!match || (before > 0 && progress.open.length === 0) || !takes(match, progress)) return false;
  }
  return progress.open.length === 0 && progress.content;
}
