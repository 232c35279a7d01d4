import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import type { Actor, Applications } from '../../registration/types.ts';
import {
  access,
  administrator,
  approve,
  asked,
  browserApp,
  type House,
  openHouse,
  person,
  type Served,
} from './house.ts';

// What an app that was approved once may not become without a second look: each with the protection taken out.
let house: House;
let dev: Principal;
let admin: Principal;
before(async () => {
  house = await openHouse();
  dev = await person(house);
  admin = await administrator(house);
});
after(() => house.close());

async function approved(): Promise<string> {
  const { id } = await asked(house, dev, browserApp());
  await approve(house, admin, id);
  return id;
}
const inForce = async (id: string) => house.oauth.clients.byId(id);
const patch = (served: Served, id: string, body: object) =>
  served.api('PATCH', `/applications/${id}`, { as: dev, body });

test('scope creep: wider rights wait; negative control: where everything narrows they hold at once', async () => {
  const body = { scopes: ['patient/*.cruds'] };
  const waiting = await approved();
  assert.equal((await patch(house, waiting, body)).json.state, 'pending');
  assert.deepEqual((await inForce(waiting))?.scopes, ['patient/Observation.rs', 'patient/Patient.r']);
  // What is granted is held against what was granted before, once more.
  const credulous = { ...access, narrows: () => true };
  const second = await approved();
  const narrowed = await patch(await house.serve({ registration: { scopes: credulous } }), second, body);
  assert.equal(narrowed.json.state, 'approved', narrowed.text);
  assert.deepEqual((await inForce(second))?.scopes?.toSorted(), ['patient/Observation.rs', 'patient/Patient.r']);
  const open = await house.serve({ registration: { scopes: { ...credulous, intersect: (wanted) => [...wanted] } } });
  const third = await approved();
  assert.equal((await patch(open, third, body)).json.state, 'approved');
  assert.deepEqual((await inForce(third))?.scopes, ['patient/*.cruds']);
});

const evil = 'https://evil.example/';

/** A database that says of the revision in force that the address stood in it all along. */
function forgetful(): House['segment'] {
  const { segment } = house;
  return {
    ...segment,
    transaction: (tenant, work) =>
      segment.transaction(tenant, (connection) =>
        work({
          query: async (statement, values) => {
            const rows = await connection.query(statement, values);
            if (statement.name !== 'identity.application.revision') return rows as never;
            for (const { content } of rows as unknown as { content: { redirect_uris: string[] } }[]) {
              content.redirect_uris.push(evil);
            }
            return rows as never;
          },
        }),
      ),
  };
}

test('redirect creep: another address waits; negative control: past code and database it is in force', async () => {
  const redirect_uris = ['https://app.example/callback', evil];
  const waiting = await approved();
  assert.equal((await patch(house, waiting, { redirect_uris })).json.state, 'pending');
  assert.ok(!(await inForce(waiting))?.redirect_uris?.includes(evil));
  const served = await house.serve({ registration: { segment: forgetful() } });
  const second = await approved();
  assert.ok(
    (await patch(served, second, { redirect_uris })).status >= 400,
    'the database refuses: that is no narrowing',
  );
  assert.ok(!(await inForce(second))?.redirect_uris?.includes(evil));
  const third = await approved();
  await house.sql(`update identity.client set redirect_uris = redirect_uris || '{${evil}}' where id = '${third}'`);
  assert.equal((await patch(served, third, { redirect_uris })).json.state, 'approved');
  assert.deepEqual((await inForce(third))?.redirect_uris, redirect_uris);
});

/** Whatever tenant is named, applications of the first one are found. */
const everywhere = (real: Applications): Applications => {
  const bent = (first: unknown) => (typeof first === 'number' ? 1 : { ...(first as Actor), tenant: 1 });
  return Object.fromEntries(
    Object.entries(real).map(([name, work]) => [
      name,
      (first: unknown, ...rest: unknown[]) => (work as (...given: unknown[]) => unknown)(bent(first), ...rest),
    ]),
  ) as unknown as Applications;
};

test('another tenant’s application is like none; negative control: looked up without its tenant', async () => {
  const foreign = await administrator(house, { tenant: house.other });
  const { id } = await asked(house, dev);
  const careless = await house.serve({ wrap: (real) => ({ ...real, applications: everywhere(real.applications) }) });
  const look = (served: Served) => served.api('GET', `/applications/${id}`, { as: foreign });
  assert.deepEqual([(await look(house)).status, (await look(careless)).status], [404, 200]);
  assert.equal((await approve(house, foreign, id)).status, 404);
  assert.equal((await approve(careless, foreign, id)).json?.state, 'approved');
});

test('a stranger sees nothing of it and decides nothing; negative control: without the guard', async () => {
  const stranger = await person(house);
  const { id } = await asked(house, dev);
  const open = await house.serve({ registration: { guard: () => undefined } });
  const look = async (served: Served) =>
    (await served.api('GET', `/applications/${id}/history`, { as: stranger })).status;
  const decide = async (served: Served) => (await approve(served, stranger, id)).status;
  assert.deepEqual([await look(house), await decide(house)], [404, 403]);
  assert.deepEqual([await look(open), await decide(open)], [200, 200]);
});
