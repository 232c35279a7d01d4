import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { fault } from '@safeguard/kernel';
import type { Login } from './endpoint.ts';

const defaultPort = 5432;
const known = new Set(['sslmode', 'sslrootcert', 'host', 'port', 'application_name']);

/**
 * Reads a PostgreSQL URL: `postgresql://user:password@host:port/database?sslmode=…&sslrootcert=…`; a Unix socket's
 * directory goes into `?host=`.
 *
 * Across a network only `sslmode=verify-full` (the default there) is accepted: the certificate must be valid and name
 * the host. `sslmode=disable` is accepted on loopback and Unix sockets alone, where it is the default.
 * @param ca path of a PEM file of accepted authorities, when the URL names none in `sslrootcert`
 * @throws Fault `invalid`; its text never holds the URL, which has a password in it
 */
export function readUrl(text: string, ca?: string): Login {
  // As libpq has it, `user@/database?host=…` names no host before the path; the URL standard wants one.
  const whole = text.replace(/^([a-z]+:\/\/[^/]*@)\//, '$1localhost/');
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw fault('invalid', 'A database URL must look like postgresql://user:password@host:5432/database.');
  }
  const unknown = [...url.searchParams.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) throw fault('invalid', `The database URL has a parameter that is not known: ${unknown}.`);
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, '');
  if (host === '' || url.username === '') throw fault('invalid', 'A database URL must name a host and a user.');
  return {
    host,
    port: Number(url.searchParams.get('port') ?? (url.port || defaultPort)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    ssl: readTls(url, host, ca),
  };
}

function readTls(url: URL, host: string, ca: string | undefined): Login['ssl'] {
  const near = isNear(host);
  const mode = url.searchParams.get('sslmode') ?? (near ? 'disable' : 'verify-full');
  if (mode === 'disable' && near) return false;
  if (mode !== 'verify-full') {
    throw fault('invalid', 'Across a network the database needs sslmode=verify-full (the default); nothing weaker.');
  }
  const file = url.searchParams.get('sslrootcert') ?? ca;
  return { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(file === undefined ? {} : { ca: readCa(file) }) };
}

/** A Unix socket or loopback. A name is near only as `localhost`: what others resolve to may change. */
const isNear = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw fault('invalid', `The file of certificate authorities ${file} cannot be read.`, { cause });
  }
}
