import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault, newId } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Row, Segment, Statement } from '@safeguard/store';
import type { Audit } from '../index.ts';
import { tenant } from './callers.ts';
import { eventOf, openHouse } from './house.ts';

/** Many ask who looked at a record while two processes follow a large log that nobody has indexed yet. */

const house = await openHouse();
const patient = newId();
const some = (count: number) => Array.from({ length: count }, () => eventOf({ patients: [patient] }));

type Changed = (statement: Statement) => Statement;

/** A database that answers late, each time by another while, so that everybody stands in everybody's way. */
function late(segment: Segment, most_ms: number, changed: Changed): Segment {
  let turn = 0;
  const wait = (): Promise<void> => {
    turn = (turn * 7 + 3) % 11;
    return sleep((most_ms * turn) / 10);
  };
  return {
    ...segment,
    name: segment.name,
    async query<R extends Row>(of: number, statement: Statement, values?: readonly unknown[]) {
      await wait();
      const rows = await segment.query<R>(of, changed(statement), values);
      await wait();
      return rows;
    },
    transaction: segment.transaction,
  };
}

interface Process {
  readonly ledger: Ledger;
  readonly audit: Audit;
}

/** Asks again and again, each time for what was just written too; what goes wrong. */
async function ask(processes: readonly Process[], number: number, rounds: number): Promise<unknown[]> {
  const wrong: unknown[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const at = processes[(number + round) % processes.length];
    const [mine] = some(1);
    assert.ok(at && mine);
    await at.ledger.append(tenant, [mine]);
    try {
      const { rows } = await at.audit.accounting(tenant, patient, {});
      if (!rows.some(({ who }) => who.id === mine.actor)) wrong.push('what was written before is not in the answer');
      if (new Set(rows.map(({ id }) => id)).size < rows.length) wrong.push('an access is told twice');
    } catch (error) {
      wrong.push(isFault(error) ? [error.kind, error.message] : String(error));
    }
  }
  return wrong;
}

/** Lets the storm go over the index. Answers what went wrong, and how many rows of the index stand twice. */
async function storm(changed: Changed = (statement) => statement) {
  await house.store.sql('ledger', 'truncate audit.mark, audit.entry, audit.about, audit.target');
  const follow = { interval_ms: 5, share: 1 };
  const segment = late(house.segments.ledger, 10, changed);
  const processes = [house.ledger, other].map((ledger): Process => {
    return { ledger, audit: house.audit({ ledger, segment, follow, wait_ms: 30_000 }) };
  });
  for (const { audit } of processes) audit.start();
  const wrong = await Promise.all(Array.from({ length: 12 }, (_, number) => ask(processes, number, 3)));
  await Promise.all(processes.map(({ audit }) => audit.close()));
  const [row] = await house.store.sql(
    'ledger',
    'select (count(*) - count(distinct (tenant, at, place)))::int as twice from audit.about',
  );
  return { wrong: wrong.flat(), twice: row?.twice };
}

const other = await house.openLedger();
await house.append(...some(2000));
await other.append(tenant, some(400));

test('everybody is answered, completely, and every event is indexed once', async () => {
  assert.deepEqual(await storm(), { wrong: [], twice: 0 });
  assert.deepEqual(house.log.lines, []);
});

test('control: followers that do not look at the mark before they move it are found out', async () => {
  const careless: Changed = ({ name, text }) => ({
    name: `${name}.careless`,
    text: text.replace('and form = $3 and next = $4 returning', 'and $3::int > 0 and $4::int8 >= 0 returning'),
  });
  assert.notDeepEqual(await storm(careless), { wrong: [], twice: 0 });
});
