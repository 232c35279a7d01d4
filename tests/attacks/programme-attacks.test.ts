/**
 * Attacks on the compliance programme of a whole server: approvals of one's own, customers who look at the house,
 * words that must not travel, floods, the tenants of the live checks, the operator, and a programme that is hostile.
 */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newClient } from '../harness/clients.ts';
import { type IdentityHouse, identityHouse } from '../harness/identity-house.ts';
import { removeData, start } from '../harness/instance.ts';
import { newApp, tokensFor } from '../harness/oauth-app.ts';
import { cliJson, firstAdministrator, invite, type Person, signIn } from '../harness/people.ts';
import { leave, receiptOf } from '../harness/programme-receipts.ts';
import { grantBy } from './matrix/askers.ts';

let house: IdentityHouse;
let ada: Person;
let security: Person;
let privacy: Person;
let worker: Person;
let customer: Person;

const day_ms = 86_400_000;
const why = 'The wards asked for it, and it was weighed with care.';
const canary = 'Canary-Rosenkranz';
const probes = ['safeguard-checks-first', 'safeguard-checks-second'] as const;

before(async () => {
  house = await identityHouse();
  const { safeguard } = house;
  ada = await firstAdministrator(safeguard);
  [security, privacy, worker] = (await Promise.all(
    ['sam', 'pia', 'wim'].map((name) => invite(safeguard, { login: `${name}@default.example`, scopes: 'user/*.rs' })),
  )) as [Person, Person, Person];
  await grantBy(ada, security, { role: 'security-officer', for_ms: 5 * day_ms });
  await grantBy(ada, privacy, { role: 'privacy-officer', for_ms: 5 * day_ms });
  await cliJson(safeguard, 'tenant', 'create', 'customer');
  customer = await firstAdministrator(safeguard, { tenant: 'customer', login: 'boss@customer.example' });
});
after(() => house?.remove());

const api = ({ jar }: Person, method: string, path: string, body?: object) =>
  jar.api(method, `/programme${path}`, ...(body === undefined ? [] : [body]));
const approve = { verdict: 'approve' };
const decide = (who: Person, id: string) => api(who, 'POST', `/tasks/${id}/decision`, approve);

async function propose(name: string, value: number, by = security): Promise<string> {
  const made = await api(by, 'POST', '/parameters', { name, value, why });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}

test('nobody approves their own: in a second session, through an app, all at once', async () => {
  const { safeguard } = house;
  const id = await propose('access.review_days', 60);
  const again = { ...security, jar: await signIn(safeguard, security) };
  assert.equal((await decide(security, id)).status, 403);
  assert.equal((await decide(again, id)).status, 403);
  const app = await newApp(safeguard, { scopes: 'user/*.rs safeguard/programme' });
  const { access_token: token } = await tokensFor(security.jar, app, { scope: 'openid safeguard/programme' });
  const path = `/api/v1/programme/tasks/${id}`;
  const headers = { 'content-type': 'application/json' };
  assert.equal((await safeguard.request({ path, token })).status, 200, 'the app reads with its scope');
  const byApp = await safeguard.request({ method: 'POST', path: `${path}/decision`, token, headers, body: approve });
  assert.equal(byApp.status, 403, byApp.text);
  const plain = await newApp(safeguard, { scopes: 'user/*.rs' });
  const { access_token: none } = await tokensFor(privacy.jar, plain, { scope: 'openid user/*.rs' });
  const without = { method: 'POST', path: `${path}/decision`, token: none, headers, body: approve };
  assert.equal((await safeguard.request(without)).status, 403, 'another officer, by an app without the scope');
  const flood = await Promise.all([security, again, security, again, worker].map((who) => decide(who, id)));
  assert.ok(flood.every(({ status }) => [403, 404].includes(status)));
  const raced = await Promise.all([privacy, privacy, ada, ada].map((who) => decide(who, id)));
  assert.deepEqual(raced.map(({ status }) => status).sort(), [200, 409, 409, 409], 'negative control: others do, once');
});

