import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { anonymous, type Principal } from '@safeguard/http';
import { isFault, newId } from '@safeguard/kernel';
import { compilePolicy } from '../../policy/compile.ts';
import type { Policy, Rule } from '../../policy/types.ts';
import { compiled, day_ms, hour_ms, policy, start, startWorld, types, type World, why } from '../grants/world.ts';
import { createReplica, noFacts } from './world.ts';

let world: World;
let tenant = 0;
let [ann, joe] = ['', ''];

const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;
const as = (id: string, more: Partial<Principal> = {}) => world.person(id, { tenant, ...more });

before(async () => {
  world = await startWorld();
});
after(() => world.close());
beforeEach(() => {
  tenant += 1;
  world.time.now = start;
  world.people.failing.setAdministrator = false;
  ann = world.people.add({ tenant, roles: ['administrator'] });
  joe = world.people.add({ tenant });
});

async function granted(role: string, more: object = {}, account = joe): Promise<string> {
  const asked = await world.requests.ask(as(account), {
    ...{ account, role, reason: why, until: start + 30 * day_ms },
    ...more,
  });
  return (await world.requests.decide(as(ann), asked.id, 'approve')).grant ?? '';
}

const withRule = (more: Partial<Rule>): Policy => {
  const [rule] = policy.rules;
  return { ...policy, rules: [{ ...(rule as Rule), ...more }] };
};

describe('what somebody holds', () => {
  test('is what was granted, to the millisecond, without another look', async () => {
    const replica = createReplica(world);
    const grant = await granted('clinician', { from: start + hour_ms, until: start + 2 * hour_ms });
    const at = (moment: number) => replica.roles(as(joe), { at: moment });
    assert.deepEqual(await at(start + hour_ms - 1), []);
    assert.deepEqual(await at(start + hour_ms), ['clinician']);
    assert.deepEqual(await at(start + 2 * hour_ms - 1), ['clinician']);
    assert.deepEqual(await at(start + 2 * hour_ms), []);
    const [holding] = (await replica.open(as(joe), { at: start + hour_ms })).holdings;
    assert.deepEqual(holding, { role: 'clinician', grant, kind: 'standing', until: start + 2 * hour_ms });
  });

  test('is nothing for who was granted nothing, and for everybody else', async () => {
    await granted('clinician');
    const replica = createReplica(world);
    assert.deepEqual(await replica.roles(as(newId())), []);
    assert.deepEqual(await replica.roles(as(joe, { tenant: tenant + 700 })), []);
    assert.deepEqual(await replica.roles(as(joe)), ['clinician']);
  });

  test('names patients and what is opened', async () => {
    const patient = newId();
    await granted('case-worker', { patients: [patient], opens: ['hiv'] });
    const [holding] = (await createReplica(world).open(as(joe))).holdings;
    assert.deepEqual([holding?.patients, holding?.opens], [[patient], ['hiv']]);
  });

  test('comes of what an account or a client is', async () => {
    const replica = createReplica(world);
    assert.deepEqual(await replica.roles(as(newId(), { account: 'patient', within: [newId()] })), ['patient']);
    assert.deepEqual(await replica.roles(as(newId(), { account: 'proxy', within: [newId()] })), ['proxy']);
    assert.deepEqual(await replica.roles(as(ann, { roles: ['administrator'] })), ['administrator']);
    const client = as(newId(), { kind: 'client', permissions: ['purge', 'sensitive:hiv'] });
    const { holdings } = await replica.open(client);
    assert.deepEqual(holdings, [{ role: 'service', kind: 'relationship', opens: ['hiv'] }]);
    const again = await replica.open({ ...client, id: newId(), permissions: ['sensitive:hiv'] });
    assert.equal(again.holdings, holdings);
  });

  test('is nothing at all for operators and strangers', async () => {
    const replica = createReplica(world);
    const operator = as('operator', { kind: 'operator' });
    for (const one of [anonymous, operator, as(joe, { tenant: 0 })]) assert.equal(await replica.entitle(one), one);
  });

  test('stays the same object while nothing changed, and is another one when it did', async () => {
    const replica = createReplica(world);
    const grant = await granted('clinician', { until: start + hour_ms });
    const { holdings } = await replica.open(as(joe));
    replica.age.ms += 1_001;
    assert.equal((await replica.open(as(joe), { at: start + hour_ms - 1 })).holdings, holdings);
    assert.notEqual((await replica.open(as(joe), { at: start + hour_ms })).holdings, holdings);
    await world.grants.end(tenant, grant, ann, 'ended');
    replica.standing.forget(tenant);
    assert.deepEqual((await replica.open(as(joe))).holdings, []);
    assert.ok(Object.isFrozen(holdings));
  });
});

