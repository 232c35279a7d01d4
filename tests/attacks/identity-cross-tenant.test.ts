/**
 * What a thief of another tenant gets out of the ids of a victim: nothing, on any route, and in the words that an
 * unknown id gets. That every route is listed is held by cross-tenant.test.ts. Beside this: enumeration of logins by
 * text and time (packages/identity/test/sign-in/enumeration.test.ts), rows of other tenants past the server
 * (packages/identity/test/isolation.test.ts, sessions/isolation.test.ts), apps and codes of other tenants within the
 * authorization server (packages/identity/test/oauth/tenants.test.ts).
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { peopleAttacks } from '../harness/attacked-access.ts';
import type { IdentityTried, Thief } from '../harness/attacked-identity.ts';
import { pageAttacks } from '../harness/attacked-pages.ts';
import {
  type Asker,
  appToken,
  byBrowser,
  byToken,
  eventsOf,
  type IdentityHouse,
  identityHouse,
  newParty,
  type Party,
  productScopes,
} from '../harness/identity-house.ts';
import type { Answer } from '../harness/instance.ts';
import { redeem, refresh } from '../harness/oauth-app.ts';
import { shape } from '../harness/shape.ts';
import { type Kind, makeSpoils, neverOf, type Victim } from '../harness/spoils.ts';

let house: IdentityHouse;
let victim: Victim;
let thief: Party;
let thieves: Readonly<Record<Thief, Asker>>;
const wholeReach = `openid user/*.rs ${productScopes}`;

before(async () => {
  house = await identityHouse();
  const { safeguard } = house;
  victim = await makeSpoils(safeguard, await newParty(safeguard, 'default'));
  thief = await newParty(safeguard, 'thief');
  thieves = {
    administrator: byBrowser(thief.administrator),
    worker: byBrowser(thief.worker),
    app: byToken(safeguard, await appToken(thief, thief.administrator, wholeReach)),
    manager: byToken(safeguard, thief.manager.token),
    directory: byToken(safeguard, thief.directory.token),
    nobody: safeguard.request,
  };
});
after(() => house?.remove());

/** Both answers of one attack: with what the victim has, and with what never was. */
async function compared(who: Asker, tried: IdentityTried, kind: Kind, index: number) {
  const ask = async (id: string): Promise<{ answer: Answer; told: string }> => {
    const asked = tried.tries(id, thief)[index];
    assert.ok(asked);
    const answer = await who(asked);
    return { answer, told: plain(answer, id) };
  };
  return { real: await ask(victim.spoils[kind]), never: await ask(neverOf(kind)) };
}

/** An answer without what differs anyway: its own id, the value that was asked for, tags that are hashes of it. */
function plain(answer: Answer, asked = ''): string {
  const { etag, 'content-length': length, ...headers } = answer.headers;
  const size = answer.status < 300 ? typeof length : length;
  const told = shape({ ...answer, headers: { ...headers, tag: typeof etag, size } });
  return JSON.stringify(told)
    .replaceAll(/(?:interaction|authorize)\/[\w-]{21,64}/g, '<interaction>')
    .replaceAll(/W\/[\\"]+[\w-]{22}[\\"]+/g, '<tag>')
    .replaceAll(
      asked === '' ? '<none>' : asked.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'),
      '<asked>',
    );
}

async function tryAll(route: string, tried: IdentityTried, name: Thief): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const kind of tried.of) {
    for (const index of tried.tries('', thief).keys()) {
      const { real, never } = await compared(thieves[name], tried, kind, index);
      const { status, text } = real.answer;
      const what = `${route} #${index} by ${name} with ${kind}: ${status} ${text.slice(0, 300)}`;
      assert.equal(real.told, never.told, what);
      const refused = status >= 400 && status < 500;
      assert.ok(refused || tried.served?.includes(status) === true, what);
      assert.ok(!/"(?:totalResults|total)":[1-9]|"active":true,"(?:sub|scope)/.test(text), what);
      answers.push(real.answer, never.answer);
    }
  }
  return answers;
}

