import type { IncomingMessage } from 'node:http';
import type { RequestContext } from '@safeguard/http';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Account } from '../accounts/types.ts';
import type { Exchanged } from './adapter/tokens.ts';

/** What we keep of one request while oidc-provider works on it. */
export interface Asked {
  readonly context: RequestContext;
  /** Its own context, once a route of it was found. */
  koa?: KoaContextWithOIDC;
  /** What was thrown inside and is no error of OAuth: told by `http`, not by the library. */
  failure?: unknown;
  /** An OAuth error that is for a person, not for the app. */
  page?: { readonly error: string };
  /** An OAuth error by name. */
  error?: string;
  /** Something that works once came again. */
  replayed?: 'AuthorizationCode' | 'RefreshToken';
  /** The secret that proved the client. */
  secret_id?: string;
  /** The key that a client's assertion names: it proved the client where the request ended without an error. */
  kid?: string;
  account?: Account;
  /** What a token that is made by exchange takes over from the one that was given for it. */
  given?: Exchanged;
  /** A token that came by exchange stands on another client's grant. */
  exchanged?: { readonly grant_id: string; readonly client_id: string };
}

const all = new WeakMap<IncomingMessage, Asked>();

export const remember = (request: IncomingMessage, asked: Asked): void => void all.set(request, asked);

export const askedOf = (koa: Pick<KoaContextWithOIDC, 'req'> | undefined): Asked | undefined =>
  koa === undefined ? undefined : all.get(koa.req as IncomingMessage);

/** Of the request under way; undefined outside of one. */
export const asking = (): Asked | undefined => askedOf(Provider.ctx);
