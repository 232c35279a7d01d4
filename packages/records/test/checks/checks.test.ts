import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CheckResult, Probe } from '@safeguard/kernel';
import { hasRecords } from '../../checks/checks.ts';
import { needlesOf } from '../../checks/needles.ts';
import { openHouse, probeOf, sealing } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const met = (told: CheckResult): void => assert.equal(told.result, 'met', JSON.stringify(told));
function unmet(told: CheckResult, cause: RegExp): void {
  assert.equal(told.result, 'unmet', JSON.stringify(told));
  assert.match([told.saw, ...(told.exceptions ?? [])].join('\n'), cause);
  assert.ok(told.todo);
  assert.doesNotMatch(JSON.stringify(told), /canary[0-9a-f]/);
}
const known = 'canary0123456789abcdef';
/** Whatever is planted beforehand is what the check writes. */
const foretold = (more: Partial<Probe> = {}): Probe => ({ ...probeOf(house.served), canary: () => known, ...more });
const count = async (table: string, segment: 'identity' | 'clinical' = 'clinical'): Promise<number> =>
  Number((await house.sql(segment, `select count(*)::int as n from ${table} where tenant = 1`))[0]?.['n']);

test('on a sound platform all of them are met; and the tenant does not grow', async () => {
  const ids = [...house.all().keys()];
  assert.equal(ids.length, 6);
  const round = async (): Promise<number[]> => {
    for (const id of ids) {
      const told = await house.run(id);
      assert.equal(told.result, 'met', `${id} ${JSON.stringify(told)}`);
      assert.ok(told.examined > 0 && told.saw.length <= 500);
    }
    return Promise.all([
      ...['records.resource', 'records.history'].map((one) => count(one)),
      ...['records.part', 'seal.data_key'].map((one) => count(one, 'identity')),
    ]);
  };
  const first = await round();
  assert.equal(first[1], 0);
  assert.deepEqual(await round(), first);
});

test('no-plaintext: planted as text, as bytes, as UTF-16, as base64, in any segment; in the output', async () => {
  const id = 'records.no-plaintext';
  const plant = async (segment: 'identity' | 'clinical' | 'ledger', type: string, value: string): Promise<void> => {
    const schema = segment === 'ledger' ? 'ledger' : 'records';
    await house.sql(
      segment,
      `create table ${schema}.debug (tenant int not null, note ${type});
      insert into ${schema}.debug values (1, ${value}); grant select on ${schema}.debug to safeguard_${segment}`,
    );
    unmet(
      await house.run(id, { probe: foretold() }),
      new RegExp(`${schema}.debug of the segment ${segment} holds it in clear`),
    );
    await house.sql(segment, `drop table ${schema}.debug`);
  };
  await plant('identity', 'text', `'Ada ${known.toUpperCase()}-FAMILY of'`);
  await plant('clinical', 'bytea', `'\\x00${Buffer.from(`${known}-number`).toString('hex')}'`);
  await plant('ledger', 'bytea', `'\\x${Buffer.from(`x${known}-street`, 'utf16le').toString('hex')}'`);
  await plant('clinical', 'jsonb', `'{"a": ["${Buffer.from(`{"v":"${known}-phone"}`).toString('base64')}"]}'`);
  const recentOutput = async (): Promise<string> => `{"level":30,"msg":"created ${known}-family"}`;
  unmet(await house.run(id, { probe: foretold(), recentOutput }), /the output of the server holds it in clear/);
  met(await house.run(id, { probe: foretold(), recentOutput: async () => '{"level":30,"msg":"created"}' }));
});

test('no-plaintext: a table of the product itself, which stores what it should seal', async () => {
  await house.sql(
    'clinical',
    `create function records.spill() returns trigger language plpgsql as $$ begin
      insert into records.intent (tenant, id, at, event)
        values (new.tenant, gen_random_uuid(), now(), convert_to('${known}-family', 'utf8'));
      return null; end $$;
    create trigger spill after update on records.resource for each row execute function records.spill()`,
  );
  unmet(await house.run('records.no-plaintext', { probe: foretold() }), /table records.intent of the segment clinical/);
  await house.sql('clinical', 'drop trigger spill on records.resource; delete from records.intent');
  met(await house.run('records.no-plaintext', { probe: foretold() }));
});

