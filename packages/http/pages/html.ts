/** Where the text of an `Html` stands: no JSON, no form and no row of a database can have made one. */
const text: unique symbol = Symbol('html');

/** Markup that is safe to send: made by `html` or `raw`, and by nothing else. */
export interface Html {
  readonly [text]: string;
}

/** What may stand in `${…}`: text is escaped, lists are joined, undefined, null and false are nothing. */
export type Value = Html | string | number | false | null | undefined | readonly Value[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

const escaped = (given: string): string => given.replace(/[&<>"'`]/g, (character) => entities[character] ?? '');

const isHtml = (value: Value): value is Html => typeof value === 'object' && value !== null && text in value;

function rendered(value: Value): string {
  if (value === undefined || value === null || value === false) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return isHtml(value) ? value[text] : value.map(rendered).join('');
}

/** Markup as it is written. Only for constants and for what a library of ours made out of them: it escapes nothing. */
export const raw = (markup: string): Html => ({ [text]: markup });

/**
 * A template of markup: every value that is not `Html` is escaped, for text and for attributes in double quotes alike.
 * (Not for script, style or addresses: pages have no inline script or style, and link to constants and paths of ours.)
 */
export const html = (markup: TemplateStringsArray, ...values: readonly Value[]): Html =>
  raw(markup.map((piece, index) => piece + rendered(values[index])).join(''));

/** The attributes that have a value, each after a space: `true` is a bare name, false and undefined are left out. */
export const attributes = (given: Readonly<Record<string, string | number | boolean | undefined>>): Html =>
  raw(
    Object.entries(given)
      .filter(([, value]) => value !== undefined && value !== false)
      .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escaped(String(value))}"`))
      .join(''),
  );

/** The text of the markup, to be sent. */
export const markup = (page: Html): string => page[text];
