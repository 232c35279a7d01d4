import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Connection, Segment } from '@safeguard/store';
import { createBreakGlass } from '../../break-glass/break-glass.ts';
import { createGrants } from '../../grants/grants.ts';
import { createRequests } from '../../requests/requests.ts';
import { day_ms, startWorld, type World, why } from '../grants/world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

/** Waits for the other one, but not for ever: where locks hold, it does not come. */
function meeting(wait_ms: number) {
  let count = 0;
  let meet = (): void => undefined;
  const both = new Promise<void>((done) => {
    meet = done;
  });
  return async (): Promise<void> => {
    count += 1;
    if (count === 2) meet();
    await Promise.race([both, new Promise((done) => setTimeout(done, wait_ms))]);
  };
}

/** Two transactions that both stand behind the same statement, if the locks let them. */
function raced({ at, without }: { readonly at: string; readonly without: readonly string[] }): Segment {
  const pause = meeting(250);
  const wrap = (connection: Connection): Connection => ({
    async query(statement, values) {
      if (without.includes(statement.name)) return [];
      const rows = await connection.query(statement, values);
      if (statement.name === at) await pause();
      return rows as never;
    },
  });
  return {
    ...world.segment,
    transaction: (tenant, work) => world.segment.transaction(tenant, (connection) => work(wrap(connection))),
  };
}

let tenant = 0;

function people() {
  tenant += 1;
  const chiefs = [0, 1].map(() => world.people.add({ tenant, roles: ['administrator'] }));
  const joe = world.people.add({ tenant });
  const as = (id = '') => world.person(id, { tenant });
  const ask = (role: string) =>
    world.requests.ask(as(joe), { account: joe, role, reason: why, until: world.time.now + day_ms });
  return { chiefs, joe, as, ask };
}

/** How many grants come of two approvals, at the same moment, of roles that must not meet. */
async function apart(without: readonly string[]): Promise<number> {
  const { chiefs, as, ask } = people();
  const asked = [await ask('clinician'), await ask('operator')];
  const requests = createRequests({ ...world.deps, segment: raced({ at: 'access.grant.overlapping', without }) });
  await Promise.allSettled(asked.map(({ id }, index) => requests.decide(as(chiefs[index]), id, 'approve')));
  return (await world.grants.list(tenant)).length;
}

/** On a machine that does much else the two may miss one another: the door is open if it is found open once. */
async function sometimes(race: () => Promise<number>, wanted: number): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) if ((await race()) === wanted) return true;
  return false;
}

test('roles that must not meet do not meet by approvals at the same moment', async () => {
  assert.equal(await apart([]), 1);
});
test('negative control: without the lock on the holder they do', async () => {
  assert.ok(await sometimes(() => apart(['access.holder.lock']), 2));
});

/** Whether anything is in force after an approval and the end of the account at the same moment. */
async function leaving(without: readonly string[]): Promise<number> {
  const { chiefs, joe, as, ask } = people();
  const { id } = await ask('clinician');
  const segment = raced({ at: 'access.request.lock', without });
  const approval = createRequests({ ...world.deps, segment }).decide(as(chiefs[0]), id, 'approve');
  // The end comes while the approval stands between its look at the request and its grant.
  await new Promise((done) => setTimeout(done, 50));
  const end = createGrants({ ...world.deps, segment }).endAll(tenant, joe, chiefs[1] ?? '', 'account terminated');
  await Promise.allSettled([approval, end]);
  return (await world.grants.list(tenant)).length;
}

test('an account that ends while something is approved for it holds nothing', async () => {
  assert.equal(await leaving([]), 0);
});
test('negative control: without locks it does', async () => {
  assert.ok(await sometimes(() => leaving(['access.holder.lock', 'access.request.lock-open']), 1));
});

/** How many emergencies of one patient are open after two at the same moment. */
async function twice(without: readonly string[]): Promise<number> {
  const { chiefs, joe, as, ask } = people();
  await world.requests.decide(as(chiefs[0]), (await ask('clinician')).id, 'approve');
  const patient = '6f1c1b1e-3f64-4b6e-9d3e-0f7a5f6f8a11';
  const emergencies = createBreakGlass({ ...world.deps, segment: raced({ at: 'access.grant.is-open', without }) });
  await Promise.allSettled([1, 2].map(() => emergencies.open(as(joe), { patient, reason: why })));
  return (await world.breakGlass.list(tenant)).length;
}

test('one record is opened once, by two clicks at the same moment', async () => {
  assert.equal(await twice([]), 1);
});
test('negative control: without the lock on the holder it is opened twice', async () => {
  assert.ok(await sometimes(() => twice(['access.holder.lock']), 2));
});