test('needles: found in base64 at any place', () => {
  const text = 'canary-of-the-test';
  for (const before of ['', 'a', 'ab', 'abc', 'abcd']) {
    const told = Buffer.from(`${before}${text}zz`).toString('base64').toLowerCase();
    assert.ok(
      needlesOf(text).some((needle) => told.includes(needle)),
      before,
    );
    assert.ok(!needlesOf('another-text-of-it').some((needle) => told.includes(needle)));
  }
});

test('identity-apart: identifiers that stay in the clinical half, a name that is the id in clear', async () => {
  const leaking = sealing(house.seal, (vault) => ({
    open: (key, binding, sealed) => {
      const plain = vault.open(key, binding, sealed);
      return vault.segment === 'clinical'
        ? Buffer.from(plain.toString().replace('{', `{"n":"${known}-family",`))
        : plain;
    },
  }));
  unmet(
    await house.run('records.identity-apart', { probe: foretold(), seal: leaking }),
    /the clinical body holds direct/,
  );
  const clear = sealing(house.seal, () => ({ pseudonym: (id) => id }));
  unmet(await house.run('records.identity-apart', { seal: clear }), /names the record by its id in clear/);
  met(await house.run('records.identity-apart'));
});

test('deidentified: a client whose view is too wide', async () => {
  const { served } = house;
  const wide = probeOf(served, { deidentified: { view: 'full' } });
  unmet(await house.run('records.deidentified', { probe: wide }), /identifiers are shown\na date of birth is shown/);
  const dated = probeOf(served, { deidentified: { view: 'without-identity' } });
  unmet(await house.run('records.deidentified', { probe: dated }), /by which others know/);
  met(await house.run('records.deidentified'));
});

test('right-of-access: a copy that leaves something out', async () => {
  const real = foretold();
  const partial: Probe = {
    ...real,
    async ask(request) {
      const answer = await real.ask(request);
      if (!request.path.includes('$everything')) return answer;
      const { entry, ...bundle } = JSON.parse(answer.text);
      const some = entry.filter(
        (one: { resource: { resourceType: string } }) => one.resource.resourceType === 'Patient',
      );
      return { ...answer, text: JSON.stringify({ ...bundle, entry: some }) };
    },
  };
  unmet(await house.run('records.right-of-access', { probe: partial }), /resource .* in version 1 is not in the copy/);
  met(await house.run('records.right-of-access'));
});

test('altered-refused: a seal that does not look whether anything was altered', async () => {
  const plains = new Map<string, Buffer>();
  const careless = sealing(house.seal, (vault) => ({
    open: (key, binding, sealed) => {
      const name = `${vault.segment} ${binding.resource}`;
      try {
        const plain = vault.open(key, binding, sealed);
        plains.set(name, plain);
        return plain;
      } catch (error) {
        const plain = plains.get(name);
        if (plain === undefined) throw error;
        return plain;
      }
    },
  }));
  const told = await house.run('records.altered-refused', { seal: careless });
  unmet(told, /one bit of the body was altered, and it was shown/);
  assert.equal(told.exceptions?.length, 5);
  met(await house.run('records.altered-refused'));
});

test('access.cross-tenant: another tenant that is let in, or told that there is something; a silent log', async () => {
  const { served } = house;
  const let_in = probeOf(served, { second: { tenant: 1 } });
  unmet(await house.run('access.cross-tenant', { probe: let_in }), /a read from another tenant: answered 200/);
  const refusing: Probe = {
    ...foretold(),
    async ask(request) {
      const answer = await foretold().ask(request);
      const own = await foretold().ask({ ...request, as: 'first' });
      return request.as === 'second' && own.status === 200 ? { ...answer, status: 403 } : answer;
    },
  };
  unmet(await house.run('access.cross-tenant', { probe: refusing }), /otherwise than for a record that never was/);
  const silent = foretold({ entryOf: async () => undefined });
  unmet(await house.run('access.cross-tenant', { probe: silent }), /no entry of it stands in that tenant's log/);
  met(await house.run('access.cross-tenant'));
});

test('whether a tenant has records is told to the check of officers', async () => {
  const told = hasRecords(house.served.segments.clinical);
  assert.deepEqual([await told(1), await told(2)], [true, false]);
});