describe('a change elsewhere', () => {
  test('an approval and an end hold in another replica within a second', async () => {
    const other = createReplica(world);
    assert.deepEqual(await other.roles(as(joe)), []);
    const grant = await granted('clinician');
    assert.deepEqual(await other.roles(as(joe)), []);
    other.age.ms = 1_001;
    assert.deepEqual(await other.roles(as(joe)), ['clinician']);
    await world.grants.end(tenant, grant, ann, 'ended');
    other.age.ms = 2_002;
    assert.deepEqual(await other.roles(as(joe)), []);
    await granted('billing');
    await world.grants.endAll(tenant, joe, ann, 'account terminated');
    other.age.ms = 3_003;
    assert.deepEqual(await other.roles(as(joe)), []);
  });

  test('in the same process it holds for the next request', async () => {
    const replica = createReplica(world);
    assert.deepEqual(await replica.roles(as(joe)), []);
    await granted('clinician');
    replica.standing.forget(tenant);
    assert.deepEqual(await replica.roles(as(joe)), ['clinician']);
  });

  test('the database is asked no more than it takes, and in one query', async () => {
    let asked = 0;
    const segment = { ...world.segment };
    segment.query = (...given) => {
      asked += 1;
      return world.segment.query(...given);
    };
    const replica = createReplica(world, { segment });
    await Promise.all(Array.from({ length: 50 }, () => replica.roles(as(joe))));
    assert.equal(asked, 1);
    for (let ms = 0; ms <= 10_000; ms += 10) {
      replica.age.ms = ms;
      await replica.roles(as(joe));
    }
    assert.ok(asked >= 10 && asked <= 15, `${asked}`);
  });

  test('what a look under way may have missed is asked for again', async () => {
    let [entered, release] = [() => {}, () => {}];
    const inside = new Promise<void>((done) => {
      entered = done;
    });
    const held = new Promise<void>((done) => {
      release = done;
    });
    let first = true;
    const segment = { ...world.segment };
    segment.query = async (...given) => {
      const rows = await world.segment.query(...given);
      if (first) {
        first = false;
        entered();
        await held;
      }
      return rows as never;
    };
    const replica = createReplica(world, { segment });
    const early = replica.roles(as(joe));
    await inside;
    await granted('clinician');
    replica.standing.forget(tenant);
    const late = replica.roles(as(joe));
    release();
    assert.deepEqual(await late, ['clinician']);
    await early;
  });
});

