import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { migrations as accessMigrations } from '@safeguard/access';
import { migrations as auditMigrations } from '@safeguard/audit';
import { migrations as identityMigrations } from '@safeguard/identity';
import { type CheckContext, type CheckResult, newId, systemClock } from '@safeguard/kernel';
import { createLedger, ed25519Signer, migrations as ledgerMigrations } from '@safeguard/ledger';
import { migrations as programmeMigrations } from '@safeguard/programme';
import { migrations as recordsMigrations } from '@safeguard/records';
import { migrations as rightsMigrations } from '@safeguard/rights';
import { testStore } from '@safeguard/store';
import { createSeal, fileProvider, migrations, noOwner, type SealCheckDeps, sealChecks } from '../index.ts';

/** The patients' tenant, and that of the checks. */
export const [clinic, scratch] = [7, 9];

const all = [
  ...[...migrations, ...ledgerMigrations, ...identityMigrations, ...accessMigrations, ...rightsMigrations],
  ...[...recordsMigrations, ...auditMigrations, ...programmeMigrations],
];

/** All tables of the product with some rows in them, and the checks on them. */
export async function openChecks() {
  const store = await testStore(all);
  const home = mkdtempSync(join(tmpdir(), 'safeguard-seal-checks-'));
  const directory = join(home, 'root');
  const passphrase = 'correct horse battery';
  const segments = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const provider = await fileProvider({ directory, passphrase });
  const seal = createSeal({ provider, segments, clock: systemClock });
  const ledger = await createLedger({
    segment: segments.ledger,
    vault: (tenant) => seal.vault('ledger', tenant),
    clock: systemClock,
    signer: ed25519Signer('seal.example', generateKeyPairSync('ed25519').privateKey),
    anchors: join(home, 'anchors'),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await ledger.append(
    clinic,
    Array.from({ length: 20 }, () => ({ id: newId(), kind: 'request', targets: [] })),
  );
  after(async () => {
    await ledger.close();
    seal.close();
    await store.close();
    rmSync(home, { recursive: true, force: true });
  });
  const deps: SealCheckDeps = {
    seal,
    segments,
    tenants: async () => [0, 1, clinic, scratch],
    scratch: async () => scratch,
    root: { directory },
  };
  const run = (id: string, change: Partial<SealCheckDeps> = {}, at = Date.now()): Promise<CheckResult> => {
    const check = sealChecks({ ...deps, ...change }).find((one) => one.id === `seal.${id}`);
    assert.ok(check !== undefined, id);
    const context: CheckContext = { at, number: () => 365, signal: new AbortController().signal };
    return check.run(context);
  };
  /** A resource about a patient, as `records` stores one. */
  const put = async (patient: string, under = patient): Promise<string> => {
    const vault = await seal.vault('clinical', clinic);
    const key = (await vault.keysFor([under])).get(under);
    assert.ok(key !== undefined);
    const id = newId();
    const at = new Date();
    const text = `{"resourceType":"Observation","subject":{"reference":"Patient/${patient}"}}`;
    const binding = { resource: id, version: 1, purpose: `resource/5/${at.getTime()}/alone` };
    const body = vault.seal(key, binding, Buffer.from(text));
    const insert = `insert into records.resource (tenant, id, at, version, key, identity, type, body)
      values ($1, $2, $3, 1, $4, null, 5, $5)`;
    await segments.clinical.query(clinic, { name: 'put', text: insert }, [clinic, id, at, key.id, body]);
    return id;
  };
  const patients = [newId(), newId(), newId()];
  for (const patient of [...patients, ...patients]) await put(patient);
  return { store, deps, run, put, patients, directory, passphrase, noOwner };
}
