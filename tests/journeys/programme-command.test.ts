import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { cliJson, firstAdministrator, invite } from '../harness/people.ts';
import type { ShownControl } from '../harness/programme.ts';

let safeguard: Instance;
before(async () => {
  safeguard = await start();
});
after(async () => {
  await safeguard?.stop();
  if (safeguard !== undefined) await removeData(safeguard.data);
});

const ok = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await safeguard.cli(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
};
const wrong = async (says: RegExp, ...args: string[]): Promise<void> => {
  const { code, stdout, stderr } = await safeguard.cli(...args);
  assert.ok(code === 1 || code === 2, `${args.join(' ')}: ${code}`);
  assert.equal(stdout, '');
  assert.match(stderr, says);
  assert.doesNotMatch(stderr, /\bat .+:\d+:\d+|node:|Error\b/, 'nothing of the inside');
};

test('controls: every one with its state, in a table and as JSON; some of them', async () => {
  const all = await ok('controls');
  assert.match(all, /^164\.312-a-2-iv +A +unmet +/m);
  assert.match(all, /^164\.306-a-2 +unknown +/m);
  assert.match(all, /\d+ unmet, \d+ unknown/);
  const { controls, counts } = await cliJson<{ controls: ShownControl[]; counts: Record<string, number> }>(
    safeguard,
    'controls',
  );
  assert.ok(controls.length > 130, `${controls.length}`);
  assert.equal(
    Object.values(counts).reduce((sum, n) => sum + n, 0),
    controls.length,
  );
  const unmet = await cliJson<{ controls: ShownControl[] }>(safeguard, 'controls', '--state', 'unmet');
  assert.ok(unmet.controls.length > 0 && unmet.controls.every(({ state }) => state === 'unmet'));
  assert.equal((await safeguard.cli('controls', '--strict')).code, 1, 'for a pipeline');
});

test('controls run: some checks with what they saw; an unmet one is exit status 1 and says what to do', async () => {
  const met = await ok('controls', 'run', 'store.durable', 'http.limits');
  assert.match(met, /^met +store\.durable +\(4\)\n +In sessions of all 4 roles/m);
  assert.match(met, /2 of 2 checks met/);
  const { code, stdout } = await safeguard.cli('controls', 'run', 'operations.backup-recent');
  assert.equal(code, 1);
  assert.match(stdout, /^unmet +operations\.backup-recent/m);
  assert.match(stdout, /To do: Run a backup tool that leaves receipts/);
  assert.match(stdout, /0 of 1 checks met/);
});

test('controls show: by id or citation, now and at a moment before', async () => {
  const before = new Date(Date.now() - 3_600_000).toISOString();
  const one = await ok('controls', 'show', '164.306-a-2');
  assert.match(one, /^45 CFR 164\.306\(a\)\(2\) /);
  assert.match(one, /^state +unknown/m);
  assert.match(one, /^http\.limits +met +\d+ requests/m);
  assert.match(one, /^operations\.patch-level +unknown +There is no evidence yet/m);
  const byCitation = await ok('controls', 'show', '45 CFR 164.306(a)(2)');
  assert.equal(byCitation, one);
  const then = await ok('controls', 'show', '164.306-a-2', '--at', before);
  assert.match(then, /^http\.limits +unknown/m);
});

test('controls checks and parameters: what is asked, and every number', async () => {
  const checks = await ok('controls', 'checks');
  assert.match(checks, /^operations\.backup-recent +900 s +reported +/m);
  assert.match(checks, /^identity\.idle-logoff +3600 s +performed +/m);
  const parameters = await ok('controls', 'parameters');
  assert.match(parameters, /^sessions\.idle_minutes +15 +minutes +sessions\.idle_s +900/m);
  assert.match(parameters, /^backups\.interval_hours +24 +hours/m);
});

interface Task {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
}

test('policies: adopted at the start, handed in; nobody approves what they handed in', async () => {
  const drafts = await ok('policies');
  assert.equal([...drafts.matchAll(/^[a-z-]+ +1 +draft /gm)].length, 27, drafts);
  assert.match(await ok('policies', 'adopt'), /^0 texts are drafts now/);
  assert.match(await ok('policies', 'submit', 'breach', '--note', 'For the board.'), /^1 drafts wait for approval/);
  const { items } = await cliJson<{ items: Task[] }>(safeguard, 'tasks');
  const [task] = items;
  assert.deepEqual([items.length, task?.kind, task?.state], [1, 'policy-approval', 'submitted']);
  assert.match(await ok('tasks'), new RegExp(`^${task?.id} +policy-approval +submitted +0/\\d `, 'm'));
  await wrong(/Nobody decides what they opened/, 'tasks', 'decide', `${task?.id}`, '--verdict', 'approve');
  assert.match(await ok('policies'), /^breach +1 +in-review /m);
});

test('decisions propose: a reasoned default for each addressable one, once', async () => {
  assert.match(await ok('decisions', 'propose'), /^22 decisions wait for approval/);
  assert.match(await ok('decisions', 'propose'), /^0 decisions wait/);
  const { items } = await cliJson<{ items: Task[] }>(safeguard, 'tasks');
  assert.equal(items.filter(({ kind }) => kind === 'decision').length, 22);
});

test('the operator decides what the only administrator handed in; once somebody else may, no longer', async () => {
  const ada = await firstAdministrator(safeguard);
  const submit = async (policy: string): Promise<string> => {
    const task = await ada.jar.api('POST', `/programme/policies/${policy}/versions/1/submission`, {});
    assert.equal(task.status, 201, task.text);
    return task.json.id;
  };
  const first = await submit('auditing');
  await wrong(/note/, 'tasks', 'decide', first, '--verdict', 'return');
  assert.match(await ok('tasks', 'decide', first, '--verdict', 'approve'), /: done, 1 of 1\./);
  assert.match(await ok('policies'), /^auditing +1 +published +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d /m);
  await wrong(/\w/, 'tasks', 'decide', first, '--verdict', 'approve');
  assert.ok(!(await ok('tasks')).includes(first));
  assert.match(await ok('tasks', '--all'), new RegExp(`^${first} .* done `, 'm'));
  const second = await submit('roles');
  await invite(safeguard, { login: 'otto@clinic.example', name: 'Otto Other', roles: 'administrator' });
  await wrong(/Somebody else may decide this/, 'tasks', 'decide', second, '--verdict', 'approve');
});

test('what cannot be is refused in words, before anything is done', async () => {
  await wrong(/no such control/i, 'controls', 'show', '164.999');
  await wrong(/No such check/, 'controls', 'run', 'http.tsl');
  await wrong(/at: expected a date/, 'controls', '--at', 'yesterday');
  await wrong(/at: expected a date/, 'controls', '--at', '2999-01-01');
  await wrong(/usage|control/i, 'controls', 'show');
  await wrong(/verdict/, 'tasks', 'decide', '00000000-0000-4000-8000-000000000000', '--verdict', 'maybe');
  await wrong(/no such|nothing|not there/i, 'tasks', 'decide', '00000000-0000-4000-8000-000000000000');
  await wrong(/option|unknown/i, 'controls', '--met');
  await wrong(/Not every policy that was named has a draft/, 'policies', 'submit', 'no-such-policy');
});
