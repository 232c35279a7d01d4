/** Appends and re-verifies on a durable PostgreSQL of its own: `node packages/ledger/test/bench.ts [seconds]`. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { openStore } from '@safeguard/store';
import { verifyDatabase } from '@safeguard/verifier';
import { createLedger, ed25519Signer, type Ledger, migrations } from '../index.ts';

const seconds = Number(process.argv[2] ?? 4);
const home = mkdtempSync(join(tmpdir(), 'safeguard-bench-'));
const silent = () => undefined;
const log = { info: silent, warn: silent, error: console.error };

const event = () => ({
  id: randomUUID(),
  at: Date.now(),
  kind: 'request',
  tenant: 7,
  actor: randomUUID(),
  view: 'full',
  action: 'read',
  outcome: 'permit',
  status: 200,
  from: '10.20.30.40',
  targets: [{ type: 'Patient', id: randomUUID(), version: 1 }],
});

async function run(ledger: Ledger, concurrent: number) {
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  const cpu = process.cpuUsage();
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const begun = performance.now();
      await ledger.append(7, [event()]);
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, worker));
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  const per_s = Math.round(times.length / seconds);
  const cpu_ms = ((user + system) / 1000 / times.length).toFixed(3);
  console.log(`${concurrent} concurrent: ${per_s}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, node ${cpu_ms} CPU-ms`);
}

const store = await openStore({
  embedded: { data: join(home, 'data') },
  migrations: [...sealMigrations, ...migrations],
  log: silent,
});
const segments = {
  identity: store.segment('identity'),
  clinical: store.segment('clinical'),
  ledger: store.segment('ledger'),
};
const seal = createSeal({
  provider: await fileProvider({ directory: join(home, 'root') }),
  segments,
  clock: systemClock,
});
const signer = ed25519Signer('bench.example', generateKeyPairSync('ed25519').privateKey);
const ledger = await createLedger({
  segment: segments.ledger,
  vault: (tenant) => seal.vault('ledger', tenant),
  clock: systemClock,
  signer,
  anchors: join(home, 'anchors'),
  log,
});
console.log(`an event is ${JSON.stringify(event()).length} bytes of JSON`);
for (const concurrent of [64, 16, 64, 256]) await run(ledger, concurrent);
const [size] = await store.reader().query<{ bytes: number; entries: number }>(0, {
  name: 'bench.size',
  text: `select sum(pg_total_relation_size(c.oid))::int8 as bytes, (select count(*) from ledger.entries) as entries
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'ledger' and c.relkind = 'r'`,
});
const { bytes = 0, entries = 1 } = size ?? {};
console.log(`${entries} entries, ${(bytes / entries).toFixed(0)} bytes each with index, tiles and checkpoints`);
await ledger.close();
const begun = performance.now();
const cpu = process.cpuUsage();
const reader = store.reader();
const verdict = await verifyDatabase(
  (text, values) => reader.query(0, { name: `verify ${text.length} ${text.slice(0, 40)}`, text }, values),
  { publicKeys: [signer.publicKey] },
);
const { user, system } = process.cpuUsage(cpu);
const cpu_s = (user + system) / 1e6;
console.log(
  `verify: ok ${verdict.ok}, ${verdict.entries} entries in ${((performance.now() - begun) / 1000).toFixed(1)} s, ` +
    `${Math.round(verdict.entries / cpu_s)} per CPU-second of node, ` +
    `RSS ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
);
seal.close();
await store.close();
rmSync(home, { recursive: true, force: true });
