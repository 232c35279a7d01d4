import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Databases, openDatabases } from '../harness/inside.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { cliJson, firstAdministrator, invite, type Person, signIn } from '../harness/people.ts';
import { grantRole } from '../harness/people-grants.ts';
import { approveAll, asking, type ShownControl, soundStart } from '../harness/programme.ts';

let safeguard: Instance;
let databases: Databases;
let ada: Person;
let security: Person;
before(async () => {
  safeguard = await start(soundStart());
  databases = await openDatabases(safeguard.data);
  ada = await firstAdministrator(safeguard);
  security = await invite(safeguard, { login: 'sam@clinic.example', name: 'Sam Secure', scopes: 'user/*.rs' });
  await grantRole(safeguard, security, { role: 'security-officer' });
});
after(async () => {
  await databases?.close();
  await safeguard?.stop();
  if (safeguard !== undefined) await removeData(safeguard.data);
});

const program = join(import.meta.dirname, '..', '..', 'program');
const name = 'sessions.idle_minutes';
const policy = 'workstation';

interface Parameter {
  readonly name: string;
  readonly value: number;
  readonly source: string;
  readonly running: number;
}
async function shown(): Promise<Parameter | undefined> {
  const { items } = await cliJson<{ items: Parameter[] }>(safeguard, 'controls', 'parameters');
  return items.find((one) => one.name === name);
}

/** The status of somebody's next request, whose session was last used so many minutes ago. */
async function after12Minutes(person: Person): Promise<number> {
  await databases.sql(
    'identity',
    "update identity.session set last_used_at = last_used_at - interval '12 minutes' where account = $1",
    [person.id],
  );
  // What a process knows of a session counts for a second.
  await wait(1_200);
  return (await person.jar.api('GET', '/me')).status;
}

const newDraft = async (jar: Person['jar'], markdown: string): Promise<number> => {
  const drafted = await jar.api('POST', `/programme/policies/${policy}/versions`, { markdown });
  assert.equal(drafted.status, 201, drafted.text);
  return drafted.json.number;
};

async function publish(number: number): Promise<void> {
  const task = await security.jar.api('POST', `/programme/policies/${policy}/versions/${number}/submission`, {});
  assert.equal(task.status, 201, task.text);
  await approveAll([ada], { items: [task.json] });
}

const parametersCheck = 'programme.parameters';

test('a number of the programme: text, setting and behaviour', async (t) => {
  const { run } = asking(security);
  await publish(1);
  await t.test('before: 15 minutes, in the text and in what the server does', async () => {
    const text = (await ada.jar.api('GET', `/programme/policies/${policy}`)).text;
    assert.match(text, /15 minutes/);
    assert.equal(await after12Minutes(security), 200);
    assert.deepEqual([(await run(parametersCheck))[0]?.result], ['met']);
  });

  await t.test('nobody changes it alone', async () => {
    const why = 'Screens in the new ward stand where visitors pass by.';
    const wanted = { name, value: 10, why };
    const tooLong = await security.jar.api('POST', '/programme/parameters', { ...wanted, value: 16 });
    assert.equal(tooLong.status, 400, tooLong.text);
    const proposed = await security.jar.api('POST', '/programme/parameters', wanted);
    assert.equal(proposed.status, 201, proposed.text);
    const decide = (jar: Person['jar']) =>
      jar.api('POST', `/programme/tasks/${proposed.json.id}/decision`, { verdict: 'approve' });
    assert.equal((await decide(security.jar)).status, 403, 'the proposer');
    assert.deepEqual([(await shown())?.value, (await shown())?.source], [15, 'file']);
    const approved = await decide(ada.jar);
    assert.equal(approved.status, 200, approved.text);
    assert.equal(approved.json.state, 'done');
  });

  await t.test('approved: the running server logs off after the new time', async () => {
    const { value, source, running } = (await shown()) ?? {};
    assert.deepEqual([value, source, running], [10, 'approved', 600]);
    assert.equal(await after12Minutes(security), 401);
    const jar = await signIn(safeguard, security);
    security = { ...security, jar };
    assert.deepEqual((await asking(security).run('identity.idle-logoff'))[0]?.result, 'met');
  });

  await t.test('the policy says the old number: found by nobody asking, until it is published again', async () => {
    const officer = asking(security);
    for (const end = Date.now() + 20_000; Date.now() < end; await wait(300)) {
      if ((await officer.control('164.306-c')).checks.some((one) => /not what the programme says/.test(one.because)))
        break;
    }
    const found = (await officer.control('164.306-c')).checks.find((one) => one.check === parametersCheck);
    assert.equal(found?.state, 'unmet');
    const [again] = await officer.run(parametersCheck);
    assert.deepEqual(again?.exceptions, [`${policy}: was published with another ${name}`]);
    const old = (await ada.jar.api('GET', `/programme/policies/${policy}`)).text;
    assert.match(old, /15 minutes/, 'a published text stays what was approved');
    const file = await readFile(join(program, 'policies', `${policy}.md`), 'utf8');
    await publish(await newDraft(security.jar, `${file}\nScreens of the new ward were considered.\n`));
    assert.match((await ada.jar.api('GET', `/programme/policies/${policy}`)).text, /10 minutes/);
    assert.equal((await officer.run(parametersCheck))[0]?.result, 'met');
  });
});

test('a setting that differs from the programme is told, with both numbers', async () => {
  await safeguard.stop();
  const { data } = safeguard;
  safeguard = await start(soundStart({ data, env: { SAFEGUARD_SESSIONS_IDLE_S: '900' } }));
  const { stdout } = await safeguard.cli('controls', 'run', parametersCheck);
  assert.match(stdout, /sessions\.idle_minutes: the programme says 600, sessions\.idle_s is 900/);
  const is = await cliJson<ShownControl>(safeguard, 'controls', 'show', '164.306-c');
  assert.equal(is.checks.find((one) => one.check === parametersCheck)?.state, 'unmet');
  assert.deepEqual([(await shown())?.value, (await shown())?.running], [10, 900]);
});
