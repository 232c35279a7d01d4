/** A server process to be killed: appends without end and names what was acknowledged. Arguments: home folder. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { openStore } from '@safeguard/store';
import { createLedger, ed25519Signer, migrations } from '../index.ts';
import { keptLog, requestEvent, signerName } from './fixture.ts';

export async function openHome(home: string) {
  const store = await openStore({
    embedded: { data: join(home, 'data') },
    migrations: [...sealMigrations, ...migrations],
    log: () => undefined,
  });
  const segments = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const provider = await fileProvider({ directory: join(home, 'root') });
  const seal = createSeal({ provider, segments, clock: systemClock });
  const signer = ed25519Signer(signerName, createPrivateKey(readFileSync(join(home, 'signer.pem'))));
  const ledger = await createLedger({
    segment: segments.ledger,
    vault: (tenant) => seal.vault('ledger', tenant),
    clock: systemClock,
    signer,
    anchors: join(home, 'anchors'),
    checkpoint_interval_ms: 50,
    log: keptLog(),
  });
  return { store, seal, signer, ledger };
}

const [, started, home] = process.argv;
if (started === import.meta.filename && home !== undefined) {
  const { ledger } = await openHome(home);
  const worker = async (): Promise<void> => {
    for (;;) {
      const event = requestEvent();
      await ledger.append(7, [event]);
      writeSync(1, `${event.id}\n`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
