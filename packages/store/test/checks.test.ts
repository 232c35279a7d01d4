import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckContext, type CheckResult, fault } from '@safeguard/kernel';
import { segmentNames, storeChecks, testStore } from '../index.ts';
import { insertThing, setOf, thingTable } from './fixtures/sets.ts';

const migrations = segmentNames.map((name) => setOf(name, { '0001-thing.sql': thingTable(`safeguard_${name}`) }));
const store = await testStore(migrations);
const database = store.login('clinical').database;

const context: CheckContext = {
  at: Date.now(),
  number: () => {
    throw fault('internal', 'no parameter');
  },
  signal: new AbortController().signal,
};

async function run(id: string): Promise<CheckResult> {
  const check = storeChecks({ store }).find((one) => one.id === `store.${id}`);
  assert.ok(check !== undefined, id);
  return check.run(context);
}

/** Sound: met. Broken by the SQL of the superuser: unmet, saying so. Repaired: met. */
async function holds(
  id: string,
  [segment, breaking, repair]: readonly [(typeof segmentNames)[number], string, string],
  says: RegExp,
) {
  const sound = await run(id);
  assert.equal(sound.result, 'met', JSON.stringify(sound));
  assert.ok(sound.examined > 0);
  await store.sql(segment, breaking);
  const broken = await run(id);
  await store.sql(segment, repair);
  assert.equal(broken.result, 'unmet', breaking);
  assert.match(JSON.stringify(broken.exceptions), says);
  assert.ok((broken.todo ?? '').length > 0);
  const repaired = await run(id);
  assert.equal(repaired.result, 'met', JSON.stringify(repaired));
}

test('segments apart: a right to connect, a membership are found', async () => {
  const grant = `grant connect on database ${database} to safeguard_identity`;
  await holds(
    'segments-apart',
    ['clinical', grant, grant.replace('grant', 'revoke').replace(' to ', ' from ')],
    /identity was let in to clinical/,
  );
  const member = 'grant safeguard_clinical to safeguard_identity';
  const noMember = 'revoke safeguard_clinical from safeguard_identity';
  await holds('segments-apart', ['identity', member, noMember], /membership in safeguard_clinical/);
});

test('row security: a table whose rows another tenant sees is found, one by the catalogue alone', async () => {
  await store.segment('clinical').query(7, insertThing, [7, 1, 'x']);
  const off = 'alter table demo.thing disable row level security';
  await holds(
    'row-security',
    ['clinical', off, off.replace('disable', 'enable')],
    /clinical: demo\.thing shows another tenant/,
  );
  const open = 'create policy wide on demo.thing using (true)';
  await holds(
    'row-security',
    ['clinical', open, 'drop policy wide on demo.thing'],
    /demo\.thing shows rows without a tenant/,
  );
  const lax = 'alter table demo.thing no force row level security';
  await holds(
    'row-security',
    ['identity', lax, lax.replace('no force', 'force')],
    /identity: demo\.thing is not behind/,
  );
});

test('minimal roles: attributes, ownership and rights too many are found', async () => {
  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['alter role safeguard_clinical superuser', 'alter role safeguard_clinical nosuperuser', /is superuser/],
    ['alter role safeguard_clinical bypassrls', 'alter role safeguard_clinical nobypassrls', /passes by row-level/],
    [
      'grant create on schema demo to safeguard_clinical',
      'revoke create on schema demo from safeguard_clinical',
      /may make things in the schema demo/,
    ],
    [
      'alter table demo.thing owner to safeguard_clinical',
      'alter table demo.thing owner to safeguard_owner',
      /owns thing/,
    ],
    [
      'grant truncate on demo.thing to safeguard_clinical',
      'revoke truncate on demo.thing from safeguard_clinical',
      /truncate or put triggers on demo\.thing/,
    ],
    [
      `grant temporary on database ${database} to safeguard_clinical`,
      `revoke temporary on database ${database} from safeguard_clinical`,
      /attempt to make a temporary table was allowed/,
    ],
    [
      'alter role safeguard_clinical createrole',
      'alter role safeguard_clinical nocreaterole',
      /make a role was allowed/,
    ],
  ];
  for (const [breaking, repair, says] of faults) await holds('roles-minimal', ['clinical', breaking, repair], says);
});
