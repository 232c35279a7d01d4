import type { ConnectionOptions } from 'node:tls';

/** Where a PostgreSQL listens: a host name, an address, or the absolute directory of a Unix socket. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** False on a Unix socket or loopback; otherwise TLS whose certificate and host name are verified. */
  readonly ssl: false | ConnectionOptions;
}

/** An endpoint with the login and the database to open on it. */
export interface Login extends Endpoint {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Takes a line for the operator's log. `fields` hold ids, counts, paths, fixed words: never a value of a row. */
export type Log = (message: string, fields: Readonly<Record<string, unknown>>) => void;
