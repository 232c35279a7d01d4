import assert from 'node:assert/strict';
import { test } from 'node:test';
import { housePolicy } from '@safeguard/access';
import { fault, newId } from '@safeguard/kernel';
import { accessActs } from '../access-acts.ts';
import type { Asked } from '../admin-acts.ts';
import { checkPolicy } from '../policy-check.ts';
import type { House } from '../server.ts';

const [id, boss, patient, grantId] = [newId(), newId(), newId(), newId()];
const now = Date.parse('2026-11-22T12:00:00Z');
/** What must never come out: people's own words, and whose record it is. */
const secret = 'Mr Müller has asked for his HIV results';

const request = {
  ...{ id: newId(), tenant: 2, kind: 'standing', state: 'open', role: 'clinician', account: id, asked_by: boss },
  ...{ reason: secret, patients: [patient], asked_at: now, until: now + 1, needed: 1 },
  decisions: [{ by: 'operator', verdict: 'reject', reason: secret, at: now }],
};
const grant = {
  ...{ id: grantId, tenant: 2, account: id, role: 'clinician', kind: 'standing', patients: [patient] },
  ...{ from: now, until: now + 1, request: request.id },
};
const summary = {
  ...{ tenant: 2, version: 1, state: 'active', edition: 1, authors: [boss], based_on: 0, rolls_back: false },
  ...{ drafted_at: now, changed_at: now, note: secret, decisions: [], tests: [] },
};
const use = (review_by: number, more: object = {}) => ({ grant, reason: secret, review_by, ...more });
const explained = {
  ...{ permit: true, reason: 'policy', rule: 'r', grant: grantId, granted_by: [boss], until: now, consent: newId() },
  ...{ patients: [patient], rules: [{ rule: 'r', effect: 'permit', why: 'w', failed: 'sensitive' }] },
};

/** Of the house only what these acts touch; `calls` keeps what they asked for. */
function houseOf(more: { readonly permit?: boolean } = {}) {
  const calls: unknown[][] = [];
  const noted =
    (name: string, answer: unknown) =>
    async (...given: unknown[]) => {
      calls.push([name, ...given]);
      return answer;
    };
  const account = { id, tenant: 2, login: 'ada@clinic.example' };
  const answers = {
    explain: noted('explain', { ...explained, ...more }),
    viewers: async (_tenant: number, one: string) =>
      one === patient ? [{ kind: 'account', id, until: now }] : undefined,
  };
  const governance = {
    requests: { list: noted('requests', [request]), decideAsOperator: noted('decide', { ...request, grant: grantId }) },
    grants: { list: noted('grants', [grant]), end: noted('end', { ...grant, ended_at: now, ended_why: 'ended' }) },
    policies: {
      list: noted('policies', [summary]),
      active: async () => ({ version: 1 }),
      byVersion: async (_tenant: number, version: number) =>
        version > 1 ? undefined : { ...summary, version, policy: housePolicy },
    },
    breakGlass: {
      list: async () => [
        use(now + 1),
        use(now),
        use(now, { reviewed: { by: boss, at: now, verdict: 'justified', reason: secret } }),
      ],
    },
    reviews: { list: async () => [] },
    answers,
  };
  const identity = {
    tenants: { byName: async (name: string) => (name === 'north' ? { id: 2, name } : undefined) },
    accounts: {
      byId: async (_tenant: number, one: string) => (one === id ? account : undefined),
      byLogin: async (_tenant: number, login: string) => (login === account.login ? account : undefined),
    },
    people: { byIds: async () => [account, { id: boss, login: 'boss@clinic.example' }] },
  };
  return { house: { identity, governance, clock: { now: () => now } } as unknown as House, calls };
}

type Sent = { readonly body?: object; readonly query?: string };

async function act(house: House, method: string, path: string, { body = {}, query = '' }: Sent = {}) {
  const found = accessActs(house).filter((one) => one.method === method && one.path.test(path));
  assert.equal(found.length, 1, `${method} ${path}`);
  const [one] = found;
  assert.ok(one);
  const params = one.path.exec(path)?.groups ?? {};
  const done = await one.run({ params, query: new URLSearchParams(query), body } as Asked);
  return { ...done, action: one.action, type: one.type, told: JSON.stringify(done.result) };
}

