import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fault } from '@safeguard/kernel';
import type { Route } from '../types.ts';
import { raw } from './html.ts';

/** What a page loads beside itself. */
export interface Asset {
  /** `<stem>.<first 16 hex of its SHA-256>.<extension>`: another content is another address. */
  readonly name: string;
  readonly type: string;
  readonly body: Buffer;
}

const own = (name: string): Buffer => readFileSync(new URL(`./assets/${name}`, import.meta.url));

export function asset(stem: string, extension: string, type: string, body: Buffer): Asset {
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return { name: `${stem}.${digest}.${extension}`, type, body };
}

const style = asset('style', 'css', 'text/css; charset=utf-8', own('style.css'));

/** Where an asset is found: for `page`. */
export const addressOf = ({ name }: Asset): string => `/assets/${name}`;
export const stylesheet = addressOf(style);

/** Our own mark, where a tenant has no logo. */
export const logoMark = raw(
  '<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">' +
    '<path d="M16 2.5 27 6.6v8.6c0 6.6-4.4 11.7-11 14.3C9.4 26.900 5 21.800 5 15.200V6.600z"/>' +
    '<path class="tick" d="m10.800 15.900 3.700 3.700 6.900-7.400"/></svg>',
);

/**
 * Style and script. The name holds the hash of the content, so a browser may keep it for good; they are the same for
 * everybody and no event of record. `scripts`: what the packages add.
 */
export function assetRoute(scripts: readonly Asset[] = []): Route {
  const assets: ReadonlyMap<string, Asset> = new Map([style, ...scripts].map((each) => [each.name, each]));
  return {
    method: 'GET',
    path: '/assets/:name',
    action: 'page-asset',
    auth: 'none',
    errors: 'page',
    ledger: false,
    handle({ params }) {
      const found = assets.get(params['name'] ?? '');
      if (found === undefined) throw fault('missing', 'There is nothing at this address');
      const headers = { 'Cache-Control': 'public, max-age=31536000, immutable' };
      return { status: 200, type: found.type, headers, body: found.body };
    },
  };
}
