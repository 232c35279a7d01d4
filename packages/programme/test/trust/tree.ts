/** An element of a page, as a browser would have it of our markup, which closes what it opens. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

const empty = new Set(['meta', 'link', 'input', 'img', 'br', 'hr', 'rect', 'path']);
const piece = /<!doctype[^>]*>|<(\/?)([a-z0-9]+)((?:\s+[a-zA-Z:-]+(?:="[^"]*")?)*)\s*\/?>|([^<]+)/gy;

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
const plain = (text: string): string => text.replace(/&([a-z]+|#\d+);/g, (_all, name: string) => entities[name] ?? '?');

const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([a-zA-Z:-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [name, plain(value)]),
  );

/** Throws where the markup is not well-formed: an element that closes another than the open one, a stray `<`. */
export function parse(markup: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const open: Element[] = [root];
  let end = 0;
  for (const match of markup.matchAll(piece)) {
    end = match.index + match[0].length;
    const [, closing, name, more = '', text] = match;
    const top = open.at(-1) ?? root;
    if (text !== undefined) top.children.push(plain(text));
    else if (name === undefined) continue;
    else if (closing === '/') {
      if (!empty.has(name) && open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const element = { name, attributes: attributesOf(more), children: [] };
      top.children.push(element);
      if (!empty.has(name)) open.push(element);
    }
  }
  if (end !== markup.length || open.length !== 1) throw new Error(`not read: ${markup.slice(end, end + 80)}`);
  return root;
}

export const all = (of: Element): Element[] => [
  of,
  ...of.children.flatMap((child) => (typeof child === 'string' ? [] : all(child))),
];

export const textOf = (of: Element): string =>
  of.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');

/** Elements that bear an attribute, by its value. */
export const bearing = (root: Element, name: string): Map<string, Element> =>
  new Map(all(root).flatMap((one) => (one.attributes[name] === undefined ? [] : [[one.attributes[name], one]])));
