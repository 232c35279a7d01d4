import { fold, type JsonObject } from '@safeguard/kernel';
import { isRawNumber } from '../numbers.ts';
import { isObject } from '../object.ts';

const tags = /<[^<>]*>/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return entities[name] ?? whole;
  const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}

/** The text of an XHTML narrative: elements part words, entities are read. */
const plain = (xhtml: string): string => xhtml.replace(tags, ' ').replace(/&(#?\w{1,8});/g, entity);

function narrativeOf(resource: JsonObject): string {
  const { text } = resource;
  return isObject(text) && typeof text['div'] === 'string' ? plain(text['div']) : '';
}

/** Every text in a resource, its narrative in plain words, and contained resources; not the names of elements. */
function contentOf(value: unknown, key: string, out: string[]): void {
  if (typeof value === 'string') {
    if (key !== 'resourceType' && key !== 'data') out.push(key === 'div' ? plain(value) : value);
  } else if (Array.isArray(value)) {
    for (const one of value) contentOf(one, key, out);
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) contentOf(value[name], name, out);
  } else if (isRawNumber(value) || typeof value === 'number')
    out.push(String(isRawNumber(value) ? value.rawJSON : value));
}

/** A text's words as `_text` and `_content` compare them: folded, runs of letters and digits, in order. */
export const wordsOf = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** The distinct words of a resource that `_text` (narrative) or `_content` (everything) looks at. */
export function textOf(resource: JsonObject, over: 'narrative' | 'content'): readonly string[] {
  if (over === 'narrative') return [...new Set(wordsOf(narrativeOf(resource)))];
  const texts: string[] = [];
  contentOf(resource, '', texts);
  return [...new Set(texts.flatMap(wordsOf))];
}
