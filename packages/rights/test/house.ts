import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { testStore } from '@safeguard/store';
import { createRights, migrations, type Rights, type TellRight } from '../index.ts';

/** Whoever works on requests. */
export const boss = newId();

const start = Date.parse('2026-11-22T12:00:00Z');

/** Patients' rights on a real PostgreSQL, with a clock that stands until it is moved. */
export async function startHouse({ copy = async () => '{"resourceType":"Patient"}\n' } = {}) {
  const store = await testStore([...sealMigrations, ...migrations]);
  const segment = store.segment('identity');
  const directory = await mkdtemp(join(tmpdir(), 'safeguard-rights-'));
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const time = { now: start };
  const clock = { now: () => time.now };
  const seal = createSeal({ provider: await fileProvider({ directory }), segments, clock });
  const told: Omit<Parameters<TellRight>[1], 'tenant'>[] = [];
  const vault = (tenant: number) => seal.vault('identity', tenant);
  const tell: TellRight = async (_connection, { tenant: _, ...rest }) => void told.push(rest);
  const officers = async () => [boss];
  const rights: Rights = createRights({ segment, vault, clock, tell, officers, copy });
  return {
    ...{ rights, told, time, segment, vault, clock, tell, officers, copy },
    asOwner: (text: string) => store.sql('identity', text),
    async close() {
      seal.close();
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

export const day_ms = 86_400_000;

const person = (more: Partial<Principal>): Principal => ({
  tenant: 1,
  kind: 'user',
  id: newId(),
  scopes: [],
  view: 'full',
  assurance: { level: 2, at: start, methods: [] },
  ...more,
});

/** Somebody who stands for one patient. */
export const patient = (tenant = 1): Principal & { within: readonly [string] } =>
  ({ ...person({ tenant, account: 'patient' }), within: [newId()] }) as never;

export const officer = (tenant = 1): Principal => person({ tenant, account: 'workforce' });
