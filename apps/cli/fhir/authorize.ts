import { readFileSync } from 'node:fs';
import { fault } from '@safeguard/kernel';
import { openAdmin } from '../admin/request.ts';
import { type Input, type OptionSpec, shared } from '../command.ts';
import { tenantOf } from '../commands/client.ts';
import type { Token } from '../commands/token.ts';
import { type Endpoint, openEndpoint } from './endpoint.ts';

/** An endpoint and the right to use it. */
export interface Session {
  readonly endpoint: Endpoint;
  readonly ca: string | null;
  /** The value of the Authorization header. `renew` asks for a new token, where one can be had. */
  authorization(renew?: boolean): Promise<string>;
  close(): Promise<void>;
}

/** Options of a command that talks FHIR, to the local instance or to a server elsewhere. */
export const sessionOptions: Readonly<Record<string, OptionSpec>> = {
  tenant: shared.tenant,
  data: shared.data,
  url: { type: 'string', value: 'URL', text: 'FHIR base of a server elsewhere (default: the local instance)' },
  token: { type: 'string', value: 'TOKEN', text: 'access token for --url' },
  'token-file': { type: 'string', value: 'FILE', text: 'the same from a file: not seen in the list of processes' },
  'client-id': { type: 'string', value: 'ID', text: 'client for --url (client credentials grant)' },
  'client-secret': { type: 'string', value: 'SECRET', text: 'its secret' },
  'client-secret-file': { type: 'string', value: 'FILE', text: 'the same from a file' },
  ca: { type: 'string', value: 'FILE', text: 'certificate authority to trust for --url (PEM)' },
};

const scopes = ['system/*.cruds'];

function secret(input: Input, name: string): string | undefined {
  const file = input.text(`${name}-file`);
  if (file === undefined) return input.text(name);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw fault('invalid', `--${name}-file cannot be read`, { cause });
  }
}

function json(body: Buffer, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw fault('unavailable', `${what} is not JSON`, { cause });
  }
  throw fault('unavailable', `${what} is not a JSON object`);
}

/** The client credentials grant (RFC 6749 4.4) at the token endpoint that the server's SMART configuration names. */
async function grant(endpoint: Endpoint, id: string, clientSecret: string): Promise<string> {
  const found = await endpoint.exchange('GET', `${endpoint.base}/.well-known/smart-configuration`);
  const { token_endpoint: tokenEndpoint } = json(found.body, 'the SMART configuration');
  if (typeof tokenEndpoint !== 'string') throw fault('unavailable', 'the SMART configuration names no token endpoint');
  const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(clientSecret)}`).toString('base64');
  const headers = { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' };
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope: scopes.join(' ') }).toString();
  const { status, body } = await endpoint.exchange('POST', tokenEndpoint, headers, form);
  const answer = json(body, 'the answer of the token endpoint');
  if (status === 200 && typeof answer.access_token === 'string') return answer.access_token;
  throw fault('unauthenticated', `the server gave no token (${String(answer.error ?? status)})`);
}

async function remote(input: Input, url: string, sockets: number): Promise<Session> {
  const ca = input.text('ca') ?? null;
  const endpoint = openEndpoint(url, { ca, sockets });
  const [token, id, clientSecret] = [secret(input, 'token'), input.text('client-id'), secret(input, 'client-secret')];
  let held = token;
  if (held === undefined && (id === undefined || clientSecret === undefined)) {
    throw fault('invalid', '--url needs --token, or --client-id and --client-secret');
  }
  return {
    endpoint,
    ca,
    async authorization(renew = false) {
      if (id !== undefined && clientSecret !== undefined && (renew || held === undefined)) {
        held = await grant(endpoint, id, clientSecret);
      }
      return `Bearer ${held}`;
    },
    close: async () => endpoint.close(),
  };
}

async function local(input: Input, sockets: number): Promise<Session> {
  const admin = openAdmin(input.text('data'));
  const clients: string[] = [];
  const issue = async (): Promise<Token> => {
    const token = await admin.ask<Token>('POST', '/tokens', { ...tenantOf(input), scopes });
    clients.push(token.client_id);
    return token;
  };
  let token = await issue();
  const endpoint = openEndpoint(token.base, { ca: token.ca, sockets });
  return {
    endpoint,
    ca: token.ca,
    async authorization(renew = false) {
      if (renew) token = await issue();
      return `Bearer ${token.access_token}`;
    },
    async close() {
      endpoint.close();
      // The token's client was made for this run alone.
      for (const id of clients) await admin.ask('DELETE', `/clients/${encodeURIComponent(id)}`);
    },
  };
}

/** Opens the server that the options name: the local instance through its admin socket, or one elsewhere. */
export function openSession(input: Input, sockets: number): Promise<Session> {
  const url = input.text('url');
  return url === undefined ? local(input, sockets) : remote(input, url, sockets);
}
