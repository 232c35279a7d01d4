import { after } from 'node:test';
import { testStore } from '@safeguard/store';
import { createSeal, migrations, type Seal, type SealDatabase, type SealDeps, type SealSegment } from '../index.ts';
import { memoryProvider } from './memory-provider.ts';
import { turnableClock } from './turnable.ts';

/** Real databases for one test file, and Seals on them: each `process()` stands for a server process of its own. */
export async function openFixture() {
  const store = await testStore(migrations);
  const segments: Record<SealSegment, SealDatabase> = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const clock = turnableClock();
  const provider = memoryProvider('memory:first');
  const seals: Seal[] = [];
  after(async () => {
    for (const seal of seals) seal.close();
    await store.close();
  });
  const process = (change: Partial<SealDeps> = {}): Seal => {
    const seal = createSeal({ provider, segments, clock, ...change });
    seals.push(seal);
    return seal;
  };
  return { store, clock, provider, process, segments };
}
