import { fault } from '@safeguard/kernel';

/** Where mail goes out, read from a URL. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`); else STARTTLS is required, unless the server is this machine. */
  readonly secure: boolean;
  readonly loopback: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
}

const loopbacks: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);
const wrong = (text: string) => fault('invalid', `The address of the mail server is refused: ${text}.`);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw fault('invalid', 'The address of the mail server is refused: its user or password is not URL-encoded.', {
      cause,
    });
  }
}

function portOf({ port }: URL, secure: boolean): number {
  return port === '' ? (secure ? 465 : 587) : Number(port);
}

/**
 * `smtps://user:password@mail.example:465`, `smtp://mail.example:587`. A query is refused: nodemailer would take
 * options from it that switch its checks off.
 * @throws Fault `invalid`, which quotes nothing of the URL
 */
export function readUrl(text: string): SmtpSettings {
  if (!URL.canParse(text)) throw wrong('it is no URL');
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  if (!secure && url.protocol !== 'smtp:') throw wrong('it begins with smtp:// or smtps://');
  if (url.search !== '' || url.hash !== '') throw wrong('it has no query and no fragment');
  if (url.hostname === '') throw wrong('it names a host');
  if (url.pathname !== '' && url.pathname !== '/') throw wrong('it has no path');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const [user, pass] = [decoded(url.username), decoded(url.password)];
  if ((user === '') !== (pass === '')) throw wrong('user and password go together');
  const common = { host, port: portOf(url, secure), secure, loopback: loopbacks.has(url.hostname) };
  return user === '' ? common : { ...common, auth: { user, pass } };
}
