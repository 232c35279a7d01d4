import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { isFault, newId, systemClock } from '@safeguard/kernel';
import { createLedger, ed25519Signer, type Ledger, migrations as ledgerMigrations } from '@safeguard/ledger';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Row, testStore } from '@safeguard/store';
import { createEvidence, type Evidence, type Evidences, migrations } from '../index.ts';

export const signerName = 'programme.example';

/** An evidence as the runner makes them. */
export const evidenceWith = (change: Partial<Evidence> = {}): Evidence => {
  const at = change.at ?? Date.now();
  return {
    ...{ kind: 'evidence', id: newId(), check: 'http.tls', at, from: at, until: at, result: 'met', examined: 3 },
    ...{ saw: 'Every listener speaks TLS.', query: 'Connects to each listener.', how: 'performed', why: 'asked' },
    ...{ took_ms: 5, code: { version: '1', digest: 'a', programme: 'b' } },
    ...change,
  };
};

/** A real PostgreSQL, a real seal, a real ledger; each further ledger is another server's, with a log of its own. */
export async function openHouse() {
  const store = await testStore([...sealMigrations, ...ledgerMigrations, ...migrations], { ledger: 24 });
  const home = mkdtempSync(join(tmpdir(), 'safeguard-programme-'));
  const segment = (name: 'identity' | 'clinical' | 'ledger') => store.segment(name);
  const segments = { identity: segment('identity'), clinical: segment('clinical'), ledger: segment('ledger') };
  const provider = await fileProvider({ directory: join(home, 'root') });
  const seal = createSeal({ provider, segments, clock: systemClock });
  const signer = ed25519Signer(signerName, generateKeyPairSync('ed25519').privateKey);
  const quiet = { info() {}, warn() {}, error() {} };
  const ledgers: Ledger[] = [];
  const openLedger = async (): Promise<Ledger> => {
    const ledger = await createLedger({
      ...{ segment: segments.ledger, vault: (of: number) => seal.vault('ledger', of), clock: systemClock, signer },
      ...{ anchors: join(home, 'anchors'), checkpoint_interval_ms: 60_000, log: quiet },
    });
    ledgers.push(ledger);
    return ledger;
  };
  const ledger = await openLedger();
  const evidence = (through: Ledger = ledger): Evidences =>
    createEvidence({ ledger: through, signer: signerName, segment: segments.identity, clock: systemClock });
  let count = 0;
  after(async () => {
    await Promise.allSettled(ledgers.map((one) => one.close()));
    seal.close();
    await store.close();
    rmSync(home, { recursive: true, force: true });
  });
  return {
    ...{ store, segments, ledger, openLedger, evidence },
    vault: (tenant: number) => seal.vault('identity', tenant),
    /** As superuser, past every policy. */
    sql: (text: string, values: readonly unknown[] = []) => store.sql('identity', text, values),
    /** As the runtime role, on a tenant's behalf. Fails with PostgreSQL's own error. */
    async asRuntime(tenant: number, text: string, values: readonly unknown[] = []): Promise<Row[]> {
      count += 1;
      try {
        return await segments.identity.query(tenant, { name: `test.${count}`, text }, values);
      } catch (error) {
        throw isFault(error) ? error.cause : error;
      }
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;
