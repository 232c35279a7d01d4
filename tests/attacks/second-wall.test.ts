import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TwoTenants, twoTenants } from '../harness/two-tenants.ts';

let two: TwoTenants;
before(async () => {
  two = await twoTenants();
});
after(() => two?.remove());

/** Tables of a segment with rows of the victim, and how many of them the role sees when it speaks for the thief. */
async function seenAcross(segment: 'identity' | 'clinical' | 'ledger'): Promise<Record<string, number>> {
  const { inside, tenants } = two;
  const tables = await inside.databases.sql(
    segment,
    `select table_schema || '.' || table_name as name from information_schema.columns
      where column_name = 'tenant' and table_schema in ('records', 'seal', 'identity', 'ledger')`,
  );
  const role = await inside.databases.as(`safeguard_${segment}`, segment);
  try {
    await role.query(`select pg_catalog.set_config('safeguard.tenant', $1, false)`, [String(tenants.thief)]);
    const seen: Record<string, number> = {};
    for (const { name } of tables) {
      const count = `select count(*)::int as n from ${name} where tenant = ${tenants.victim}`;
      const [there] = await inside.databases.sql(segment, count);
      if (Number(there?.n) > 0) seen[String(name)] = Number((await role.query(count)).rows[0]?.n);
    }
    return seen;
  } finally {
    await role.end();
  }
}

const segments = ['identity', 'clinical', 'ledger'] as const;

async function secondWall(): Promise<void> {
  for (const segment of segments) {
    const seen = await seenAcross(segment);
    assert.ok(Object.keys(seen).length >= 2, `${segment}: ${Object.keys(seen)}`);
    for (const [table, rows] of Object.entries(seen)) assert.equal(rows, 0, `${segment} ${table}`);
  }
}

test('the second wall: a statement without its tenant condition sees nothing of another tenant', async () => {
  const { inside, tenants } = two;
  await secondWall();
  const role = await inside.databases.as('safeguard_clinical', 'clinical');
  try {
    const all = 'select id from records.resource';
    await assert.rejects(role.query(all), /safeguard\.tenant/, 'without a tenant there is an error, not rows');
    await role.query(`select pg_catalog.set_config('safeguard.tenant', $1, false)`, [String(tenants.thief)]);
    const changed = await role.query('update records.resource set version = version where true');
    const [own] = await inside.databases.sql(
      'clinical',
      `select count(*)::int as n from records.resource where tenant = $1`,
      [tenants.thief],
    );
    assert.equal(changed.rowCount, own?.n);
    const insert = `insert into records.intent (tenant, id, at, event) values ($1, gen_random_uuid(), now(), '')`;
    await assert.rejects(role.query(insert, [tenants.victim]), /row-level security/);
  } finally {
    await role.end();
  }
});

test('negative control: with the policy gone the same assertion fails', async () => {
  const { inside, thief, patient, ask } = two;
  const { sql } = inside.databases;
  await sql('clinical', 'alter table records.resource disable row level security');
  try {
    await assert.rejects(secondWall(), /clinical records.resource/);
    assert.equal((await ask(thief, { path: `/fhir/R4/${patient}` })).status, 404, 'the first wall still stands');
  } finally {
    await sql('clinical', 'alter table records.resource enable row level security');
  }
  await secondWall();
});

test('a role of one segment cannot log in to the database of another', async () => {
  const { inside } = two;
  for (const segment of segments) {
    for (const other of segments.filter((one) => one !== segment)) {
      await assert.rejects(inside.databases.as(`safeguard_${segment}`, other), /permission denied|CONNECT/i);
    }
  }
});
