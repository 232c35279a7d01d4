import { openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared, UsageError } from '../command.ts';
import { table } from '../table.ts';
import { scopesOf, tenantOf } from './client.ts';

interface Application {
  readonly id: string;
  readonly name: string;
  readonly publisher: string;
  readonly state: string;
  readonly version: number;
  readonly scopes: readonly string[];
}

const queryOf = (input: Input): string => {
  const { tenant } = tenantOf(input);
  return tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
};

const common = { tenant: shared.tenant, data: shared.data, json: shared.json };

const pathOf = (input: Input): string => `/applications/${encodeURIComponent(input.positionals[0] ?? '')}`;

export const applicationList: Command = {
  name: 'application list',
  summary: 'lists the applications that were registered, with what waits for a review',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: common,
  examples: ['safeguard application list', 'safeguard application list --tenant north --json'],
  async run(input, terminal) {
    const path = `/applications${queryOf(input)}`;
    const { applications } = await openAdmin(input.text('data')).ask<{ applications: Application[] }>('GET', path);
    if (input.flag('json')) terminal.out(`${JSON.stringify({ applications })}\n`);
    else terminal.out(table(applications.map(({ id, state, version, name }) => [id, state, `v${version}`, name])));
    return 0;
  },
};

export const applicationShow: Command = {
  name: 'application show',
  summary: 'shows all that an application asks for and says of itself',
  usage: 'ID [options]',
  positionals: { least: 1, most: 1 },
  options: common,
  examples: ['safeguard application show 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de'],
  async run(input, terminal) {
    const found = await openAdmin(input.text('data')).ask<object>('GET', `${pathOf(input)}${queryOf(input)}`);
    terminal.out(`${JSON.stringify(found, undefined, 2)}\n`);
    return 0;
  },
};

async function decide(input: Input, verb: 'approve' | 'reject', more: object): Promise<Application> {
  const body = { ...tenantOf(input), version: input.whole('version', 0), ...more };
  return openAdmin(input.text('data')).ask<Application>('POST', `${pathOf(input)}/${verb}`, body);
}

const version = {
  type: 'string',
  value: 'N',
  text: 'the version that was shown: what changed since is not decided',
  between: [1, 1_000_000],
} as const;

export const applicationApprove: Command = {
  name: 'application approve',
  summary: 'lets an application in, as the operator of this machine',
  usage: 'ID --version N [options]',
  positionals: { least: 1, most: 1 },
  text: 'For a tenant whose one administrator asked for it: nobody approves their own. It stands in the ledger.',
  options: {
    version,
    scopes: { ...shared.scopes, text: 'fewer than it asks for; default: all that it asks for' },
    ...common,
  },
  examples: ['safeguard application approve 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de --version 1'],
  async run(input, terminal) {
    if (input.text('version') === undefined)
      throw new UsageError('--version is needed: which one did you look at?', applicationApprove);
    const scopes = input.text('scopes');
    const decided = await decide(input, 'approve', scopes === undefined ? {} : { scopes: scopesOf(scopes) });
    terminal.out(input.flag('json') ? `${JSON.stringify(decided)}\n` : `approved ${decided.id}\n`);
    return 0;
  },
};

export const applicationReject: Command = {
  name: 'application reject',
  summary: 'refuses what an application asks for; what was approved before works on',
  usage: 'ID --version N --reason TEXT [options]',
  positionals: { least: 1, most: 1 },
  options: { version, reason: { type: 'string', value: 'TEXT', text: 'told to who asked' }, ...common },
  examples: ['safeguard application reject 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de --version 2 --reason "too wide"'],
  async run(input, terminal) {
    const reason = input.text('reason');
    if (reason === undefined || input.text('version') === undefined)
      throw new UsageError('--version and --reason are needed.', applicationReject);
    const decided = await decide(input, 'reject', { reason });
    terminal.out(input.flag('json') ? `${JSON.stringify(decided)}\n` : `rejected ${decided.id}\n`);
    return 0;
  },
};
