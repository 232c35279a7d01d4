/** Figures of the README: `node --test packages/audit/bench.ts`. 100,000 entries, 1,000 of them of one patient. */
import { test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { ask, officer, tenant } from './test/callers.ts';
import { client, eventOf, openHouse, person } from './test/house.ts';

const [entries, own] = [100_000, 1_000];
const house = await openHouse();
const [doctor, app] = [person(), client()];
house.people.persons.push(doctor);
house.people.clients.push(app);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function timed<T>(what: string, work: () => Promise<T>, per?: number): Promise<T> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const made = await work();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const rate = per === undefined ? '' : `, ${Math.round(per / (ms / 1000))}/s`;
  say(`${what}: ${ms.toFixed(1)} ms (node ${((user + system) / 1000).toFixed(1)} ms)${rate}`);
  return made;
}

const bytes = async (): Promise<number> => {
  const [row] = await house.store.sql(
    'ledger',
    `select sum(pg_total_relation_size(oid))::int as bytes from pg_class
     where relkind = 'r' and relnamespace = 'audit'::regnamespace`,
  );
  return Number(row?.bytes);
};

test('figures', async () => {
  const patient = newId();
  const others = Array.from({ length: 500 }, newId);
  const start = Date.now() - entries * 1000;
  for (let at = 0; at < entries; at += 500) {
    const some = Array.from({ length: 500 }, (_, n) => {
      const mine = (at + n) % (entries / own) === 0;
      return eventOf({
        at: start + (at + n) * 1000,
        actor: doctor.id,
        purpose: 'TREAT',
        patients: [mine ? patient : (others[(at + n) % others.length] ?? '')],
        targets: [
          { type: 'Observation', id: newId(), version: 1 },
          { type: 'Client', id: app.id },
        ],
      });
    });
    await house.ledger.append(tenant, some);
  }
  const audit = house.audit();
  await timed('index', () => audit.follow(tenant), entries);
  await house.store.sql('ledger', 'analyze');
  const sizes = await house.store.sql(
    'ledger',
    `select relname as name, pg_total_relation_size(oid)::int as bytes from pg_class
     where relkind = 'r' and relnamespace in ('audit'::regnamespace, 'ledger'::regnamespace)`,
  );
  for (const { name, bytes } of sizes) say(`${name}: ${(Number(bytes) / entries).toFixed(0)} bytes an entry`);
  for (let round = 0; round < 3; round += 1) {
    const accounting = await timed(`accounting of ${own}`, () => audit.accounting(tenant, patient, {}));
    if (accounting.rows.length !== own) throw new Error(`${accounting.rows.length} rows`);
    const routes = audit.routes();
    for (const query of [
      `patient=${patient}`,
      `agent=${doctor.id}`,
      '',
      'action=C',
      `patient=${patient}&action=R&agent=${app.id}`,
    ]) {
      await timed(`search ${query.replaceAll(/[0-9a-f-]{36}/g, '…')}`, () => ask(routes, officer(), { query }));
    }
    await timed('pdf', () => audit.pdf(accounting));
  }
  await timed(`search entity`, () => ask(audit.routes(), officer(), { query: `entity=Observation/${newId()}` }));
  const before = await bytes();
  const bundles = Array.from({ length: 200 }, () =>
    eventOf({
      action: 'transaction',
      patients: [newId()],
      targets: Array.from({ length: 200 }, () => ({ type: 'Observation', id: newId(), version: 1 })),
    }),
  );
  for (let at = 0; at < bundles.length; at += 20) await house.ledger.append(tenant, bundles.slice(at, at + 20));
  await timed('index of 200 bundles of 200', () => audit.follow(tenant), 40_000);
  say(`a resource in a bundle: ${(((await bytes()) - before) / 40_000).toFixed(0)} bytes`);
  await timed('index anew', () => audit.rebuild(tenant), entries);
});
