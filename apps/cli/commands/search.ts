import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared } from '../command.ts';
import { createProgress, grouped } from '../progress.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { tenantOf } from './client.ts';

/** One run as the admin API tells it. `type` null: every type. */
interface Run {
  readonly type: string | null;
  readonly done: number;
  readonly percent: number;
  readonly started: string;
  readonly finished: string | null;
}

const look_ms = 500;

async function runsOf(admin: Admin, input: Input): Promise<readonly Run[]> {
  const tenant = input.text('tenant');
  const query = tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
  return (await admin.ask<{ runs: Run[] }>('GET', `/search/reindex${query}`)).runs;
}

const rowsOf = (runs: readonly Run[]): string =>
  table([
    ['type', 'resources', 'state', 'started'],
    ...runs.map(({ type, done, percent, started, finished }) => [
      type ?? 'all',
      grouped(done),
      finished === null ? `${percent} %` : 'finished',
      started,
    ]),
  ]);

/** Shows the run until it is over. It goes on by itself when this ends. */
async function follow(admin: Admin, input: Input, terminal: Terminal, since: number): Promise<readonly Run[]> {
  const type = input.text('type') ?? null;
  const progress = createProgress(terminal);
  try {
    for (;;) {
      const runs = await runsOf(admin, input);
      const run = runs.find((one) => one.type === type && Date.parse(one.started) >= since);
      if (run?.finished) return runs;
      progress.update({ done: run?.percent ?? 0, total: 100, text: `${grouped(run?.done ?? 0)} resources` });
      await sleep(look_ms);
    }
  } finally {
    progress.finish();
  }
}

const typeOption = { type: 'string', value: 'TYPE', text: 'one resource type (default: every type)' } as const;
const common = { tenant: shared.tenant, data: shared.data, json: shared.json } as const;

export const searchReindex: Command = {
  name: 'search reindex',
  summary: 'builds the search index of stored resources anew, while the server serves',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text:
    'Needed for nothing in daily use: what is written is indexed with it, and a new SearchParameter starts\n' +
    'this by itself. Goes on in the server when this command is ended, and after a restart.',
  options: { type: typeOption, wait: { type: 'boolean', text: 'wait until it is done' }, ...common },
  examples: ['safeguard search reindex --wait', 'safeguard search reindex --tenant north --type Patient'],
  async run(input, terminal) {
    const admin = openAdmin(input.text('data'));
    const type = input.text('type');
    const before = (await runsOf(admin, input)).find((one) => one.type === (type ?? null));
    const since = before === undefined ? 0 : Date.parse(before.started) + 1;
    await admin.ask('POST', '/search/reindex', {
      ...tenantOf(input),
      ...(type === undefined ? {} : { types: [type] }),
    });
    const runs = input.flag('wait') ? await follow(admin, input, terminal, since) : undefined;
    if (input.flag('json')) terminal.out(`${JSON.stringify(runs ?? { started: true })}\n`);
    else terminal.out(runs === undefined ? 'started; `safeguard search status` shows how far it is\n' : rowsOf(runs));
    return 0;
  },
};

export const searchStatus: Command = {
  name: 'search status',
  summary: 'shows how far the search index is built',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: common,
  examples: ['safeguard search status --tenant north'],
  async run(input, terminal) {
    const runs = await runsOf(openAdmin(input.text('data')), input);
    if (input.flag('json')) terminal.out(`${JSON.stringify(runs)}\n`);
    else
      terminal.out(runs.length === 0 ? 'never built anew: everything was indexed when it was written\n' : rowsOf(runs));
    return 0;
  },
};
