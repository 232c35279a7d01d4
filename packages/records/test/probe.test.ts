import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Condition, matches, parametersOf } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { probe, referenceColumns, refToken } from '../index-rows/index.ts';
import { conditionsOf } from './index-conditions.ts';
import { openIndexHouse } from './index-house.ts';
import { syntheaFolder, syntheaResources } from './synthea.ts';

let house: Awaited<ReturnType<typeof openIndexHouse>>;
before(async () => {
  house = await openIndexHouse();
});
after(() => house.close());

/** At most so many resources of a type: enough to tell a probe that finds too much or too little. */
const most = 25;

function sample(folder: string): Map<string, JsonObject[]> {
  const byType = new Map<string, JsonObject[]>();
  for (const resource of syntheaResources(folder, 2)) {
    const type = String(resource['resourceType']);
    const some = byType.get(type) ?? [];
    byType.set(type, some);
    if (some.length < most) some.push(resource);
  }
  return byType;
}

/** Undefined where the probe agrees with `matches`: the same where exact, at least as much where not. */
async function disagreement(condition: Condition, resources: readonly JsonObject[]): Promise<string | undefined> {
  const { of, code } = condition.parameter;
  const asked = probe(condition, await house.vaults());
  const found = await house.find(of, asked);
  const right = new Set(resources.filter((one) => matches(one, condition)).map((one) => String(one['id'])));
  const missed = right.difference(found).size;
  const extra = found.difference(right).size;
  if (missed === 0 && (extra === 0 || !asked.exact)) return undefined;
  const what = `${of}.${code}:${condition.modifier ?? ''} ${JSON.stringify(condition.tests)}`;
  return `${what}: misses ${missed}, ${extra} too many`;
}

test('every probe agrees with the definition of matching', { skip: syntheaFolder === undefined }, async () => {
  const byType = sample(syntheaFolder ?? '');
  await house.writeAll([...byType.values()].flat());
  let asked = 0;
  let exact = 0;
  const wrong: string[] = [];
  for (const [type, resources] of byType) {
    for (const parameter of parametersOf(type).values()) {
      const conditions = conditionsOf(parameter, resources.slice(0, 4));
      const step = Math.max(1, Math.floor(conditions.length / 25));
      for (let at = 0; at < conditions.length; at += step) {
        const condition = conditions[at] as Condition;
        asked += 1;
        if (probe(condition, await house.vaults()).exact) exact += 1;
        const found = await disagreement(condition, resources);
        if (found !== undefined) wrong.push(found);
      }
    }
  }
  assert.deepEqual(wrong.slice(0, 20), []);
  assert.ok(asked > 1500 && exact > asked / 2, `${asked} asked, ${exact} exact`);
});

test('negative control: a probe that is not asked of what is stored is found out', {
  skip: syntheaFolder === undefined,
}, async () => {
  const type = 'Observation';
  const resources = sample(syntheaFolder ?? '').get(type) ?? [];
  const parameter = parametersOf(type).get('code');
  assert.ok(parameter);
  const [condition] = conditionsOf(parameter, resources).filter(({ modifier }) => modifier === undefined);
  assert.ok(condition);
  await house.sql('clinical', 'begin; update records.search set c0 = c0 # 1, c1 = c1 # 1; commit');
  assert.match((await disagreement(condition, resources)) ?? '', /misses/);
  await house.sql('clinical', 'begin; update records.search set c0 = c0 # 1, c1 = c1 # 1; commit');
  assert.equal(await disagreement(condition, resources), undefined);
});

test('a reference column joins to the resource that it refers to', async () => {
  const patient = await house.write({ resourceType: 'Patient', active: true });
  const observation = await house.write({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/${patient}` },
  });
  const parameter = parametersOf('Observation').get('patient');
  assert.ok(parameter);
  const [column, ...more] = referenceColumns(parameter);
  assert.ok(column && more.length === 0);
  const rows = await house.sql(
    'clinical',
    `select a.id as source, b.id as target from records.search s
      join records.search t on t.self = s.${column.column} # ${column.mask}
      join records.resource a on a.seq = s.seq join records.resource b on b.seq = t.seq where a.id = $1`,
    [observation],
  );
  assert.deepEqual(rows, [{ source: observation, target: patient }]);
  const { clinical } = await house.vaults();
  const own = await house.sql('clinical', 'select count(*)::int as n from records.search where own = $1::int8', [
    String(refToken(clinical, 'Patient', patient)),
  ]);
  assert.deepEqual(own, [{ n: 2 }], 'the patient and the observation are in the compartment');
});
