import { isIP } from 'node:net';
import type { z } from 'zod';
import type { schema } from './schema.ts';
import type { Findings } from './sources.ts';

export type Parsed = z.output<typeof schema>;

/** Names and addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));

/**
 * A value counts only where it is one: leaves that failed on their own are left out, so that every error is told at
 * once.
 */
type Known = { readonly [K in keyof Parsed]?: Parsed[K] extends object ? Partial<Parsed[K]> : Parsed[K] };

const below = (small: number | undefined, large: number | undefined): boolean =>
  small === undefined || large === undefined || small <= large;

function checkTransport(parsed: Known, { problems, warnings }: Findings): void {
  const { host, tls, tls_certificate_file, tls_key_file, public_url } = parsed;
  if (tls === 'off' && host !== undefined && !isLoopback(host))
    problems.push(
      'tls: off is accepted on a loopback host only (localhost, 127.0.0.1, ::1): PHI may not cross a network in clear',
    );
  if (tls === 'off' && host !== undefined && isLoopback(host))
    warnings.push('TLS is off: every process of this machine that may read loopback traffic can read PHI and tokens');
  if ((tls_certificate_file === undefined) !== (tls_key_file === undefined))
    problems.push('tls_certificate_file and tls_key_file: expected both or none');
  if (tls === 'off' && tls_certificate_file !== undefined)
    problems.push('tls_certificate_file: of no use while tls is off');
  if (public_url !== undefined) checkPublicUrl(public_url, { problems, warnings });
}

function checkPublicUrl(text: string, { problems }: Findings): void {
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '' || pathname !== '/')
    problems.push('public_url: expected a scheme, a host and a port, and nothing else');
  if (protocol !== 'https:' && !isLoopback(hostname))
    problems.push('public_url: expected https, unless its host is loopback');
}

/**
 * True where the wire does not leave the machine: a Unix socket or loopback, in the authority and in `?host=` alike.
 */
function isLocal({ hostname, searchParams }: URL): boolean {
  const hosts = [hostname, ...searchParams.getAll('host'), ...searchParams.getAll('hostaddr')].map(decodeURIComponent);
  return hosts.every((host) => host === '' || host.startsWith('/') || isLoopback(host));
}

/** Parameters of a connection that would switch off TLS or its verification (libpq 34.19, node-postgres). */
function weakens({ searchParams }: URL): boolean {
  const modes = searchParams.getAll('sslmode');
  return modes.some((mode) => mode !== 'verify-full') || searchParams.getAll('ssl').some((value) => value !== 'true');
}

/** The wire to an external PostgreSQL carries PHI: TLS, verified, unless it does not leave the machine. */
function checkDatabase({ database = {} }: Known, { problems }: Findings): void {
  for (const name of ['url', 'identity_url', 'clinical_url', 'ledger_url'] as const) {
    const text = database[name];
    if (text === undefined) continue;
    const url = new URL(text);
    if (weakens(url) && !isLocal(url))
      problems.push(`database.${name}: sslmode must be verify-full or absent: TLS to PostgreSQL is always verified`);
  }
  const { identity_url, clinical_url, ledger_url, url } = database;
  const given = [identity_url, clinical_url, ledger_url].filter((one) => one !== undefined).length;
  if (url === undefined && given > 0 && given < 3)
    problems.push('database: expected database.url, or all of identity_url, clinical_url and ledger_url');
}

function checkMail({ mail = {} }: Known, { problems }: Findings): void {
  const both = (mail.url === undefined) === (mail.from === undefined);
  if (!both) problems.push('mail.url and mail.from: expected both or none');
}

function checkReviews({ access = {} }: Known, { problems }: Findings): void {
  const { review_days = 2, review_answer_days = 1 } = access;
  if (review_answer_days >= review_days)
    problems.push('access.review_answer_days: expected less than access.review_days');
}

function checkSizes({ limits = {}, deadlines = {} }: Known, { problems }: Findings): void {
  if (!below(limits.body_bytes, limits.bundle_bytes))
    problems.push('limits.bundle_bytes: expected no less than limits.body_bytes');
  if (!below(limits.bundle_bytes, limits.inflight_bytes))
    problems.push('limits.inflight_bytes: expected no less than limits.bundle_bytes');
  if (!below(deadlines.request_ms, deadlines.bundle_ms))
    problems.push('deadlines.bundle_ms: expected no less than deadlines.request_ms');
}

const longToken_s = 12 * 3600;

/** Choices that are allowed and worth a loud word at every start. */
function warn({ keys, tokens, host, public_url, programme }: Known, { warnings }: Findings): void {
  if (keys?.passphrase === undefined)
    warnings.push('keys.passphrase is not set: whoever can read the keys directory can open every record');
  if (programme?.schedule === 'off')
    warnings.push('programme.schedule is off: nothing is checked by itself, and every control becomes unknown');
  if ((tokens?.lifetime_s ?? 0) > longToken_s) warnings.push('tokens.lifetime_s: tokens live longer than 12 hours');
  if (host !== undefined && !isLoopback(host) && public_url === undefined)
    warnings.push('public_url is not set: links in answers name the address that is listened on');
}

/** Node's own switches that would undo what the settings promise. */
export function checkNode(env: Readonly<Record<string, string | undefined>>, { problems }: Findings): void {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    problems.push('NODE_TLS_REJECT_UNAUTHORIZED: 0 is refused: it would switch off every verification of certificates');
  if ((env.NODE_DEBUG ?? '') !== '')
    problems.push('NODE_DEBUG: refused: Node would print headers and bodies, PHI among them');
}

/** What holds between settings. Every broken rule is added to `findings`. */
export function checkRules(parsed: Known, findings: Findings): void {
  checkTransport(parsed, findings);
  checkDatabase(parsed, findings);
  checkMail(parsed, findings);
  checkSizes(parsed, findings);
  checkReviews(parsed, findings);
  warn(parsed, findings);
}
