import type { RequestContext } from '@safeguard/http';
import type { ClientCredentials } from '../types.ts';
import { type Form, oauthFault } from './form.ts';

/** Stands for credentials that are absent or unreadable: verified like any others, and refused like any others. */
const none: ClientCredentials = { client_id: '', client_secret: '' };
const longestHeader = 1024;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return '';
    throw error;
  }
}

/** HTTP Basic with both parts form-encoded first (RFC 6749 2.3.1). */
function basic(authorization: string): ClientCredentials {
  const encoded = authorization.length > longestHeader ? undefined : /^basic +(\S+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return none;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) return none;
  return { client_id: decoded(pair.slice(0, colon)), client_secret: decoded(pair.slice(colon + 1)) };
}

/**
 * The client's credentials: client_secret_basic or client_secret_post. Both at once, or credentials in the URL, are
 * refused (RFC 6749 2.3): Fault `invalid`, OAuth code `invalid_request`.
 */
export function readCredentials({ headers, query }: Pick<RequestContext, 'headers' | 'query'>, form: Form) {
  if (query.has('client_secret') || query.has('client_id')) {
    throw oauthFault('invalid_request', 'Client credentials must not stand in the URL.');
  }
  const { authorization } = headers;
  const [client_id, client_secret] = [form.get('client_id'), form.get('client_secret')];
  if (authorization === undefined) return { client_id: client_id ?? '', client_secret: client_secret ?? '' };
  if (client_secret !== undefined) {
    throw oauthFault('invalid_request', 'The client must authenticate in one way: by header or in the body.');
  }
  const given = typeof authorization === 'string' ? basic(authorization) : none;
  if (client_id !== undefined && client_id !== given.client_id) {
    throw oauthFault('invalid_request', 'The client_id of the body is not that of the header.');
  }
  return given;
}