describe('when the database does not answer', () => {
  const broken = () => {
    const state = { down: false };
    const segment = { ...world.segment };
    segment.query = async (...given) => {
      if (state.down) throw new Error('gone');
      return world.segment.query(...given);
    };
    return { state, replica: createReplica(world, { segment }) };
  };

  test('nothing older than a second is used: fail closed, and back by itself', async () => {
    await granted('clinician');
    const { state, replica } = broken();
    assert.deepEqual(await replica.roles(as(joe)), ['clinician']);
    state.down = true;
    replica.age.ms = 1_000;
    assert.deepEqual(await replica.roles(as(joe)), ['clinician']);
    replica.age.ms = 1_001;
    await assert.rejects(replica.roles(as(joe)), kind('unavailable'));
    await assert.rejects(replica.standing.holdersOf(tenant), kind('unavailable'));
    state.down = false;
    assert.deepEqual(await replica.roles(as(joe)), ['clinician']);
  });

  test('a first look that fails opens nothing', async () => {
    const { state, replica } = broken();
    state.down = true;
    await assert.rejects(replica.roles(as(joe)), kind('unavailable'));
  });

  test('no policy, no facts: no standing', async () => {
    await granted('clinician');
    const down = async () => {
      throw new Error('away');
    };
    await assert.rejects(createReplica(world, { policies: { active: down } }).roles(as(joe)));
    await assert.rejects(createReplica(world, { clinical: { ...noFacts, consents: down } }).roles(as(joe)));
    const teams = compilePolicy(withRule({ where: { compartment: 'care-team' } }), 2, { types });
    const policies = { active: () => teams };
    const replica = createReplica(world, { policies, clinical: { ...noFacts, careTeam: down } });
    await assert.rejects(replica.roles(as(joe, { fhir_user: 'Practitioner/1' })));
  });
});

describe('what a request says of itself', () => {
  test('a purpose and a view that exist; nothing else', async () => {
    await granted('clinician');
    const replica = createReplica(world);
    const said = await replica.entitle(as(joe), { purpose: 'HPAYMT', view: 'limited' });
    assert.deepEqual([said.purpose, said.view], ['HPAYMT', 'limited']);
    for (const bad of [
      { purpose: 'treat' },
      { purpose: '' },
      { purpose: 'TREAT,HPAYMT' },
      { view: 'Full' },
      { view: '' },
    ]) {
      await assert.rejects(replica.entitle(as(joe), bad), kind('invalid'));
    }
  });

  test('a header narrows and never widens', async () => {
    await granted('clinician');
    const replica = createReplica(world);
    const client = await replica.entitle(as(joe, { view: 'deidentified' }), { view: 'full' });
    assert.equal(client.view, 'deidentified');
  });

  test('without one the purpose is that of the role', async () => {
    const replica = createReplica(world);
    assert.equal((await replica.open(as(joe))).purpose, 'HOPERAT');
    await granted('billing');
    replica.standing.forget(tenant);
    assert.equal((await replica.entitle(as(joe))).purpose, 'HPAYMT');
  });
});

describe('facts of other packages', () => {
  const counted = () => {
    const asked: string[] = [];
    const answer = (name: string, ids: string[]) => async () => {
      asked.push(name);
      return ids;
    };
    const clinical = {
      ...noFacts,
      careTeam: answer('careTeam', ['p1']),
      organizations: answer('organizations', ['o1']),
    };
    const port = { ...world.people.port, groups: answer('groups', ['g1']) };
    return { asked, clinical, people: port };
  };
  const doctor = () => as(joe, { fhir_user: 'Practitioner/1' });

  test('are asked only if a rule of theirs depends on them', async () => {
    await granted('clinician');
    const { asked, ...deps } = counted();
    const plain = createReplica(world, deps);
    const standing = await plain.open(doctor());
    assert.deepEqual([asked, standing.careTeam, standing.groups], [[], [], []]);
    const teams = compilePolicy(withRule({ where: { compartment: 'care-team' } }), 2, { types });
    const replica = createReplica(world, { ...deps, policies: { active: () => teams } });
    assert.deepEqual((await replica.open(doctor())).careTeam, ['p1']);
    assert.deepEqual((await replica.open(as(newId(), { fhir_user: 'Practitioner/2' }))).careTeam, []);
    assert.deepEqual(asked, ['careTeam']);
  });

  test('are kept for a second and no longer, and stay the same objects', async () => {
    await granted('clinician');
    const { asked, ...deps } = counted();
    const groups = compilePolicy(withRule({ who: { groups: ['g1'] }, where: { compartment: 'organization' } }), 3, {
      types,
    });
    const replica = createReplica(world, { ...deps, policies: { active: () => groups } });
    const first = await replica.open(doctor());
    assert.deepEqual([first.groups, first.organizations, first.careTeam], [['g1'], ['o1'], []]);
    replica.age.ms = 1_000;
    await replica.open(doctor());
    assert.deepEqual(asked, ['groups', 'organizations']);
    replica.age.ms = 1_001;
    assert.equal((await replica.open(doctor())).groups, first.groups);
    assert.equal(asked.length, 4);
  });

  test('nothing is waited for when all is known', async () => {
    await granted('clinician');
    const consents = { version: 0, consents: [] };
    const replica = createReplica(world, {
      policies: { active: () => compiled },
      clinical: { ...noFacts, consents: () => consents as never },
    });
    await replica.open(doctor());
    assert.ok(!(replica.standing.entitle(doctor(), replica.occasion()) instanceof Promise));
  });
});

