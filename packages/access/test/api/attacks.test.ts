import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Operation, Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { roleActions } from '../../index.ts';
import { type House, openHouse, program, scope } from './house.ts';

let house: House;
let served: Awaited<ReturnType<House['serve']>>;
let worker: Principal;
let officers: Principal[];
const answers = { explain: async () => undefined, viewers: async () => undefined, consentNotes: async () => [] };

before(async () => {
  house = await openHouse();
  served = await house.serve(answers);
  worker = await house.officer();
  const roles = ['administrator', 'privacy-officer', 'security-officer'];
  officers = await Promise.all(roles.map((role) => house.officer(role)));
});
after(() => house.close());

/** An address of the operation that names nothing that is there. */
const at = ({ path, params = {} }: Operation): string =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => (typeof params[name] === 'object' ? '777' : newId()));

const ask = (one: Operation, as: Principal | undefined, body: unknown = {}, open = served) =>
  open.send(one.method, at(one), { as, ...(one.body === undefined ? {} : { body }) });

test('who may not is told so before anything else, and it stands in the log', async () => {
  const patient = { account: 'patient', within: [newId()] } as const;
  const askers: Readonly<Record<string, Principal | undefined>> = {
    nobody: undefined,
    'one factor': { ...worker, assurance: { level: 1, at: house.time.now, methods: ['pwd'] } },
    patient: { ...worker, ...patient },
    'patient with an office': { ...(officers[0] as Principal), ...patient },
    proxy: { ...worker, account: 'proxy', within: [] },
    'app without the scope': { ...(officers[0] as Principal), client: newId(), scopes: ['user/*.cruds'] },
    'program without the scope': program('system/*.cruds', 'safeguard/accounts'),
    'program for one patient': { ...program(scope), patient: newId() },
    'program that sees no names': { ...program(scope), view: 'deidentified' },
    platform: { ...worker, tenant: 0 },
  };
  for (const one of served.operations) {
    for (const [name, as] of Object.entries(askers)) {
      house.events.length = 0;
      const { status } = await ask(one, as);
      assert.equal(status, as === undefined ? 401 : 403, `${name}: ${one.method} ${one.path}`);
      const [event] = house.events;
      assert.deepEqual([event?.outcome, event?.action], ['deny', one.action], name);
    }
  }
});

test('what takes an office or a person, no worker and no program does; without the guard they would', async () => {
  const open = await house.serve({
    guard: () => undefined,
    ...answers,
  });
  const passed = new Set<string>();
  for (const one of served.operations) {
    const { roles, programs } = roleActions.get(one.action) ?? {};
    for (const as of [...(roles === undefined ? [] : [worker]), ...(programs === true ? [] : [program(scope)])]) {
      assert.equal((await ask(one, as)).status, 403, `${one.method} ${one.path}`);
      if ((await ask(one, as, {}, open)).status !== 403) passed.add(one.action);
    }
    const may = roles === undefined ? worker : officers.find(({ roles: held = [] }) => held.length === 0);
    const { status } = await ask(one, may);
    assert.ok(status !== 403 || roles !== undefined, `${one.method} ${one.path}: the control is ${status}`);
  }
  assert.ok(passed.size > 15, 'negative control');
});

const marker = 'zebra-marker';
const bad: readonly unknown[] = [
  `"${marker}"`,
  `[${JSON.stringify(marker)}]`,
  '[]',
  'null',
  '1',
  `{"${marker}": 1}`,
  '{"__proto__": {"verdict": "approve"}}',
  `{"constructor": "${marker}"}`,
  `{"reason": ["${marker}"], "until": "${marker}", "role": {"a": "${marker}"}, "verdict": "${marker}"}`,
  `{"until": 1, "patients": "${marker}", "items": [1, "${marker}"], "policy": "${marker}", "at": "${marker}"}`,
  `{"minutes": 61, "patient": "${marker}", "review_days": "${marker}", "action": "${marker} x", "type": 1}`,
  `{"tenant": 2, "asked_by": "${newId()}", "state": "approved", "id": "${newId()}"}`,
  '{',
  `{"a": "${marker}`,
  '\u0000',
];

