import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import type { Cohort } from '../../answers/ports.ts';
import { createViewers } from '../../answers/viewers/viewers.ts';
import type { RowFacts, ViewersPort } from '../../index.ts';
import { createStanding, type Standings } from '../../standing/standing.ts';
import { type House, openHouse } from '../api/house.ts';
import { noFacts } from '../standing/world.ts';

/** Who can see a patient, over real grants, behind the real HTTP. */

const patient = newId();
const row = (type: string, more: Partial<RowFacts> = {}): RowFacts => ({
  ...{ type, id: newId(), patients: [patient], labels: [], fulfils: () => false, patientFulfils: () => false },
  ...more,
});
const rows = [row('Patient', { id: patient }), row('Observation')];

let house: House;
let standings: Standings;
let served: Awaited<ReturnType<House['serve']>>;
let officer: Principal;
let security: Principal;
let accounts: string[];
let viewers: ViewersPort;

before(async () => {
  house = await openHouse();
  officer = await house.officer('privacy-officer');
  security = await house.officer('security-officer');
  accounts = [officer.id, security.id];
  const { people } = house.deps;
  const kind = { scopes: ['user/*.cruds'], administrator: false, named: false };
  const active = async (tenant: number, among: readonly string[] = accounts): Promise<Cohort[]> => {
    const found = await people.byIds(tenant, among);
    return [{ ...kind, ids: found.filter(({ state }) => state === 'active').map(({ id }) => id) }];
  };
  const crowd = { kinds: async () => [kind], workforce: active, members: async () => new Map() };
  standings = createStanding({ ...house.deps, clinical: noFacts });
  viewers = createViewers({
    standings,
    people: { ...people, ...crowd, standFor: async () => new Map() },
    clinical: { ...noFacts, careTeamOf: async () => [], organizationOf: async () => undefined },
    questions: {
      compartment: async (tenant) => (tenant === 1 ? rows : []),
      patientExists: async (tenant, id) => tenant === 1 && id === patient,
      workersOf: async () => new Map(),
    },
    vocabulary: { types: new Set(['Patient', 'Observation']) },
  });
  served = await house.serve({ viewers });
});
after(async () => {
  await standings.close();
  await house.close();
});

const list = async (as = officer, id = patient) => {
  standings.forget(1);
  return served.send('GET', `/access/patients/${id}/viewers`, { as });
};
const idsIn = ({ json }: Awaited<ReturnType<typeof list>>): string[] => json.items.map(({ id }: { id: string }) => id);
const join = async (role: string): Promise<{ account: string; grant: string }> => {
  const made = await house.holder(role, security.id);
  accounts.push(made.account);
  return made;
};
test('whoever holds a role that opens the record stands in it, with the grant and its end; others do not', async () => {
  const one = await join('clinician');
  await join('billing');
  const told = await list();
  assert.equal(told.status, 200, told.text);
  assert.deepEqual(idsIn(told), [one.account], 'neither billing nor the officers have a rule');
  const [entry] = told.json.items;
  assert.deepEqual(
    [entry.role, entry.rule, entry.grant, entry.view, entry.letters, entry.when, entry.kind],
    ['clinician', 'clinicians-read', one.grant, 'full', 'rs', [], 'account'],
  );
  assert.ok(Date.parse(entry.until) > house.time.now);
});

test('who is suspended is left out, and who holds it no more', async () => {
  const { account, grant } = await join('clinician');
  assert.ok(idsIn(await list()).includes(account));
  house.people.change(account, { state: 'suspended' });
  assert.ok(!idsIn(await list()).includes(account));
  house.people.change(account, { state: 'active' });
  assert.ok(idsIn(await list()).includes(account));
  await house.grants.end(1, grant, security.id, 'ended');
  assert.ok(!idsIn(await list()).includes(account));
});

test('a grant counts until it ends, to the millisecond', async () => {
  const { account, grant } = await join('clinician');
  const { until } = (await house.grants.byId(1, grant)) ?? { until: 0 };
  const now = house.time.now;
  const isListedAt = async (at: number): Promise<boolean> => {
    house.time.now = at;
    const found = [...((await viewers(1, patient)) ?? [])];
    house.time.now = now;
    return found.some(({ id }) => id === account);
  };
  standings.forget(1);
  assert.deepEqual([await isListedAt(until - 1), await isListedAt(until)], [true, false]);
});

test('attack: who is no officer, and who is of another tenant', async () => {
  const worker = house.person((await join('clinician')).account);
  assert.equal((await list(worker)).status, 403);
  assert.equal((await list(officer, newId())).status, 404);
  const { text } = await list();
  assert.ok(!text.includes(rows[1]?.id ?? ''), 'nothing of the record is in it');
});