describe('the role administrator', () => {
  const admin = async () => {
    const asked = await world.requests.ask(as(joe), {
      ...{ account: joe, role: 'administrator', reason: why, until: start + day_ms },
    });
    await world.requests.decide(as(ann), asked.id, 'approve');
  };

  test('that a grant gave does not count a millisecond longer than the grant', async () => {
    await admin();
    const replica = createReplica(world);
    const person = as(joe, { roles: ['administrator'] });
    const last = await replica.entitle(person, { at: start + day_ms - 1 });
    assert.deepEqual(last.roles, ['administrator']);
    const next = await replica.entitle(person, { at: start + day_ms });
    assert.deepEqual(next.roles, []);
    assert.deepEqual(await replica.roles(person, { at: start + day_ms }), []);
    // Negative control: who is one without any grant stays one.
    const other = await replica.entitle(as(ann, { roles: ['administrator'] }), { at: start + day_ms });
    assert.deepEqual(other.roles, ['administrator']);
  });

  test('is given or taken by the next look, when it could not be', async () => {
    world.people.failing.setAdministrator = true;
    await admin();
    world.people.failing.setAdministrator = false;
    await createReplica(world).roles(as(joe));
    const rolesOf = async () => (await world.people.port.byId(tenant, joe))?.roles;
    const settled = async (wanted: readonly string[]) => {
      for (let tries = 0; tries < 200 && (await rolesOf())?.join() !== wanted.join(); tries += 1) {
        await new Promise((done) => setTimeout(done, 10));
      }
      assert.deepEqual(await rolesOf(), wanted);
    };
    await settled(['administrator']);
    world.time.now = start + day_ms;
    await createReplica(world).roles(as(joe));
    await settled([]);
  });
});

describe('the last use of a grant', () => {
  test('is written to the minute, by a flush, never backwards', async () => {
    const grant = await granted('clinician');
    const replica = createReplica(world);
    replica.standing.used(tenant, grant, start + 61_234);
    replica.standing.used(tenant, 'no grant', start);
    assert.equal((await world.grants.byId(tenant, grant))?.used_at, undefined);
    await replica.standing.close();
    assert.equal((await world.grants.byId(tenant, grant))?.used_at, start + 60_000);
    const late = createReplica(world);
    late.standing.used(tenant, grant, start);
    late.standing.used(tenant + 400, grant, start + hour_ms);
    await late.standing.close();
    assert.equal((await world.grants.byId(tenant, grant))?.used_at, start + 60_000);
  });
});

test('who holds what is told for the whole tenant', async () => {
  const grant = await granted('clinician');
  await granted('billing', { from: start + day_ms });
  const replica = createReplica(world);
  const holders = await replica.standing.holdersOf(tenant);
  assert.deepEqual(
    [...holders.each()].map(([id, held]) => [id, held.map((one) => one.grant)]),
    [[joe, [grant]]],
  );
  assert.deepEqual([holders.of(ann), holders.of(joe).length], [[], 1]);
});