test('what is not as described is refused with where, and nothing of it is repeated', async () => {
  const withBody = served.operations.filter(({ body }) => body !== undefined);
  assert.ok(withBody.length > 10);
  const [admin, , security] = officers as [Principal, Principal, Principal];
  for (const one of withBody) {
    for (const body of bad) {
      const as = one.type === 'Policy' || one.type === 'Review' ? security : admin;
      const { status, text, json } = await ask(one, as, body);
      const where = `${one.method} ${one.path} ${body}`;
      assert.equal(status, 400, `${where}: ${text}`);
      assert.equal(json.type, 'about:blank');
      assert.ok(!text.includes(`"${marker}`) && !text.includes(`${marker} `), where);
      for (const { at: pointer } of json.errors ?? []) assert.ok(pointer === '' || pointer?.startsWith('/'), where);
    }
    const wrongType = await served.send(one.method, at(one), {
      as: admin,
      body: '{}',
      headers: { 'content-type': 'text/plain' },
    });
    assert.equal(wrongType.status, 415);
  }
});

const badQueries = [
  ...['count=0', 'count=101', 'count=1.5', 'count=x', 'after=x', 'before=0', `${marker}=1`, 'count=1&count=2'],
  ...[`state=${marker}`, `of=${marker}`, `role=${marker}!`, `reviewed=${marker}`, 'ended=2', 'account=1', 'unread=x'],
];

test('a query that is not as described is refused', async () => {
  const lists = served.operations.filter(({ method }) => method === 'GET');
  for (const one of lists) {
    for (const query of badQueries) {
      const as = ['Patient', 'Consent'].includes(one.type) ? officers[1] : officers[0];
      const { status, text } = await served.send('GET', `${at(one)}?${query}`, { as });
      assert.equal(status, 400, `${one.path}?${query} ${text}`);
      assert.ok(!text.replace(`/${marker}`, '').includes(marker), `${one.path}?${query}`);
    }
  }
});

test('roles, times and patients that cannot be are refused with the field', async () => {
  const soon = new Date(house.time.now + 3_600_000).toISOString();
  const sound = { role: 'clinician', reason: 'For the ward, as agreed.', until: soon };
  const cases: readonly (readonly [object, string])[] = [
    [{ role: 'nobody' }, '/role'],
    [{ role: 'break-glass' }, '/role'],
    [{ role: 'patient' }, '/role'],
    [{ role: 'constructor' }, '/role'],
    [{ until: '2020-01-01T00:00:00Z' }, '/until'],
    [{ until: '2036-01-01T00:00:00Z' }, '/until'],
    [{ until: '2026-02-30T00:00:00Z' }, '/until'],
    [{ from: '2020-01-01T00:00:00Z' }, '/from'],
    [{ patients: [] }, '/patients'],
    [{ patients: ['x'] }, '/patients/0'],
    [{ role: 'case-worker' }, '/patients'],
    [{ opens: ['nothing'] }, '/opens'],
    [{ reason: 'short' }, '/reason'],
    [{ reason: 'x'.repeat(2_001) }, '/reason'],
    [{ reason: '          ' }, '/reason'],
  ];
  for (const [change, pointer] of cases) {
    const { status, json, text } = await served.send('POST', '/access/requests', {
      as: worker,
      body: { ...sound, ...change },
    });
    assert.deepEqual([status, json?.errors?.[0]?.at], [400, pointer], `${JSON.stringify(change)} ${text}`);
  }
  const nobody = await served.send('POST', '/access/requests', { as: worker, body: { ...sound, account: newId() } });
  assert.equal(nobody.status, 404);
  assert.equal((await served.send('POST', '/access/requests', { as: worker, body: sound })).status, 201, 'the control');
});
