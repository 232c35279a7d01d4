import { openAdmin } from '../admin/request.ts';
import { type Command, shared } from '../command.ts';
import { table } from '../table.ts';

/** A tenant as the admin API names it. */
export interface Tenant {
  readonly id: number;
  readonly name: string;
}

export const tenantCreate: Command = {
  name: 'tenant create',
  summary: 'makes a tenant: its own data, keys, clients and log',
  usage: 'NAME [options]',
  positionals: { least: 1, most: 1 },
  options: { data: shared.data, json: shared.json },
  examples: ['safeguard tenant create north'],
  async run(input, terminal) {
    const made = await openAdmin(input.text('data')).ask<Tenant>('POST', '/tenants', { name: input.positionals[0] });
    terminal.out(
      input.flag('json')
        ? `${JSON.stringify(made)}\n`
        : table([
            ['id', 'name'],
            [String(made.id), made.name],
          ]),
    );
    return 0;
  },
};

export const tenantList: Command = {
  name: 'tenant list',
  summary: 'lists the tenants',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { data: shared.data, json: shared.json },
  examples: ['safeguard tenant list --json'],
  async run(input, terminal) {
    const { tenants } = await openAdmin(input.text('data')).ask<{ tenants: Tenant[] }>('GET', '/tenants');
    const rows = tenants.map(({ id, name }) => [String(id), name]);
    terminal.out(input.flag('json') ? `${JSON.stringify(tenants)}\n` : table([['id', 'name'], ...rows]));
    return 0;
  },
};
