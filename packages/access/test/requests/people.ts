import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import { isFault } from '@safeguard/kernel';
import type { NewRequest } from '../../grants/types.ts';
import { day_ms, start, startWorld, type World, why } from '../grants/world.ts';

/** What tests of requests begin with; importing it is what starts and stops it. */
export let world: World;
/** Two administrators, and somebody who holds nothing. */
export let [ann, ben, joe]: string[] = ['', '', ''];

export const kind = (wanted: string) => (error: unknown) => {
  assert.ok(isFault(error), String(error));
  assert.equal(error.kind, wanted, error.message);
  return true;
};

before(async () => {
  world = await startWorld();
});
after(() => world.close());

export let tenant = 0;
beforeEach(() => {
  // A tenant of its own each: what one test leaves is nobody else's.
  tenant += 1;
  world.time.now = start;
  world.told.length = 0;
  world.warned.length = 0;
  [ann, ben] = [0, 1].map(() => world.people.add({ tenant, roles: ['administrator'] })) as [string, string];
  joe = world.people.add({ tenant });
});

export const as = (id: string | undefined, more = {}) => world.person(id ?? '', { tenant, ...more });
export const wanted = (more: Partial<NewRequest> = {}): NewRequest => ({
  account: joe ?? '',
  role: 'clinician',
  reason: why,
  until: world.time.now + 30 * day_ms,
  ...more,
});
