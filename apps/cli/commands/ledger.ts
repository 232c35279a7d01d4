import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '@safeguard/kernel';
import {
  type DatabaseVerdict,
  type Query,
  sqlLogs,
  sqlSource,
  type VerifyOptions,
  verifyDatabase,
  verifyLog,
} from '@safeguard/verifier';
import { type Admin, isNotRunning, openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared } from '../command.ts';
import { type OfflineLedger, openOffline } from '../ledger/offline.ts';
import { reportOf, reportText } from '../ledger/report.ts';
import { type LedgerSource, publicKeyOf, readAnchors, withReader } from '../ledger/source.ts';
import { createProgress, grouped } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { Tenant } from './tenant.ts';

async function tenantNumber(admin: Admin, name: string): Promise<number> {
  const { tenants } = await admin.ask<{ tenants: Tenant[] }>('GET', '/tenants');
  const found = tenants.find((tenant) => tenant.name === name);
  if (found === undefined) throw fault('missing', 'there is no such tenant; "safeguard tenant list" shows them');
  return found.id;
}

/** The logs of one tenant alone. */
async function verifyTenant(query: Query, tenant: number, options: VerifyOptions): Promise<DatabaseVerdict> {
  const logs = [];
  for (const row of (await sqlLogs(query)).filter((one) => one.tenant === tenant)) {
    const anchors = (options.anchors ?? []).filter((note) => note.startsWith(`${row.origin}\n`));
    logs.push(await verifyLog(await sqlSource(query, row), { ...options, anchors }));
  }
  return { ok: logs.every(({ ok }) => ok), entries: logs.reduce((sum, { entries }) => sum + entries, 0), logs };
}

async function countEntries(query: Query): Promise<number> {
  const [row] = await query(
    'select sum(n) as n from (select max(index) + 1 as n from ledger.entries group by tenant, shard) as logs',
    [],
  );
  return Number(row?.n ?? 0);
}

/** Asks the running instance where the ledger is; without one, its PostgreSQL is started for this alone. */
async function openLedger(admin: Admin): Promise<OfflineLedger> {
  try {
    return { source: await admin.ask<LedgerSource>('GET', '/ledger/source'), close: async () => undefined };
  } catch (error) {
    if (!isNotRunning(error) || !existsSync(join(admin.data, 'instance.json'))) throw error;
    return openOffline(admin.data);
  }
}

async function verify(input: Input, terminal: Terminal): Promise<number> {
  const admin = openAdmin(input.text('data'));
  const name = input.text('tenant');
  const tenant = name === undefined ? undefined : await tenantNumber(admin, name);
  const { source, close } = await openLedger(admin);
  const progress = createProgress(terminal);
  try {
    // Before the log is read: an anchor written meanwhile may speak of entries that came after the snapshot.
    const anchors = await readAnchors(source.anchors);
    const verdict = await withReader(source, async (query) => {
      const total = await countEntries(query);
      const seen = new Map<string, number>();
      const options: VerifyOptions = {
        publicKeys: [publicKeyOf(source)],
        anchors,
        onProgress: ({ origin, entries }) => {
          seen.set(origin, entries);
          const done = [...seen.values()].reduce((sum, count) => sum + count, 0);
          progress.update({ done, total, text: `${grouped(done)} of ${grouped(total)} entries` });
        },
      };
      return tenant === undefined ? verifyDatabase(query, options) : verifyTenant(query, tenant, options);
    });
    progress.finish();
    terminal.out(input.flag('json') ? `${JSON.stringify(reportOf(verdict))}\n` : reportText(verdict));
    return verdict.ok ? 0 : 1;
  } finally {
    progress.finish();
    await close();
  }
}

export const ledgerVerify: Command = {
  name: 'ledger verify',
  summary: 're-verifies the whole log: every entry, checkpoint and stored hash',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text:
    'Reads the log past the server, over a login that can only read, with a verifier that shares no\n' +
    'code with the writer. Without a running instance, the embedded PostgreSQL is started for this alone.\n' +
    'Exit status 1 and the first bad position when the log is not what it was.',
  options: {
    tenant: { ...shared.tenant, text: 'the logs of this tenant alone, by name' },
    data: shared.data,
    json: shared.json,
  },
  examples: ['safeguard ledger verify', 'safeguard ledger verify --json'],
  run: verify,
};