/** All of a table; each answer is recorded, and the victim's log knows nothing of it. */
async function attackBy(table: Readonly<Record<string, IdentityTried>>): Promise<number> {
  const before = await house.inside.entries(victim.party.number);
  const answers: Answer[] = [];
  for (const [route, tried] of Object.entries(table)) {
    answers.push(...(await Promise.all(tried.by.map((name) => tryAll(route, tried, name)))).flat());
  }
  const events = await eventsOf(house.inside, [thief.number], answers);
  for (const [{ status }, event] of events) assert.equal(event?.status, status);
  assert.equal(await house.inside.entries(victim.party.number), before, 'nothing in the log of the victim');
  return answers.length;
}

test('with another tenant’s ids every route answers as if they had never been, and is recorded', async () => {
  const count = await attackBy(peopleAttacks);
  assert.ok(count > 600, `${count} answers`);
});

test('nothing that a thief may look at shows anything of the victim', async () => {
  const { spoils } = victim;
  const lists = [
    'accounts',
    'clients',
    'groups',
    'providers',
    'me',
    'me/sessions',
    'me/factors',
    'me/apps',
    'branding',
  ];
  const addresses = [
    ...lists.map((list) => `/api/v1/${list}`),
    ...['/scim/v2/Users', '/scim/v2/Groups', '/oauth2/userinfo'],
    ...['', '/factors', '/sessions', '/apps'].map((place) => `/account${place}`),
  ];
  // A record's id and a login were written here by the thief itself, in the test before.
  const { record: _record, login: _login, ...known } = spoils;
  const secrets = Object.values(known);
  for (const [name, ask] of Object.entries(thieves)) {
    for (const path of addresses) {
      const { text } = await ask({ path });
      for (const secret of secrets) assert.ok(!text.includes(secret), `${path} shows ${name} a thing of the victim`);
    }
  }
  const own = byBrowser(victim.party.administrator);
  const shown = (await Promise.all(lists.map((list) => own({ path: `/api/v1/${list}` })))).map(({ text }) => text);
  for (const kind of ['account', 'client', 'app', 'group', 'provider'] as const) {
    assert.ok(shown.join().includes(spoils[kind]), `negative control: ${kind}`);
  }
});

test('what a log tells of a foreign id is what its own people tried with it', async () => {
  const asked = async (ask: Asker, path: string): Promise<string> => (await ask({ path })).text;
  const own = byToken(house.safeguard, victim.party.manager.token);
  const ids = (text: string): string[] => text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  const { administrator, worker, manager } = victim.party;
  const theirs = [administrator.id, worker.id, manager.client_id, victim.spoils.event];
  for (const path of [
    `/api/v1/access/patients/${victim.spoils.record}/accesses`,
    `/fhir/R4/AuditEvent?patient=${victim.spoils.record}&_count=100`,
    '/fhir/R4/AuditEvent?_count=100',
  ]) {
    for (const [name, ask] of Object.entries(thieves)) {
      const told = ids(await asked(ask, path));
      assert.deepEqual(
        theirs.filter((id) => told.includes(id)),
        [],
        `${name}: ${path}`,
      );
    }
    const seen = ids(await asked(own, path));
    assert.ok(
      theirs.some((id) => seen.includes(id)),
      `negative control: ${path}`,
    );
  }
});

