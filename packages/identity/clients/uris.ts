const longest = 500;
const most = 20;
const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

const isPrintable = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= longest && /^[\x21-\x7e]+$/.test(text) && !/[\\"<>^`{|}]/.test(text);

/** What `URL` reads is what was written: no second spelling of a host, a port, a path. */
function asWritten(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  return url.href === text || url.href === `${text}/` ? url : undefined;
}

const isPlain = ({ username, password, hash, hostname }: URL, text: string): boolean =>
  username === '' && password === '' && hash === '' && !/[#*]/.test(text) && !hostname.endsWith('.');

const isHttp = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname));

/**
 * An address that a browser may be sent back to (RFC 9700 2.1, 4.1.3; RFC 8252 7.3): absolute, https or http on this
 * very machine, without fragment, wildcard, user or another spelling of itself. It is compared letter by letter.
 */
export function isRedirectUri(text: unknown): text is string {
  if (!isPrintable(text)) return false;
  const url = asWritten(text);
  return url !== undefined && isPlain(url, text) && isHttp(url);
}

/** An address that this server asks, or that is shown to people as a link. */
export function isHttpsUri(text: unknown): text is string {
  if (!isPrintable(text)) return false;
  const url = asWritten(text);
  return url !== undefined && isPlain(url, text) && url.protocol === 'https:';
}

/** An app on the developer's own machine may be launched too. */
export const isLaunchUri = isRedirectUri;

export const areRedirectUris = (list: unknown): list is readonly string[] =>
  Array.isArray(list) && list.length <= most && new Set(list).size === list.length && list.every(isRedirectUri);
