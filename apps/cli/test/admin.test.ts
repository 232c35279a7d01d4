import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run } from '../run.ts';
import { fakeServer } from './fake-server.ts';
import { keeping } from './terminal.ts';

interface Asked {
  readonly line: string;
  readonly body: Record<string, unknown>;
}

/** An admin socket that answers what `answers` holds for `METHOD /path`; far away when `far`. */
async function admin(t: TestContext, answers: Record<string, object>, far = false) {
  const data = await mkdtemp(join(tmpdir(), 'safeguard-cli-'));
  await mkdir(join(data, 'run'));
  const path = far ? join(data, 'elsewhere.sock') : join(data, 'run', 'admin.sock');
  if (far) await writeFile(join(data, 'run', 'admin.path'), `${path}\n`);
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const line = `${request.method} ${request.url}`;
    asked.push({ line, body: text === '' ? {} : JSON.parse(text) });
    const found = answers[line];
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? { title: 'Not found', detail: 'No such tenant', status: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    return rm(data, { recursive: true });
  });
  const safeguard = async (...args: string[]) => {
    const terminal = keeping();
    return { status: await run([...args, '--data', data], terminal), ...terminal.said };
  };
  return { safeguard, asked };
}

const credentials = { client_id: 'c1', client_secret: 's3cret', token_url: 'https://localhost:8443/oauth2/token' };

test('client create sends what was asked for and prints the three values', async (t) => {
  const { safeguard, asked } = await admin(t, { 'POST /clients': credentials }, true);
  const line = [
    'client',
    'create',
    'importer',
    '--scopes',
    'system/*.cruds,system/Patient.r',
    '--view',
    'deidentified',
  ];
  const plain = await safeguard(...line, '--tenant', 'north');
  assert.equal(plain.status, 0);
  assert.match(plain.out, /client_id +c1\nclient_secret +s3cret\ntoken_url +https:/);
  assert.deepEqual(asked[0]?.body, {
    name: 'importer',
    tenant: 'north',
    scopes: ['system/*.cruds', 'system/Patient.r'],
    view: 'deidentified',
  });
  assert.deepEqual(JSON.parse((await safeguard(...line, '--json')).out), credentials);
});

test('lists, revoking, tenants, tokens, rotation and destruction', async (t) => {
  const made = { id: 2, name: 'north', created_at: 0 };
  const client = {
    client_id: 'c1',
    name: 'n',
    tenant: 1,
    scopes: ['system/*.rs'],
    view: 'full',
    revoked_at: 5,
    created_at: 0,
  };
  const { safeguard, asked } = await admin(t, {
    'GET /clients?tenant=north%20two': { clients: [client] },
    'DELETE /clients/c%2F1': {},
    'POST /tenants': made,
    'GET /tenants': { tenants: [made] },
    'POST /tokens': { access_token: 'tok', base: 'https://localhost:8443/fhir/R4', ca: null, client_id: 'c' },
    'POST /keys/rotate': { version: 2 },
    'POST /patients/p1/destroy': { patient: 'p1', keys: 3, destroyed_at: 0, backups_until: 86_400_000 },
  });
  assert.match((await safeguard('client', 'list', '--tenant', 'north two')).out, /c1 +1 +n +revoked +system\/\*\.rs/);
  assert.equal((await safeguard('client', 'revoke', 'c/1')).out, 'revoked\n');
  assert.match((await safeguard('tenant', 'create', 'north')).out, /2 +north/);
  assert.deepEqual(JSON.parse((await safeguard('tenant', 'list', '--json')).out), [made]);
  assert.equal((await safeguard('token', '--scopes', 'system/*.rs')).out, 'tok\n');
  assert.equal((await safeguard('keys', 'rotate')).out, 'rotated\n');
  assert.match((await safeguard('patient', 'destroy', 'p1', '--yes')).out, /until 1970-01-02/);
  assert.deepEqual(asked.at(-1)?.body, {});
});

test('the instance’s own words of refusal are told, exit 1', async (t) => {
  const { safeguard } = await admin(t, {});
  const { status, err } = await safeguard('keys', 'rotate', '--tenant', 'x');
  assert.deepEqual([status, err], [1, 'safeguard: No such tenant\n']);
});

test('demo sends the facilities first and prints commands with a real id', async (t) => {
  const server = await fakeServer((sent) =>
    sent.entry === undefined ? { status: 200, body: { entry: [] } } : undefined,
  );
  t.after(server.close);
  const token = { access_token: 'tok', base: server.base, ca: '/it’s/ca.pem', client_id: 'run1' };
  const { safeguard, asked } = await admin(t, { 'POST /tokens': token, 'DELETE /clients/run1': {} });
  const { status, out, err } = await safeguard('demo', '--count', '3', '--seed', 'x');
  assert.equal(status, 0, err);
  const [asks, facilities, ...patients] = server.sent;
  assert.equal(asks?.entry, undefined);
  assert.ok(facilities?.entry.every(({ request }) => request.ifNoneExist !== undefined));
  assert.equal(patients.length, 3);
  assert.match(out, /3 synthetic patients/);
  assert.match(out, /curl -s --cacert '\/it’s\/ca\.pem' -H "Authorization: Bearer \$TOKEN" http:\S+\/Patient\/id-0\n/);
  assert.deepEqual(
    asked.map(({ line }) => line),
    ['POST /tokens', 'DELETE /clients/run1'],
    'the client of the run is revoked',
  );
});

test('demo with a seed that is there sends nothing', async (t) => {
  const there = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', id: 'known' } }] };
  const server = await fakeServer(() => ({ status: 200, body: there }));
  t.after(server.close);
  const token = { access_token: 'tok', base: server.base, ca: null, client_id: 'run1' };
  const { safeguard } = await admin(t, { 'POST /tokens': token, 'DELETE /clients/run1': {} });
  const { status, out, err } = await safeguard('demo');
  assert.equal(status, 0);
  assert.equal(server.sent.length, 1);
  assert.match(err, /there already/);
  assert.match(out, /Patient\/known/);
});