test('who makes up the cookie of an interaction is sent to sign in at the app’s tenant', async () => {
  const uid = victim.spoils.interaction;
  for (const rest of ['', '/search', '/patient', '/encounter', '/consent', '/deny']) {
    const headers = { cookie: `__Secure-safeguard-interaction=${uid}`, origin: house.safeguard.url };
    const jar = [...thief.worker.jar.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await house.safeguard.request({
      method: rest === '' ? 'GET' : 'POST',
      path: `/interaction/${uid}${rest}`,
      headers: {
        ...headers,
        cookie: `${headers.cookie}; ${jar}`,
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
        'content-type': 'application/x-www-form-urlencoded',
      },
      ...(rest === '' ? {} : { body: 'other=openid' }),
    });
    assert.equal(answer.status, 303, `${rest} ${answer.text}`);
    assert.match(String(answer.headers['location']), /^\/sign-in\?tenant=default&return=/);
  }
});

/** Pages for an office, an emergency, a patient, which nobody here is: journeys/access-pages.test.ts sees them full. */
const shownToOthers = [
  'GET /access/break-glass/:id',
  'GET /access/patients/:id',
  'GET /account/record/requests/:id',
  // A waiver and a report take longer to make than to guard: tested in packages/programme.
  'GET /programme/waivers/:waiver',
  'GET /api/v1/programme/reports/:id',
];

test('negative control: with its own ids the victim is answered otherwise on every route that takes one', async () => {
  const { party, spoils } = victim;
  const own: Readonly<Record<Thief, Asker>> = {
    administrator: byBrowser(party.administrator),
    worker: byBrowser({ jar: victim.waiting }),
    app: byToken(house.safeguard, await appToken(party, party.administrator, wholeReach)),
    manager: byToken(house.safeguard, party.manager.token),
    directory: byToken(house.safeguard, party.directory.token),
    nobody: house.safeguard.request,
  };
  const reads =
    /^GET .*(?::\w+|\/(?:Users|Groups|accounts|clients|groups))(?:$|\/sessions|\/factors|\/remove)|\.search$/;
  const silent: string[] = [];
  for (const [route, tried] of Object.entries({ ...peopleAttacks, ...pageAttacks }).filter(
    // A registration shows itself to its own token alone, which nobody here has.
    ([name]) => reads.test(name) && !name.includes('/oauth2/register/') && !shownToOthers.includes(name),
  )) {
    const differ: boolean[] = [];
    for (const name of tried.by) {
      for (const kind of tried.of) {
        for (const index of tried.tries('', party).keys()) {
          const [real, never] = [tried.tries(spoils[kind], party)[index], tried.tries(neverOf(kind), party)[index]];
          if (real === undefined || never === undefined) continue;
          differ.push(plain(await own[name](real)) !== plain(await own[name](never)));
        }
      }
    }
    if (!differ.includes(true)) silent.push(route);
  }
  assert.deepEqual(silent, [], 'what is tried on these routes could tell nothing');
});

test('the victim has what it had: accounts, sessions, factors, clients, code, tokens, launch', async () => {
  const { safeguard } = house;
  const { party, spoils, code } = victim;
  const own = byBrowser(party.administrator);
  const { json } = await own({ path: `/api/v1/accounts/${spoils.account}` });
  assert.deepEqual([json.state, json.name], ['active', 'Pat Person']);
  const sessions = await own({ path: `/api/v1/accounts/${spoils.account}/sessions` });
  assert.ok(sessions.text.includes(spoils.session));
  assert.ok((await own({ path: `/api/v1/accounts/${spoils.account}/factors` })).text.includes(spoils.factor));
  for (const id of [spoils.client, spoils.app]) {
    assert.equal((await own({ path: `/api/v1/clients/${id}` })).json.state, 'approved');
  }
  const read = { path: `/fhir/R4/Patient/${randomUUID()}` };
  assert.equal((await safeguard.request({ ...read, token: spoils.access })).status, 404, 'its token is good');
  assert.equal((await redeem(safeguard, party.app, code)).status, 200, 'its code is good');
  assert.equal((await refresh(safeguard, party.app, spoils.refresh)).status, 200, 'its refresh token is good');
  for (const place of [`groups/${spoils.group}`, `providers/${spoils.provider}`]) {
    assert.equal((await own({ path: `/api/v1/${place}` })).status, 200, place);
  }
});

// After what lives for a minute only: codes.
test('with another tenant’s ids no page of access, rights or programme answers otherwise', async () => {
  const count = await attackBy(pageAttacks);
  assert.ok(count > 150, `${count} answers`);
});
