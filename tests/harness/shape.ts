import type { Answer } from './instance.ts';

/** An answer without what differs from request to request. */
export function shape({ status, headers, text }: Answer): object {
  const { date: _date, 'x-request-id': _id, 'keep-alive': _keep, 'content-length': length, ...rest } = headers;
  const plain = (value: string): string =>
    value
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
      .replaceAll(/\bsg[a-z]_[\w-]{43}/g, '<secret>')
      .replaceAll(/_page=[\w-]+/g, '_page=<page>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
  const { etag, 'last-modified': modified, ...others } = rest;
  const named = { ...others, etag, modified: modified === undefined ? undefined : '<time>' };
  return { status, length, text: plain(text), headers: JSON.parse(plain(JSON.stringify(named))) };
}
