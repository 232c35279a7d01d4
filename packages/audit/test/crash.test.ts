import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { createAudit } from '../index.ts';
import { officer, searchAll, tenant } from './callers.ts';
import { eventOf, openHouse } from './house.ts';

const house = await openHouse();

/** A process that dies at a statement: before it was sent, or after it was committed and before its answer. */
function dying(segment: Segment, at: { count: number; when: 'before' | 'after' }): Segment {
  let left = at.count;
  const dead = (): boolean => {
    left -= 1;
    return left === 0;
  };
  return {
    ...segment,
    name: segment.name,
    query: async (of, statement, values) => {
      const dies = dead();
      if (dies && at.when === 'before') throw new Error('killed');
      const rows = await segment.query(of, statement, values);
      if (dies) throw new Error('killed');
      return rows as never;
    },
    transaction: segment.transaction,
  };
}

test('wherever a process dies, the next one goes on, and every event is found once', async () => {
  const patient = newId();
  await house.append(...Array.from({ length: 900 }, () => eventOf({ patients: [patient] })));
  const deps = {
    ledger: house.ledger,
    vault: (of: number) => house.seal.vault('ledger', of),
    clock: { now: () => Date.now() },
    log: house.log,
    access: {} as never,
    people: house.people.port,
  };
  const routes = house.audit().routes();
  for (const when of ['before', 'after'] as const) {
    await house.store.sql('ledger', `truncate audit.mark, audit.entry, audit.about, audit.target`);
    for (let count = 1; count <= 8; count += 1) {
      const audit = createAudit({ ...deps, segment: dying(house.segments.ledger, { count, when }) });
      await audit.follow(tenant).then(
        () => undefined,
        (error: Error) => assert.equal(error.message, 'killed'),
      );
    }
    assert.equal((await searchAll(routes, officer(), `patient=${patient}&_count=200`)).length, 900, when);
    const [row] = await house.store.sql('ledger', 'select count(*)::int as count from audit.about');
    assert.equal(row?.count, 900, 'no row twice');
  }
});

test('control: rows and mark that are not one statement would stand twice', async () => {
  await house.store.sql('ledger', 'update audit.mark set next = 0');
  const patient = newId();
  await house.append(eventOf({ patients: [patient] }));
  await searchAll(house.audit().routes(), officer(), `patient=${patient}`);
  const [row] = await house.store.sql('ledger', 'select count(*)::int as count from audit.about');
  assert.equal(row?.count, 1801, 'a mark that went back, as after rows without it, repeats them');
});