test('who lost the role approves nothing, with the session that had it', async () => {
  const late = await invite(house.safeguard, { login: 'late@default.example', scopes: 'user/*.rs' });
  const grant = await grantBy(ada, late, { role: 'privacy-officer', for_ms: day_ms });
  const [first, second] = [await propose('access.review_days', 30), await propose('signin.inactive_days', 60)];
  assert.equal((await decide(late, first)).status, 200, 'negative control');
  assert.equal((await ada.jar.api('POST', `/access/grants/${grant}/end`)).status, 200);
  const refused = await decide(late, second);
  assert.ok([403, 404].includes(refused.status), refused.text);
  await house.makeStale(privacy);
  assert.equal((await decide(privacy, second)).status, 401, 'a factor of long ago');
  privacy = { ...privacy, jar: await signIn(house.safeguard, privacy) };
  assert.equal((await decide(privacy, second)).status, 200);
});

test('the operator decides nothing that somebody else may', async () => {
  const id = await propose('policies.review_months', 6);
  for (const verdict of ['approve', 'reject']) {
    const { code } = await house.safeguard.cli(
      'tasks',
      'decide',
      id,
      '--verdict',
      verdict,
      '--note',
      'By the machine.',
    );
    assert.notEqual(code, 0, verdict);
  }
  assert.equal((await api(security, 'GET', `/tasks/${id}`)).json.state, 'submitted');
});

test('a customer sees nothing of the house, by API and by page', async () => {
  const tasks = (await api(security, 'GET', '/tasks')).json.items as { id: string }[];
  assert.ok(tasks.length > 2);
  const ids = [...[ada, security, privacy, worker].map(({ id }) => id), ...tasks.map(({ id }) => id)];
  const { token } = await newClient(house.safeguard, {
    tenant: 'customer',
    scopes: 'system/*.cruds safeguard/programme',
  });
  const paths = [
    ...['/posture', '/controls', '/controls/164.312-a-1', '/checks/http.tls/evidence', '/parameters', '/decisions'],
    ...['/waivers', '/tasks', '/acknowledgements', '/policies', '/reports', '/report-requests', '/tasks.ics'],
    ...tasks.slice(0, 3).map(({ id }) => `/tasks/${id}`),
  ];
  for (const path of paths) {
    const answers = [
      await api(customer, 'GET', path),
      await house.safeguard.request({ path: `/api/v1/programme${path}`, token }),
      await customer.jar.go(`/programme${path.replace('.ics', '')}`),
    ];
    for (const { status, text } of answers) {
      assert.ok(status < 500, `${path}: ${status}`);
      const leaked = ids.filter((id) => text.includes(id) && !path.includes(id));
      assert.deepEqual(leaked, [], `${path}: ${status}`);
    }
  }
  for (const path of ['/posture', '/parameters', '/checks/http.tls/evidence']) {
    assert.equal((await api(customer, 'GET', path)).status, 403, path);
  }
  const acts: readonly (readonly [string, object])[] = [
    ['/checks/run', {}],
    ['/parameters', { name: 'sessions.idle_minutes', value: 10, why }],
    ['/decisions', { control: '164.312-a-2-iv', kind: 'implemented', why, factors: why }],
    [`/tasks/${tasks[0]?.id}/decision`, approve],
    [`/tasks/${tasks[0]?.id}/notes`, { note: 'Let me in.' }],
  ];
  for (const [path, body] of acts) {
    const { status } = await api(customer, 'POST', path, body);
    assert.ok([403, 404].includes(status), `${path}: ${status}`);
  }
});

test('a worker sees no task that is not theirs: reasons and requests name people', async () => {
  const [{ id }] = (await api(security, 'GET', '/tasks')).json.items;
  assert.deepEqual((await api(worker, 'GET', '/tasks')).json.items, []);
  assert.equal((await api(worker, 'GET', `/tasks/${id}`)).status, 404);
  assert.equal((await worker.jar.go(`/programme/tasks/${id}`)).status, 404);
  assert.equal((await api(security, 'GET', `/tasks/${id}`)).status, 200, 'negative control');
});

