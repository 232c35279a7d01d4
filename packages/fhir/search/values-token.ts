import type { JsonObject } from '@safeguard/kernel';
import { codeList } from '../definitions.ts';
import { isRawNumber, numberText } from '../numbers.ts';
import { isObject } from '../object.ts';
import type { SearchValue, TokenValue } from './types.ts';

/** Adds what an element's value (a JSON value of the element's type) means to a kind of parameter. */
export type Convert = (value: unknown, out: SearchValue[], resource: JsonObject) => void;

export const textAt = (object: JsonObject, name: string): string | undefined => {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

type Writable<T> = { -readonly [key in keyof T]: T[key] };

function pushToken(out: SearchValue[], system?: string, code?: string, texts?: readonly string[]): void {
  if (system === undefined && code === undefined && texts === undefined) return;
  const value: Writable<TokenValue> = { kind: 'token' };
  if (system !== undefined) value.system = system;
  if (code !== undefined) value.code = code;
  if (texts !== undefined) value.texts = texts;
  out.push(value);
}

const textsOf = (one: string | undefined, other: string | undefined): readonly string[] | undefined => {
  if (one === undefined) return other === undefined ? undefined : [other];
  return other === undefined || other === one ? [one] : [one, other];
};

function coding(value: unknown, out: SearchValue[], text?: string): void {
  if (!isObject(value)) return;
  pushToken(out, textAt(value, 'system'), textAt(value, 'code'), textsOf(textAt(value, 'display'), text));
}

function concept(value: unknown, out: SearchValue[]): void {
  if (!isObject(value)) return;
  const text = textAt(value, 'text');
  const { coding: codings } = value;
  const before = out.length;
  if (Array.isArray(codings)) for (const one of codings) coding(one, out, text);
  if (out.length === before && text !== undefined) pushToken(out, undefined, undefined, [text]);
}

function typesOf(type: JsonObject): TokenValue['types'] {
  const found: SearchValue[] = [];
  concept({ coding: type['coding'] }, found);
  return found.flatMap((one) => {
    if (one.kind !== 'token' || (one.system === undefined && one.code === undefined)) return [];
    const { system, code } = one;
    return [{ ...(system === undefined ? {} : { system }), ...(code === undefined ? {} : { code }) }];
  });
}

function identifier(value: unknown, out: SearchValue[]): void {
  if (!isObject(value)) return;
  const { type } = value;
  const system = textAt(value, 'system');
  const code = textAt(value, 'value');
  if (!isObject(type)) {
    pushToken(out, system, code);
    return;
  }
  const text = textAt(type, 'text');
  const types = typesOf(type) ?? [];
  const token = {
    ...(system === undefined ? {} : { system }),
    ...(code === undefined ? {} : { code }),
    ...(text === undefined ? {} : { texts: [text] }),
    ...(types.length === 0 ? {} : { types }),
  };
  if (Object.keys(token).length > 0) out.push({ kind: 'token', ...token });
}

/** R4 names no system for a telephone number or an e-mail address: its value is the code. */
function contactPoint(value: unknown, out: SearchValue[]): void {
  if (isObject(value)) pushToken(out, undefined, textAt(value, 'value'));
}

function money(value: unknown, out: SearchValue[]): void {
  if (isObject(value)) pushToken(out, 'urn:iso:std:iso:4217', textAt(value, 'currency'));
}

function quantity(value: unknown, out: SearchValue[]): void {
  if (isObject(value)) pushToken(out, textAt(value, 'system'), textAt(value, 'code') ?? textAt(value, 'unit'));
}

function plain(value: unknown, out: SearchValue[]): void {
  if (typeof value === 'string') {
    if (value !== '') pushToken(out, undefined, value);
  } else if (typeof value === 'boolean' || typeof value === 'number' || isRawNumber(value)) {
    pushToken(out, undefined, typeof value === 'boolean' ? String(value) : numberText(value));
  }
}

/** A `code`'s system is the one of its required binding that has the code (R4 3.1.1.4.10). */
function bound(binding: string): Convert {
  const systems = new Map<string, string>();
  for (const [system, codes] of Object.entries(codeList(binding) ?? {})) {
    for (const code of codes) if (!systems.has(code)) systems.set(code, system);
  }
  return (value, out) => {
    if (typeof value === 'string' && value !== '') pushToken(out, systems.get(value), value);
  };
}

const byType: Readonly<Record<string, Convert>> = {
  CodeableConcept: concept,
  Coding: (value, out) => coding(value, out),
  Identifier: identifier,
  ContactPoint: contactPoint,
  Money: money,
  Quantity: quantity,
};

export function tokenConvert(type: string, binding: string | undefined): Convert {
  if (type === 'Coding') return (value, out) => coding(value, out);
  return byType[type] ?? (type === 'code' && binding !== undefined ? bound(binding) : plain);
}
