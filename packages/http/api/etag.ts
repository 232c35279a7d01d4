import { hash } from 'node:crypto';
import { fault } from '@safeguard/kernel';
import type { RequestContext } from '../types.ts';

/** A strong entity tag (RFC 9110 8.8.3) of a representation: 128 bits of its SHA-256. */
export const etagOf = (representation: unknown): string =>
  `"${hash('sha256', JSON.stringify(representation), 'base64url').slice(0, 22)}"`;

const tagsOf = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];
const opaque = (tag: string): string => tag.replace(/^W\//, '');

/** The header as one text; several of the same name are one list (RFC 9110 5.3). */
const header = ({ headers }: RequestContext, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

/**
 * RFC 9110 13.1.1: Fault `stale` unless the representation is one that the caller named. Tags that SCIM clients send
 * back as weak ones (RFC 7644 3.14) count as well: ours change with every byte.
 */
export function checkIfMatch(context: RequestContext, current: string): void {
  const wanted = header(context, 'if-match');
  if (wanted === undefined || wanted.trim() === '*') return;
  if (!tagsOf(wanted).some((tag) => opaque(tag) === opaque(current))) {
    throw fault('stale', 'It has been changed since it was read: read it again.');
  }
}

/** True when the caller has this representation already (RFC 9110 13.1.2). */
export const isKnown = (context: RequestContext, current: string): boolean =>
  tagsOf(header(context, 'if-none-match') ?? '').some((tag) => opaque(tag) === opaque(current));