test('words of people and tools reach no evidence, no public page, no log, no metric', async () => {
  const { safeguard } = house;
  const finding = { id: 'SCAN-1', severity: 'high', found_at: new Date(Date.now() - day_ms).toISOString() };
  await leave(safeguard.data, receiptOf('malware-scan', { tool: canary, findings: [finding] }));
  await leave(safeguard.data, receiptOf('penetration-test'), `${canary} 1950`);
  await leave(safeguard.data, receiptOf('recovery-drill', { tool: canary, note: canary }), 'odd');
  const file = { path: `/uploads/${canary} 1950.tar`, bytes: 1, sha256: '0'.repeat(64) };
  const holds = ['identity', 'clinical', 'ledger', 'keys'];
  await leave(safeguard.data, receiptOf('backup', { holds, files: [file] }));
  const id = await propose('training.renewal_days', 300);
  const note = `It is about ${canary}, room 4.`;
  assert.equal((await api(ada, 'POST', `/tasks/${id}/notes`, { note })).status, 200);
  const { text: own } = await api(security, 'GET', `/tasks/${id}`);
  assert.ok(own.includes(canary), 'negative control: officers read it');
  const ran = await api(security, 'POST', '/checks/run', {});
  assert.equal(ran.status, 200, ran.text);
  assert.ok(ran.json.items.length > 60);
  const posture = await api(security, 'GET', '/posture');
  const calendar = await api(privacy, 'GET', '/tasks.ics');
  const cli = await safeguard.cli('controls', '--json');
  const notices = await privacy.jar.api('GET', '/access/notices');
  const seen = {
    evidence: ran,
    posture,
    calendar,
    notices,
    cli: { text: cli.stdout },
    log: { text: safeguard.output() },
  };
  for (const [name, { text }] of Object.entries(seen)) assert.ok(!text.includes(canary), name);
  for (const path of [
    '/trust',
    '/trust/controls',
    '/trust/reports',
    '/trust.json',
    '/metrics',
    '/api/v1/openapi.json',
  ]) {
    const { text } = await safeguard.request({ path });
    assert.ok(!text.includes(canary) && !text.includes(security.id), path);
  }
  const told = await house.inside.databases.sql('identity', 'select count(*)::int as n from programme.evidence');
  assert.ok(Number(told[0]?.['n']) > 60);
  // At rest the note is sealed, like everything that people write.
  const rows = await house.inside.databases.sql(
    'identity',
    `select t::text as row from programme.step t
    union all select t::text from programme.task t`,
  );
  assert.ok(rows.length > 5 && !JSON.stringify(rows).includes(canary));
});