const north = { tenant: 'north' };
const everything: readonly (readonly [method: string, path: string, sent: Sent])[] = [
  ['GET', '/access/requests', { query: 'tenant=north&state=open' }],
  ['POST', `/access/requests/${request.id}/approve`, { body: north }],
  ['POST', `/access/requests/${request.id}/reject`, { body: { ...north, reason: secret } }],
  ['POST', '/access/grants/find', { body: { ...north, who: 'ada@clinic.example', role: 'clinician' } }],
  ['POST', `/access/grants/${grantId}/end`, { body: north }],
  ['GET', '/access/policies', { query: 'tenant=north' }],
  ['GET', '/access/policy', { query: 'tenant=north' }],
  ['POST', '/access/explanations', { body: { ...north, who: id, action: 'read', type: 'Patient', id: patient } }],
  ['GET', '/access/break-glass', { query: 'tenant=north' }],
  ['GET', '/access/reviews', { query: 'tenant=north' }],
];

test('nothing that people wrote, and no patient, is told by any act', async () => {
  for (const [method, path, sent] of everything) {
    const { told } = await act(houseOf().house, method, path, sent);
    assert.ok(!told.includes(secret), path);
    assert.ok(!told.includes(patient), path);
  }
  // The same look does find a reason that is there.
  assert.ok(JSON.stringify(request).includes(secret) && JSON.stringify(request).includes(patient));
});

test('each act says its action and its tenant; who is meant stands in the ledger by id', async () => {
  const done = await Promise.all(everything.map(([method, path, sent]) => act(houseOf().house, method, path, sent)));
  assert.deepEqual(
    done.map(({ action, type, tenant }) => `${action} ${type} ${tenant}`),
    [
      'access-request-list AccessRequest 2',
      'access-bootstrap AccessRequest 2',
      'access-bootstrap AccessRequest 2',
      'grant-list Grant 2',
      'grant-end Grant 2',
      'policy-list Policy 2',
      'policy-read Policy 2',
      'access-explain Explanation 2',
      'break-glass-list Grant 2',
      'review-list Review 2',
    ],
  );
  assert.deepEqual(done[1]?.targets, [
    { type: 'AccessRequest', id: request.id },
    { type: 'Account', id },
    { type: 'Grant', id: grantId },
  ]);
  assert.deepEqual(done[4]?.targets?.[0], { type: 'Grant', id: grantId });
  for (const { targets = [] } of done) assert.ok(!JSON.stringify(targets).includes('@'));
});

test('requests are decided as the operator, and grants ended as the operator', async () => {
  const { house, calls } = houseOf();
  await act(house, 'POST', `/access/requests/${request.id}/reject`, {
    body: { ...north, reason: 'Asked by mistake.' },
  });
  await act(house, 'POST', `/access/grants/${grantId}/end`, { body: north });
  await act(house, 'GET', '/access/requests', { query: `tenant=north&state=lapsed&after=${id}` });
  assert.deepEqual(calls, [
    ['decide', 2, request.id, 'reject', 'Asked by mistake.'],
    ['end', 2, grantId, 'operator', 'ended'],
    ['requests', 2, { state: 'lapsed', count: 200, after: id }],
  ]);
  await assert.rejects(act(house, 'GET', '/access/requests', { query: 'tenant=north&state=x' }), { kind: 'invalid' });
  await assert.rejects(act(house, 'GET', '/access/requests', { query: 'tenant=south' }), { kind: 'missing' });
  await assert.rejects(act(house, 'POST', '/access/grants/x/end', { body: north }), { kind: 'missing' });
  await assert.rejects(act(house, 'POST', '/access/grants/find', { body: { ...north, who: 'bob' } }), {
    kind: 'missing',
  });
});

