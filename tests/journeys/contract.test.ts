import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { safeguardCommand as cli, type Instance, removeData, run, start } from '../harness/instance.ts';

let safeguard: Instance;

before(async () => {
  safeguard = await start();
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

test('up: says ready, writes the ready file, keeps its secrets to itself', () => {
  assert.match(safeguard.output(), new RegExp(`^ready ${safeguard.url}$`, 'm'));
  assert.match(safeguard.url, /^https:\/\/localhost:\d+$/);
  assert.equal(safeguard.pid, safeguard.process.pid);
  assert.ok(new X509Certificate(readFileSync(safeguard.ca ?? '')).ca);
  const mode = (...path: string[]): number => statSync(join(safeguard.data, ...path)).mode & 0o777;
  assert.equal(mode('keys'), 0o700);
  assert.equal(mode('instance.json'), 0o600);
  assert.equal(mode('run'), 0o700);
  assert.equal(mode('run', 'admin.sock'), 0o600);
});

test('health: it lives, it can serve and audit, metrics are for loopback', async () => {
  assert.equal((await safeguard.request({ path: '/healthz' })).status, 200);
  assert.equal((await safeguard.request({ path: '/readyz' })).status, 200);
  const metrics = await safeguard.request({ path: '/metrics' });
  assert.equal(metrics.status, 200);
  assert.match(metrics.text, /http_request/);
});

test('client create prints the three things a backend needs, and they work', async () => {
  const made = await safeguard.cli('client', 'create', 'lab', '--scopes', 'system/Patient.cruds', '--json');
  assert.equal(made.code, 0, made.stderr);
  const { client_id, client_secret, token_url } = JSON.parse(made.stdout);
  const answer = await safeguard.request({
    method: 'POST',
    path: token_url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }).toString(),
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.token_type.toLowerCase(), 'bearer');
  const token = answer.json.access_token;
  const found = await safeguard.request({ path: '/fhir/R4/Patient', token });
  assert.equal(found.json.resourceType, 'Bundle');
  const denied = await safeguard.request({ path: '/fhir/R4/Observation', token });
  assert.equal(denied.status, 403);
  assert.equal(denied.json.resourceType, 'OperationOutcome');
  assert.equal((await safeguard.cli('client', 'revoke', client_id)).code, 0);
  assert.equal((await safeguard.request({ path: '/fhir/R4/Patient', token })).status, 401);
});

test('smart-configuration names the endpoints that are there', async () => {
  const answer = await safeguard.request({ path: '/fhir/R4/.well-known/smart-configuration' });
  assert.equal(answer.json.token_endpoint, `${safeguard.url}/oauth2/token`);
});

test('demo fills the instance with patients, and every command of its tour works as printed', async () => {
  const demo = await safeguard.cli('demo', '--count', '3');
  assert.equal(demo.code, 0, demo.stderr);
  const token = await safeguard.token();
  const counted = await safeguard.request({ path: '/fhir/R4/Patient?_summary=count', token });
  assert.equal(counted.json.total, 3);
  const commands = demo.stdout.split('\n').filter((line) => /^ {3}\S/.test(line));
  assert.ok(commands.length >= 8, demo.stdout);
  const told = await run(
    'bash',
    ['-euc', commands.map((line) => line.replaceAll('npx safeguard', cli)).join('\necho\n')],
    {
      SAFEGUARD_DATA: safeguard.data,
    },
  );
  assert.equal(told.code, 0, told.stderr + told.stdout);
  assert.match(told.stdout, /"resourceType":"Patient"/);
  assert.match(told.stdout, /"code":"login"/);
  assert.match(told.stdout, /SUBSETTED/);
});

test('load refuses what is not valid, says so, and ends with 1', async () => {
  const file = join(safeguard.data, 'wrong.json');
  const { writeFileSync } = await import('node:fs');
  const entry = [{ resource: { resourceType: 'Patient', gender: 'x' }, request: { method: 'POST', url: 'Patient' } }];
  writeFileSync(file, JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
  const loaded = await safeguard.cli('load', file);
  assert.equal(loaded.code, 1);
  assert.match(loaded.stdout + loaded.stderr, /gender/);
});

test('ledger verify: everything so far stands in the log', async () => {
  const verified = await safeguard.cli('ledger', 'verify', '--json');
  assert.equal(verified.code, 0, verified.stderr);
  const verdict = JSON.parse(verified.stdout);
  assert.equal(verdict.ok, true);
  assert.ok(verdict.entries > 10);
  assert.ok(verdict.checkpoint);
});

test('SIGTERM: exit 0, the ready file is gone, and the next start finds everything', async () => {
  const token = await safeguard.token();
  const patient = { resourceType: 'Patient', name: [{ family: 'Bleibt' }] };
  const made = await safeguard.request({ method: 'POST', path: '/fhir/R4/Patient', token, body: patient });
  assert.equal(await safeguard.stop(), 0);
  assert.equal(existsSync(join(safeguard.data, 'ready.json')), false);
  safeguard = await start({ data: safeguard.data });
  const again = await safeguard.token();
  const read = await safeguard.request({ path: `/fhir/R4/Patient/${made.json.id}`, token: again });
  assert.deepEqual(read.json, made.json);
});
