import { nothing, stringItem } from '../items.ts';
import { unanswerable } from '../refuse.ts';
import { grown } from '../scope.ts';
import { type Functions, type PathFunction, plain, singleText } from './define.ts';

type Change = (text: string) => string;

const encodings: Readonly<Record<string, BufferEncoding>> = { hex: 'hex', base64: 'base64', urlbase64: 'base64url' };

/** `urlbase64` keeps its padding (the trial-use version's own example). */
const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const characters = new Map(Object.entries(entities).map(([character, entity]) => [entity, character]));

function fromJson(text: string): string {
  try {
    return String(JSON.parse(`"${text.replace(/(?<!\\)((?:\\\\)*)"/g, '$1\\"')}"`));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unanswerable('a text is not escaped as JSON');
  }
}

const escapes: Readonly<Record<string, Change>> = {
  html: (text) => text.replace(/[&<>"']/g, (character) => entities[character] ?? character),
  json: (text) => JSON.stringify(text).slice(1, -1),
};
const unescapes: Readonly<Record<string, Change>> = {
  html: (text) => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => characters.get(entity) ?? entity),
  json: fromJson,
};

const own = <T>(record: Readonly<Record<string, T>>, key: string): T => {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  if (value === undefined) throw unanswerable('it names a form of encoding that FHIRPath does not know');
  return value;
};

const change = (apply: (text: string, form: string) => string): PathFunction =>
  plain(1, 1, (input, [form], scope) => {
    const [text, name] = [singleText(input), singleText(form)];
    return text === undefined || name === undefined ? nothing : [stringItem(grown(scope, apply(text, name)))];
  });

/** Additional string functions of the trial-use version: `encode`, `decode`, `escape`, `unescape`. */
export const encoding: Functions = {
  encode: change((text, form) => {
    const made = Buffer.from(text, 'utf8').toString(own(encodings, form));
    return form === 'urlbase64' ? padded(made) : made;
  }),
  decode: change((text, form) => Buffer.from(text, own(encodings, form)).toString('utf8')),
  escape: change((text, form) => own(escapes, form)(text)),
  unescape: change((text, form) => own(unescapes, form)(text)),
};
