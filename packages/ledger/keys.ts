import { type Clock, newId } from '@safeguard/kernel';
import type { EntryKey, EntryVault, LedgerLog } from './types.ts';

const day_ms = 86_400_000;
/** Random 96-bit nonces are safe for 2^32 uses of a key (NIST SP 800-38D section 8.3); we stay far below. */
const usesPerKey = 2 ** 30;

/** The data key that new envelopes are sealed under: a fresh one per process start, per day, and per 2^30 uses. */
export interface SealingKey {
  readonly vault: EntryVault;
  /** The key to use now. Starts the change to a new one when it is due; the old one serves until that is there. */
  current(): EntryKey;
}

async function freshKey(vault: EntryVault): Promise<EntryKey> {
  const owner = newId();
  const key = (await vault.keysFor([owner])).get(owner);
  if (key === undefined) throw new Error('the vault made no data key');
  return key;
}

/** Throws what the vault throws when there is no first key. */
export async function createSealingKey(vault: EntryVault, clock: Clock, log: LedgerLog): Promise<SealingKey> {
  let key = await freshKey(vault);
  let made_ms = clock.now();
  let uses = 0;
  let changing = false;
  const change = async (): Promise<void> => {
    changing = true;
    try {
      key = await freshKey(vault);
      made_ms = clock.now();
      uses = 0;
    } catch (error) {
      log.warn({ err: error }, 'the ledger could not change its data key; it goes on with the old one');
      made_ms = clock.now() - day_ms + 60_000;
    } finally {
      changing = false;
    }
  };
  return {
    vault,
    current() {
      uses += 1;
      if (!changing && (uses > usesPerKey || clock.now() - made_ms > day_ms)) void change();
      return key;
    },
  };
}