test('a refusal comes as the services word it', async () => {
  const { house } = houseOf();
  const words = 'Somebody of the tenant may decide this: then the operator does not.';
  (house.governance.requests as { decideAsOperator: unknown }).decideAsOperator = () =>
    Promise.reject(fault('forbidden', words));
  await assert.rejects(act(house, 'POST', `/access/requests/${request.id}/approve`, { body: north }), {
    kind: 'forbidden',
    message: words,
  });
});

test('a policy by its number, the one in force without, and none that there is not', async () => {
  const { house } = houseOf();
  const read = async (query: string) =>
    (await act(house, 'GET', '/access/policy', { query })).result as { version: number };
  assert.equal((await read('tenant=north')).version, 1);
  assert.equal((await read('tenant=north&version=0')).version, 0);
  for (const version of ['2', '-1', 'x', '1.5', '']) {
    const asked = act(house, 'GET', '/access/policy', { query: `tenant=north&version=${version || 'NaN'}` });
    await assert.rejects(asked, { kind: 'missing' }, version);
  }
});

test('of a type the whole trace is told; of one resource only that it is open, and by what', async () => {
  const explain = async (house: House, more: object) =>
    (await act(house, 'POST', '/access/explanations', { body: { ...north, action: 'read', type: 'Patient', ...more } }))
      .result as Record<string, unknown>;
  const { house, calls } = houseOf();
  const ofType = await explain(house, { who: 'ada@clinic.example' });
  assert.equal((ofType.rules as unknown[]).length, 1);
  assert.deepEqual(ofType.granted_by, [{ id: boss, login: 'boss@clinic.example' }]);
  const [asked] = calls as [[string, { by: { kind: string }; account: string }]];
  assert.deepEqual([asked[1].by.kind, asked[1].account], ['operator', id]);
  const ofOne = await explain(house, { who: id, id: patient });
  assert.equal('rules' in ofOne || 'consent' in ofOne || 'patients' in ofOne, false);
  assert.deepEqual([ofOne.permit, ofOne.rule], [true, 'r']);
  // Why it is closed would tell what it bears: denied and not there are one answer.
  const closed = houseOf({ permit: false }).house;
  await assert.rejects(explain(closed, { who: id, id: patient }), { kind: 'missing' });
  assert.equal((await explain(closed, { who: id })).permit, false);
  for (const wrong of [{}, { who: id, client: id }, { who: id, type: 'patient' }, { who: id, action: 'Read it' }]) {
    await assert.rejects(explain(house, wrong), { kind: 'invalid' });
  }
});

test('who can see: by ids; nobody’s patient is missing', async () => {
  const { house } = houseOf();
  const { result, targets } = await act(house, 'GET', `/access/patients/${patient}/viewers`, { query: 'tenant=north' });
  assert.deepEqual(result, { viewers: [{ kind: 'account', id, until: '2026-11-22T12:00:00.000Z' }] });
  assert.deepEqual(targets, [{ type: 'Patient', id: patient }]);
  for (const other of [newId(), 'x'])
    await assert.rejects(act(house, 'GET', `/access/patients/${other}/viewers`, { query: 'tenant=north' }), {
      kind: 'missing',
    });
});

test('an emergency is overdue from the moment on that its review is due', async () => {
  const { result } = await act(houseOf().house, 'GET', '/access/break-glass', { query: 'tenant=north' });
  const { uses } = result as { uses: { state: string }[] };
  assert.deepEqual(
    uses.map(({ state }) => state),
    ['waiting', 'overdue', 'reviewed'],
  );
});

test('a policy is checked as the server would, without one', () => {
  assert.deepEqual(checkPolicy(housePolicy), []);
  const { administrator, ...roles } = housePolicy.roles;
  const weaker = { ...housePolicy, roles: { ...roles, administrator: { ...administrator, approvals: 1 } } };
  assert.deepEqual(
    checkPolicy(weaker).map(({ at }) => at),
    ['/roles/administrator/approvals'],
  );
  assert.ok(checkPolicy([]).length > 0);
});