test('the tenants of the checks are no way in: no name like theirs, no secret, nothing for others', async () => {
  const { safeguard } = house;
  const tenants = await cliJson<{ id: number; name: string }[]>(safeguard, 'tenant', 'list');
  const own = tenants.filter(({ name }) => (probes as readonly string[]).includes(name));
  assert.equal(own.length, 2, 'they were made when the checks ran');
  for (const name of [...probes, 'safeguard-checks-third', 'safeguard-x']) {
    const made = await safeguard.cli('tenant', 'create', name);
    assert.notEqual(made.code, 0, name);
  }
  assert.equal((await safeguard.cli('tenant', 'create', 'safeguards')).code, 0, 'negative control');
  const sql = 'select c.id::text as id, to_jsonb(c)::text as row from identity.client c where c.tenant = any ($1)';
  const clients = await house.inside.databases.sql('identity', sql, [own.map(({ id }) => id)]);
  assert.ok(clients.length >= 2);
  for (const { id } of clients) {
    for (const who of [ada, customer]) {
      for (const [method, path] of [
        ['GET', `/clients/${id}`],
        ['POST', `/clients/${id}/rotation`],
        ['POST', `/clients/${id}/secret`],
        ['DELETE', `/clients/${id}`],
      ] as const) {
        const { status, text } = await who.jar.api(method, path, ...(method === 'POST' ? [{}] : []));
        assert.ok([403, 404, 405].includes(status), `${method} ${path}: ${status} ${text}`);
      }
    }
    assert.ok(!safeguard.output().includes(String(id)), 'not in the log');
    const guess = Buffer.from(`${String(id)}:guess`).toString('base64');
    const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${guess}` };
    const answer = await safeguard.request({
      ...{ method: 'POST', path: '/oauth2/token', headers, body: 'grant_type=client_credentials' },
    });
    assert.equal(answer.status, 401, answer.text);
  }
  const list = await ada.jar.api('GET', '/clients');
  assert.ok(clients.every(({ id }) => !list.text.includes(String(id))));
  // The account that the checks keep there can be signed in to by nobody.
  const [account] = await house.inside.databases.sql(
    'identity',
    'select state from identity.account where tenant = any ($1)',
    [own.map(({ id }) => id)],
  );
  assert.equal(account?.['state'] ?? 'suspended', 'suspended');
});

test('a flood of checks and of looks at states: bounded work, and others are served meanwhile', async () => {
  const { safeguard } = house;
  const count = async (): Promise<number> =>
    Number(
      (await house.inside.databases.sql('identity', 'select count(*)::int as n from programme.evidence'))[0]?.['n'],
    );
  const before_ = await count();
  const checks = ['http.headers', 'store.row-security', 'programme.retention'];
  const flood = Array.from({ length: 100 }, () => api(security, 'POST', '/checks/run', { checks }));
  const looks = Array.from({ length: 30 }, () => api(privacy, 'GET', '/posture'));
  const trust = Array.from({ length: 60 }, () => safeguard.request({ path: '/trust' }));
  const health = await safeguard.request({ path: '/healthz' });
  assert.equal(health.status, 200);
  const token = await safeguard.token('system/*.rs');
  assert.equal(
    (await safeguard.request({ path: '/fhir/R4/Patient?_count=1', token })).status,
    200,
    'others are served',
  );
  const statuses = new Set((await Promise.all([...flood, ...looks])).map(({ status }) => status));
  for (const status of statuses) assert.ok([200, 429, 503].includes(status), `${status}`);
  assert.ok(statuses.has(200));
  assert.ok((await Promise.all(trust)).every(({ status }) => [200, 429].includes(status)));
  // A hundred asked for three; what was under way already was not run again.
  const made = (await count()) - before_;
  assert.ok(made < 290, `${made} pieces of evidence`);
});

test('what stands in the database without the log is forged, and named', async () => {
  const client = await house.inside.databases.as('safeguard_identity', 'identity');
  try {
    await client.query("select set_config('safeguard.tenant', '0', false)");
    const [row] = (await client.query('select shard, index from programme.evidence order by at desc limit 1')).rows;
    const insert = `insert into programme.evidence (id, check_id, at, shard, index)
      values (gen_random_uuid(), $1, $2, $3, $4) returning id`;
    const forged = (await client.query(insert, ['http.tls', Date.now(), row.shard, 9_000_000])).rows[0].id;
    const posture = (await api(security, 'GET', '/posture')).json;
    assert.deepEqual(posture.forged, [forged]);
    for (const text of [
      'delete from programme.evidence',
      'update programme.evidence set at = 1',
      'delete from programme.step',
    ]) {
      await assert.rejects(client.query(text), /permission denied/, text);
    }
    const [kept] = (await api(security, 'POST', '/checks/run', { checks: ['programme.evidence-kept'] })).json.items;
    assert.deepEqual([kept.result, kept.exceptions], ['unmet', [`row ${forged}`]]);
  } finally {
    await client.end();
  }
});

const shipped = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'program');
const nine = (name: string): string => `*${name},`.repeat(9);
const links = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
  (name, at) => `${name}: &${name} [${nine('abcdefg'.charAt(at))}]`,
);
/** A few lines that stand for millions of words. */
const bomb = [`a: &a [${'x,'.repeat(9)}x]`, ...links].join('\n');

const hostile: readonly (readonly [string, RegExp, (top: string) => Promise<void>])[] = [
  ['a YAML bomb', /needs\.yaml:\d+/, (top) => writeFile(join(top, 'needs.yaml'), bomb)],
  ['a link to a secret', /policies\/secret\.md/, (top) => symlink('/etc/shadow', join(top, 'policies', 'secret.md'))],
  ['a folder of another name', /hooks/, (top) => mkdir(join(top, 'hooks')).then(() => undefined)],
  [
    'script in a policy',
    /policies\/roles\.md:\d+/,
    (top) => writeFile(join(top, 'policies', 'roles.md'), '---\ntitle: R\n---\n# R\n\n<script>alert(1)</script>\n'),
  ],
];

for (const [name, says, spoil] of hostile) {
  test(`a server does not start over a programme with ${name}, and says where`, async () => {
    const top = await mkdtemp(join(tmpdir(), 'safeguard-program-'));
    const data = await mkdtemp(join(tmpdir(), 'safeguard-test-'));
    try {
      await cp(shipped, top, { recursive: true });
      await spoil(top);
      const env = { SAFEGUARD_PROGRAMME_DIRECTORY: top };
      await assert.rejects(start({ data, tls: 'off', env }), (error: Error) => {
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /root:|alert\(1\)/);
        return true;
      });
    } finally {
      await rm(top, { recursive: true, force: true });
      await removeData(data);
    }
  });
}
