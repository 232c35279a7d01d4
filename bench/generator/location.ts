import { header } from './response.ts';

/** The id that the server gave to what was created: `…/Type/<id>` or `…/Type/<id>/_history/<version>` in `Location`. */
export function idOf(head: string): string {
  const id = /\/([^/]+)(?:\/_history\/[^/]+)?$/.exec(header(head, 'location') ?? '')?.[1];
  if (id === undefined) throw new Error('an answer to a create without Location');
  return id;
}
