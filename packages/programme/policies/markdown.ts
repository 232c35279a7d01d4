import MarkdownIt, { type Token } from 'markdown-it';
import { slugOf } from '../content/markdown.ts';
import { render, type Shown } from '../content/render.ts';
import { partsOf } from './text.ts';
import type { PolicyVersion } from './types.ts';

/** Where a link may lead: the web, mail, or this page. */
const allowed = /^(?:https?:\/\/[^\s]|#|mailto:[^\s])/i;

/** Shows text: raw HTML is shown as the characters that it is, images and links of other schemes are none. */
export const parser = new MarkdownIt({ html: false, linkify: false, typographer: false });
parser.disable('image');
parser.validateLink = (url) => allowed.test(url.trim());

export interface Part {
  /** Id of the section; undefined above the first of them. */
  readonly section: string | undefined;
  readonly tokens: Token[];
}

type Rendered = Pick<PolicyVersion, 'content' | 'parameters' | 'units'>;

const shownOf = ({ parameters, units }: Rendered): ReadonlyMap<string, Shown> =>
  new Map(
    Object.entries(parameters).map(([name, value]) => {
      const unit = Object.hasOwn(units, name) ? units[name] : undefined;
      return [name, unit === undefined ? { value } : { value, unit }];
    }),
  );

/** Ids of headings: the section's own, and below it with the section's before them, each once. */
function nameHeadings(tokens: readonly Token[], section: string | undefined): void {
  const used = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open' || token.level !== 0) continue;
    const text = (tokens[index + 1]?.children ?? []).map(({ content }) => content).join('');
    const own = token.tag === 'h2' ? section : [section, slugOf(text)].filter(Boolean).join('-');
    if (token.tag === 'h1' || own === undefined || own === '') continue;
    let id = own;
    for (let n = 2; used.has(id); n += 1) id = `${own}-${n}`;
    used.add(id);
    token.attrSet('id', id);
  }
}

/**
 * The parts of a version, rendered one by one: what one section defines (a reference of a link, a block of code left
 * open) reaches into no other, so that nothing of a customer's own turns what is inherited into something else.
 */
export function tokensOf(version: Rendered): Part[] {
  const { introduction, sections } = partsOf(version.content.text);
  const shown = shownOf(version);
  const parts = [
    { section: undefined, text: introduction },
    ...sections.map(({ id, text }) => ({ section: id, text })),
  ];
  return parts.map(({ section, text }) => {
    const tokens = parser.parse(render(text, shown), {});
    nameHeadings(tokens, section);
    return { section, tokens };
  });
}

/** A fragment of HTML: headings from h1 on, sections by their ids; no markup of the author's, no script, no image. */
export const htmlOf = (version: Rendered): string =>
  tokensOf(version)
    .map(({ tokens }) => parser.renderer.render(tokens, parser.options, {}))
    .join('');
