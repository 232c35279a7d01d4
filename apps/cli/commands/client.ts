import { openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared, UsageError } from '../command.ts';
import { table } from '../table.ts';

interface Made {
  readonly client_id: string;
  readonly client_secret: string;
  readonly token_url: string;
}

interface Client {
  readonly client_id: string;
  readonly name: string;
  readonly tenant: number;
  readonly scopes: readonly string[];
  readonly view: string;
  /** Milliseconds since the Unix epoch; null while it is valid. */
  readonly revoked_at: number | null;
}

/** Scopes as they are typed: with spaces or commas between. */
export const scopesOf = (text: string): string[] => text.split(/[\s,]+/).filter((scope) => scope !== '');

/** The tenant to send along, when one was named. */
export const tenantOf = (input: Input): { tenant?: string } => {
  const tenant = input.text('tenant');
  return tenant === undefined ? {} : { tenant };
};

export const clientCreate: Command = {
  name: 'client create',
  summary: 'makes a confidential client for backend services',
  usage: 'NAME --scopes "SCOPES" [options]',
  positionals: { least: 1, most: 1 },
  text: 'Prints client_id, client_secret and token_url. The secret is shown once and kept as a hash only.',
  options: {
    scopes: shared.scopes,
    view: shared.view,
    patient: { type: 'string', value: 'ID', text: "limits it to one patient's compartment: the id of a Patient" },
    may: { type: 'string', value: '"PERMISSIONS"', text: 'beside the scopes: purge, history-delete, reindex' },
    tenant: shared.tenant,
    data: shared.data,
    json: shared.json,
  },
  examples: [
    'safeguard client create importer --scopes "system/*.cruds"',
    'safeguard client create research --scopes "system/Observation.rs system/Condition.rs" --view deidentified --json',
    'safeguard client create portal --scopes "system/*.rs" --patient 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de',
  ],
  async run(input, terminal) {
    const scopes = scopesOf(input.text('scopes') ?? '');
    if (scopes.length === 0) throw new UsageError('--scopes is needed: what may the client do?', clientCreate);
    const [patient, may] = [input.text('patient'), input.text('may')];
    const body = {
      name: input.positionals[0],
      ...tenantOf(input),
      scopes,
      view: input.text('view') ?? 'full',
      ...(patient === undefined ? {} : { patient }),
      ...(may === undefined ? {} : { permissions: scopesOf(may) }),
    };
    const made = await openAdmin(input.text('data')).ask<Made>('POST', '/clients', body);
    const { client_id, client_secret, token_url } = made;
    if (input.flag('json')) terminal.out(`${JSON.stringify({ client_id, client_secret, token_url })}\n`);
    else terminal.out(table(Object.entries({ client_id, client_secret, token_url })));
    return 0;
  },
};

export const clientList: Command = {
  name: 'client list',
  summary: 'lists the clients, of one tenant or of all',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { tenant: shared.tenant, data: shared.data, json: shared.json },
  examples: ['safeguard client list', 'safeguard client list --tenant north --json'],
  async run(input, terminal) {
    const tenant = input.text('tenant');
    const query = tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
    const { clients } = await openAdmin(input.text('data')).ask<{ clients: Client[] }>('GET', `/clients${query}`);
    if (input.flag('json')) terminal.out(`${JSON.stringify(clients)}\n`);
    else {
      const rows = clients.map(({ client_id, tenant: owner, name, view, scopes, revoked_at }) => [
        client_id,
        String(owner),
        name,
        revoked_at === null ? view : 'revoked',
        scopes.join(' '),
      ]);
      terminal.out(table([['client_id', 'tenant', 'name', 'view', 'scopes'], ...rows]));
    }
    return 0;
  },
};

export const clientRevoke: Command = {
  name: 'client revoke',
  summary: 'revokes a client and its tokens, at once',
  usage: 'CLIENT_ID [options]',
  positionals: { least: 1, most: 1 },
  options: { data: shared.data },
  examples: ['safeguard client revoke 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de'],
  async run(input, terminal) {
    await openAdmin(input.text('data')).ask('DELETE', `/clients/${encodeURIComponent(input.positionals[0] ?? '')}`);
    terminal.out('revoked\n');
    return 0;
  },
};
