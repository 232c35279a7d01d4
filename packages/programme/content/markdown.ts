import type { Token } from 'markdown-it';
import MarkdownIt from 'markdown-it';

/** Something in Markdown that would be more than text, and its line (from 1). */
export interface Danger {
  readonly line: number;
  readonly text: string;
}

/** A heading, its level (1 to 6) and line (from 0). */
export interface Heading {
  readonly level: number;
  readonly line: number;
  readonly title: string;
}

// HTML is recognised here only to be refused, and links are not judged by the library, so that none escapes us.
const parser = new MarkdownIt({ html: true });
parser.validateLink = () => true;

const allowedLink = /^(https?:\/\/[^\s]+|#[A-Za-z0-9_-]+)$/;

/** Controls, what has no width and what turns the direction of text: also where an entity stands for it. */
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

const dangersOf = (token: Token): string[] => {
  const said = `${token.type === 'text' ? token.content : ''}${token.attrGet('title') ?? ''}`;
  if (hidden.test(said.replaceAll('\t', ''))) return ['a hidden character'];
  if (token.type === 'html_block' || token.type === 'html_inline') return ['raw HTML'];
  if (token.type === 'image') return ['an image: whoever reads would be known to its host'];
  if (token.type !== 'link_open' || allowedLink.test(String(token.attrGet('href') ?? ''))) return [];
  return ['a link that is neither http(s) nor of this page'];
};

/** Everything that a page must not show: raw HTML, images, links of other schemes than http and https. */
export function dangersIn(text: string): Danger[] {
  return parser.parse(text, {}).flatMap((block) => {
    let line = (block.map?.[0] ?? 0) + 1;
    const inline = (block.children ?? []).flatMap((token) => {
      const found = dangersOf(token).map((danger) => ({ line, text: danger }));
      if (token.type === 'softbreak' || token.type === 'hardbreak') line += 1;
      return found;
    });
    return [...dangersOf(block).map((danger) => ({ line: (block.map?.[0] ?? 0) + 1, text: danger })), ...inline];
  });
}

/** Headings that stand for themselves, not those in quotes and lists. */
export function headingsOf(text: string): Heading[] {
  const tokens = parser.parse(text, {});
  return tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open' || token.level !== 0) return [];
    const inline = tokens[index + 1];
    const title = (inline?.children ?? []).map(({ content }) => content).join('');
    return [{ level: Number(token.tag.slice(1)), line: token.map?.[0] ?? 0, title: title.trim() }];
  });
}

/** `Activity review` → `activity-review` */
export const slugOf = (title: string): string =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
