import { allPages, asJson, common, nameOf, queryOf, type Who } from '../access/told.ts';
import { openAdmin } from '../admin/request.ts';
import type { Command } from '../command.ts';
import { table } from '../table.ts';
import { tenantOf } from './client.ts';

interface Hold {
  readonly id: string;
  readonly cause: string;
  readonly account: Who;
  /** Without a login: a program, `operator` or `unknown`. */
  readonly by: Who;
  readonly made_at: string;
  readonly released_at: string | null;
}

export const accessHolds: Command = {
  name: 'access holds',
  summary: 'lists accounts whose rights are on hold, because somebody opened a way into them',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'A recovery link, another login, a linked identity: what the account holds opens nothing until it is released.',
  options: { all: { type: 'boolean', text: 'those that were released too' }, ...common },
  examples: ['safeguard access holds', 'safeguard access holds --tenant north --all --json'],
  async run(input, terminal) {
    const admin = openAdmin(input.text('data'));
    const asked = { ...tenantOf(input), ...(input.flag('all') ? { all: 'true' } : {}) };
    const all = await allPages(async (after) => {
      const path = `/access/holds${queryOf({ ...asked, after })}`;
      return (await admin.ask<{ holds: Hold[] }>('GET', path)).holds;
    });
    const rows = all.map((one) => [
      ...[one.id, nameOf(one.account), one.cause, nameOf(one.by), one.made_at, one.released_at ?? 'stands'],
    ]);
    const head = ['id', 'account', 'cause', 'by', 'since', 'released'];
    terminal.out(input.flag('json') ? asJson(all) : table([head, ...rows]));
    return 0;
  },
};

export const accessRelease: Command = {
  name: 'access release',
  summary: 'releases a hold, as long as the tenant has nobody else who may',
  usage: 'HOLD --reason TEXT [options]',
  positionals: { least: 1, most: 1 },
  text:
    'At the machine a hold is released only where no officer of the tenant may: all are on hold, or opened the way\n' +
    'themselves. Identify the person first, and let them use their link before.',
  options: {
    reason: { type: 'string', value: 'TEXT', text: 'needed: how the person was identified; 10 characters or more' },
    ...common,
  },
  examples: [
    'safeguard access release 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de --reason "The only administrator, in person"',
  ],
  async run(input, terminal) {
    const reason = input.text('reason');
    const path = `/access/holds/${encodeURIComponent(input.positionals[0] ?? '')}/release`;
    const body = { ...tenantOf(input), ...(reason === undefined ? {} : { reason }) };
    const released = await openAdmin(input.text('data')).ask<Hold>('POST', path, body);
    terminal.out(input.flag('json') ? asJson(released) : 'released\n');
    return 0;
  },
};
