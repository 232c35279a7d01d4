import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { systemClock } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Segment, testStore } from '@safeguard/store';
import { type DatabaseVerdict, verifyDatabase } from '@safeguard/verifier';
import { createLedger, ed25519Signer, type Ledger, type LedgerDeps, migrations, readAnchors } from '../index.ts';

export const signerName = 'ledger.example';

export interface LogLine {
  readonly level: string;
  readonly fields: { readonly err?: Error };
  readonly message: string;
}

/** A log that keeps its lines, to be looked at. */
export function keptLog() {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields, message });
    };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

export const newSigner = () => ed25519Signer(signerName, generateKeyPairSync('ed25519').privateKey);

/** An event as `http` makes them. */
export const requestEvent = (change: object = {}) => ({
  id: randomUUID(),
  at: Date.now(),
  kind: 'request',
  tenant: 7,
  actor: randomUUID(),
  view: 'full',
  action: 'read',
  outcome: 'permit',
  status: 200,
  from: '127.0.0.1',
  targets: [{ type: 'Patient', id: randomUUID(), version: 1 }],
  ...change,
});

/** Real databases, a real Seal, and ledgers on them: each `open()` stands for a server process of its own. */
export async function openFixture() {
  const store = await testStore([...sealMigrations, ...migrations], { ledger: 24 });
  const home = mkdtempSync(join(tmpdir(), 'safeguard-ledger-'));
  const anchors = join(home, 'anchors');
  const segments = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const provider = await fileProvider({ directory: join(home, 'root') });
  const seal = createSeal({ provider, segments, clock: systemClock });
  const signer = newSigner();
  const log = keptLog();
  const ledgers: Ledger[] = [];
  after(async () => {
    await Promise.allSettled(ledgers.map((ledger) => ledger.close()));
    seal.close();
    await store.close();
    rmSync(home, { recursive: true, force: true });
  });
  const segment: Segment = segments.ledger;
  const deps: LedgerDeps = {
    segment,
    vault: (tenant) => seal.vault('ledger', tenant),
    clock: systemClock,
    signer,
    anchors,
    checkpoint_interval_ms: 60_000,
    log,
  };
  const open = async (change: Partial<LedgerDeps> = {}): Promise<Ledger> => {
    const ledger = await createLedger({ ...deps, ...change });
    ledgers.push(ledger);
    return ledger;
  };
  const reader = store.reader();
  /** What `safeguard ledger verify` would say. */
  const verify = async (notes?: readonly string[]): Promise<DatabaseVerdict> => {
    const held = notes ?? (await readAnchors(anchors));
    return verifyDatabase((text, values) => reader.query(0, { name: text.slice(0, 60) + text.length, text }, values), {
      publicKeys: [signer.publicKey],
      anchors: held,
    });
  };
  return { store, home, anchors, deps, segment, signer, log, open, verify };
}
