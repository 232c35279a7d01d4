import { openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared, UsageError } from '../command.ts';
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

/** `Patient=url Observation=url`, separated by spaces; `none` takes them all away. */
function profilesOf(text: string): Record<string, string[]> {
  const profiles: Record<string, string[]> = {};
  if (text.trim() === 'none') return profiles;
  for (const pair of text.split(/\s+/).filter((one) => one !== '')) {
    const [, type, url] = /^([A-Za-z]+)=(\S+)$/.exec(pair) ?? [];
    if (type === undefined || url === undefined) throw new UsageError('--profiles: expected Type=URL', tenantSet);
    profiles[type] = [...(profiles[type] ?? []), url];
  }
  return profiles;
}

function changesOf(input: Input): Record<string, unknown> {
  const create = input.text('update-as-create');
  const conditionalDelete = input.text('conditional-delete');
  const profiles = input.text('profiles');
  const test = input.text('test');
  return {
    ...(create === undefined ? {} : { updateAsCreate: create === 'on' }),
    ...(conditionalDelete === undefined ? {} : { conditionalDelete }),
    ...(profiles === undefined ? {} : { profiles: profilesOf(profiles) }),
    ...(test === undefined ? {} : { test: test === 'on' }),
  };
}

export const tenantSet: Command = {
  name: 'tenant set',
  summary: 'chooses for a tenant where FHIR leaves a choice, and prints what stands',
  usage: 'NAME [options]',
  positionals: { least: 1, most: 1 },
  options: {
    'update-as-create': { type: 'string', choices: ['on', 'off'], text: 'an update of an unknown id creates it' },
    'conditional-delete': { type: 'string', choices: ['single', 'multiple'], text: 'how many one may delete' },
    profiles: { type: 'string', value: '"TYPE=URL …"', text: 'profiles that resources must conform to, or none' },
    test: { type: 'string', choices: ['on', 'off'], text: 'no patient in it is real: developers may work with it' },
    data: shared.data,
  },
  examples: [
    'safeguard tenant set default --update-as-create on',
    'safeguard tenant set sandbox --test on',
    'safeguard tenant set north --profiles "Patient=http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"',
  ],
  async run(input, terminal) {
    const path = `/tenants/${encodeURIComponent(input.positionals[0] ?? '')}/settings`;
    const settings = await openAdmin(input.text('data')).ask<object>('POST', path, changesOf(input));
    terminal.out(`${JSON.stringify(settings, undefined, 2)}\n`);
    return 0;
  },
};
