import { openAdmin } from '../admin/request.ts';
import { type Command, shared, UsageError } from '../command.ts';
import { scopesOf, tenantOf } from './client.ts';

/** A token from the admin socket. `base` is the FHIR base, `ca` the authority to trust for it. */
export interface Token {
  readonly access_token: string;
  readonly base: string;
  readonly ca: string | null;
  /** The client that was made for it: revoke it to end the token. */
  readonly client_id: string;
}

export const token: Command = {
  name: 'token',
  summary: 'prints a short-lived access token for trying things out',
  usage: '--scopes "SCOPES" [options]',
  positionals: { least: 0, most: 0 },
  text: 'For whoever may use the admin socket: the user who runs the instance. Programs use their own client.',
  options: {
    scopes: shared.scopes,
    view: shared.view,
    tenant: shared.tenant,
    data: shared.data,
    json: shared.json,
  },
  examples: ['TOKEN=$(safeguard token --scopes "system/*.rs")'],
  async run(input, terminal) {
    const scopes = scopesOf(input.text('scopes') ?? '');
    if (scopes.length === 0) throw new UsageError('--scopes is needed: what may be done with it?', token);
    const view = input.text('view');
    const body = { ...tenantOf(input), scopes, ...(view === undefined ? {} : { view }) };
    const made = await openAdmin(input.text('data')).ask<Token>('POST', '/tokens', body);
    terminal.out(`${input.flag('json') ? JSON.stringify(made) : made.access_token}\n`);
    return 0;
  },
};
