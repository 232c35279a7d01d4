import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Route } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import type { Actor } from '../../workflow/types.ts';
import { access } from '../policies/world.ts';
import { hostile, openSite, type Site } from './site.ts';

let site: Site;
let [sec, priv, admin, worker, auditor, customer]: Actor[] = [];
before(async () => {
  site = await openSite();
  ({ sec, priv, admin, worker } = site.world);
  auditor = site.world.people.add(['auditor']);
  customer = site.world.people.add(['administrator'], 2);
  await site.world.policies.adopt();
});
after(() => site.close());

const at = ({ path }: Route): string =>
  path.replaceAll(/:(\w+)/g, (_all, name) => (/control|check|policy|parameter/.test(name) ? 'nothing' : newId()));
const why = `Decided by us for good reasons: ${hostile}`;
const escaped = '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;others&quot;';

/** The page of a task that was just opened. */
async function opened(path: string, as: Actor | undefined, fields: Readonly<Record<string, string>>): Promise<string> {
  const { status, to, text } = await site.ask('POST', path, { as, fields });
  assert.equal(status, 303, text);
  return to.replace(/\?.*$/, '');
}
const control = '/programme/controls/164.312-a-2-iv';
const proposed = (as = sec): Promise<string> =>
  opened(`${control}/decision`, as, { kind: 'implemented', why, factors: why });
const withdraw = (path: string, as = sec) =>
  site.ask('POST', `${path}/withdraw`, { as, fields: { 'withdraw-text': 'No longer.' } });

/** What a control of a test opened: the defaults are proposed to whoever is let in. */
async function takeBack(): Promise<void> {
  const { workflow } = site.world;
  for (const { id } of await workflow.list(1, { open: true, count: 200 })) {
    await workflow.withdraw({ tenant: 1, id: 'operator', roles: [] }, id, 'Only a test.');
  }
}

test('who may not is refused at every page, and it is in the log; without the guard they would not be', async () => {
  const open = await site.servePages({ guard: () => undefined });
  assert.ok(site.routes.length > 35);
  for (const route of site.routes) {
    const patient = { as: worker, change: { account: 'patient', within: [newId()] } } as const;
    for (const [asked, expected] of [
      [{}, 401],
      [patient, 403],
      [{ as: admin, change: { assurance: { level: 1, at: site.world.time.now, methods: ['pwd'] } } }, 403],
    ] as const) {
      site.events.length = 0;
      const { status } = await site.ask(route.method, at(route), asked);
      assert.equal(status, expected, `${route.method} ${route.path}`);
      assert.deepEqual([site.events[0]?.outcome, site.events[0]?.action], ['deny', route.action]);
    }
    const through = await open.ask(route.method, at(route), { as: admin });
    assert.notEqual(through.status, 403, `negative control: ${route.method} ${route.path}`);
  }
  await takeBack();
});

test('how the platform stands is for its own officers and auditors; a customer sees what is theirs', async () => {
  const ofHouse = ['', '/controls', '/checks', '/parameters', '/decisions', '/waivers', '/controls/164.312-a-2-iv'];
  for (const path of ofHouse.slice(1)) {
    for (const as of [worker, customer]) {
      assert.equal((await site.ask('GET', `/programme${path}`, { as })).status, 403, path);
    }
    assert.equal((await site.ask('GET', `/programme${path}`, { as: auditor })).status, 200, path);
  }
  for (const path of ['', '/policies', '/acknowledge', '/tasks', '/acknowledgements']) {
    const { status, text } = await site.ask('GET', `/programme${path}`, { as: customer });
    assert.equal(status, 200, path);
    assert.ok(!text.includes('/programme/controls"'), 'and is not led elsewhere');
  }
});

test('a form of another site does nothing; where the check is taken out it does', async () => {
  const careless = await site.servePages({}, (route) => ({ ...route, crossSite: true }));
  for (const route of site.routes.filter(({ method }) => method === 'POST')) {
    const forged = { as: admin, origin: 'https://evil.example' };
    assert.equal((await site.ask('POST', at(route), forged)).status, 403, route.path);
    assert.notEqual((await careless.ask('POST', at(route), forged)).status, 403, `negative control: ${route.path}`);
  }
  await takeBack();
});

test('what people wrote is shown as they wrote it, runs nowhere, and is not in the log', async () => {
  const path = await proposed();
  for (const page of [path, `${path}/decide`, control]) {
    const { text, status } = await site.ask('GET', page, { as: admin });
    assert.equal(status, 200);
    assert.ok(text.includes(escaped) && !text.includes('<script'), page);
  }
  assert.ok(!JSON.stringify(site.events).includes('good reasons'));
  assert.equal((await withdraw(path)).status, 303);
});

test('a decision waits for a factor, a rejection for a reason; nobody decides their own', async () => {
  const path = await proposed();
  const decide = `${path}/decide`;
  const shown = await site.ask('GET', decide, { as: priv, stale: true });
  assert.equal(shown.to, `/sign-in/confirm#${decide}`, 'before the form');
  const sent = await site.ask('POST', decide, { as: priv, stale: true, fields: { verdict: 'approve' } });
  assert.equal(sent.to, `/sign-in/confirm#${decide}`);
  assert.equal(site.events.at(-1)?.outcome, 'deny');
  for (const verdict of ['reject', 'return']) {
    const bare = await site.ask('POST', decide, { as: priv, fields: { verdict } });
    assert.equal(bare.status, 422);
    assert.match(bare.text, /write why/);
  }
  assert.equal((await site.ask('POST', decide, { as: priv, fields: { verdict: 'perhaps' } })).status, 422);
  assert.match((await site.ask('GET', decide, { as: sec })).text, /This is not yours to decide/);
  assert.equal((await site.ask('POST', decide, { as: sec, fields: { verdict: 'approve' } })).status, 403);
  const late = await site.ask('POST', decide, { as: priv, fields: { verdict: 'approve', version: '1' } });
  assert.equal(late.status, 412, 'of an older version of the task than its page showed');
  const done = await site.ask('POST', decide, { as: priv, fields: { verdict: 'approve', version: '2' } });
  assert.equal(done.to, `${path}?done=approve`);
  const page = await site.ask('GET', control, { as: admin });
  assert.match(page.text, /Implemented as it stands/);
  assert.match(page.text, /data-state="unknown"/, 'and it is no more met than before');
});

test('tasks are seen by who takes part or may decide; others are told what is told of none', async () => {
  const path = await opened('/programme/parameters/sessions.idle_minutes/propose', sec, { value: '10', why });
  const asked = async (as: Actor | undefined) => (await site.ask('GET', path, { as })).status;
  assert.deepEqual([await asked(sec), await asked(priv), await asked(auditor)], [200, 200, 200]);
  assert.deepEqual([await asked(worker), await asked(customer)], [404, 404]);
  const list = await site.ask('GET', '/programme/tasks?show=all', { as: worker });
  assert.ok(!list.text.includes(path), 'nor in a list');
  assert.ok((await site.ask('GET', '/programme/tasks?show=approve', { as: priv })).text.includes(path));
  for (const [step, field] of [
    ['note', 'note-text'],
    ['withdraw', 'withdraw-text'],
  ] as const) {
    const fields = { [field]: 'Something of mine.' };
    assert.equal((await site.ask('POST', `${path}/${step}`, { as: worker, fields })).status, 404, step);
  }
  assert.equal((await withdraw(path)).status, 303);
});

test('what is wrong is told at its field, and nothing that was typed is lost', async () => {
  const idle = '/programme/parameters/sessions.idle_minutes';
  const until = new Date(site.world.time.now + 86_400_000).toISOString().slice(0, 10);
  const waiver = { person: 'priv@clinic.example', why, until };
  const tries: readonly (readonly [path: string, fields: Record<string, string>, told: RegExp])[] = [
    [`${control}/decision`, { kind: '', why, factors: why }, /Choose one of the three\./],
    [`${control}/decision`, { kind: 'implemented', why: 'Because.', factors: why }, /20 to 4,000 characters/],
    [`${control}/waiver`, { ...waiver, person: 'nobody@clinic.example' }, /Give the e-mail address/],
    [`${control}/waiver`, { ...waiver, person: newId() }, /Give the e-mail address/],
    [`${control}/waiver`, { ...waiver, until: '2020-01-01' }, /Choose a day to come/],
    [`${idle}/propose`, { value: 'many', why }, /another kind/],
    [`${idle}/propose`, { value: '10', why: 'So.' }, /20 to 4,000 characters/],
  ];
  for (const [path, fields, told] of tries) {
    const { status, text } = await site.ask('POST', path, { as: admin, fields });
    assert.equal(status, 422, `${path} ${JSON.stringify(fields)}`);
    assert.match(text, told);
    assert.match(text, /<title>Error: /);
    assert.match(text, /aria-invalid="true"|class="checks wrong"/);
    assert.ok(text.includes(escaped) || fields['why'] !== why, 'what was typed');
  }
});

test('a check is run when somebody says so, and its evidence tells what, when and where', async () => {
  const bare = await site.ask('POST', '/programme/checks/run', { as: admin });
  assert.deepEqual([bare.status, site.runs.length], [400, 0], 'nothing is asked for');
  assert.equal((await site.ask('POST', '/programme/checks/http.none/run', { as: admin })).status, 404);
  assert.equal((await site.ask('POST', '/programme/checks/http.tls/run', { as: auditor })).status, 403);
  const ran = await site.ask('POST', '/programme/checks/http.tls/run', { as: admin });
  assert.equal(ran.to, '/programme/checks/http.tls?done=ran');
  for (const page of ['/programme/checks/http.tls', control]) {
    const { text } = await site.ask('GET', page, { as: auditor });
    for (const told of ['7 things', 'Turn it on again.', 'table.one', 'and 2 more', 'entry 41', escaped]) {
      assert.ok(text.includes(told), `${page}: ${told}`);
    }
  }
  const { text } = await site.ask('GET', '/programme', { as: auditor });
  assert.ok(text.includes('Turn it on again.'), 'what to do, at once');
  const all = await site.ask('POST', '/programme/checks/run', { as: admin, fields: { of: 'not-met' } });
  assert.equal(all.to, '/programme/checks?done=all');
  assert.deepEqual(site.runs.at(-1)?.toSorted(), ['http.headers', 'http.tls']);
});

test('how it stood is shown of a day that has come, and of no other', async () => {
  const past = await site.ask('GET', `${control}?at=2020-01-01`, { as: auditor });
  assert.match(past.text, /This is how it stood at/);
  assert.ok(!past.text.includes('Turn it on again.') && past.text.includes('There is no evidence yet.'));
  for (const day of ['2999-01-01', 'yesterday', '2020-13-41']) {
    const wrong = await site.ask('GET', `${control}?at=${day}`, { as: auditor });
    assert.equal(wrong.status, 422, day);
    assert.match(wrong.text, /Choose a day that has come/);
  }
});

test('a draft is told its errors by line, kept, approved by others, and acknowledged as that text', async () => {
  const path = '/programme/policies/access/draft';
  const form = await site.ask('GET', path, { as: sec });
  assert.match(form.text, /title: Access/);
  const bad = await site.ask('POST', path, {
    as: sec,
    fields: { step: 'keep', markdown: access('\n\n<b>x</b> {{no.such}}') },
  });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /policies\/access\.md:\d+: raw HTML is refused/);
  assert.match(bad.text, /policies\/access\.md:\d+: a placeholder that names no parameter/);
  const markdown = access(' And that is measured.');
  const before = (await site.world.policies.versions(1, 'access')).length;
  const looked = await site.ask('POST', path, { as: sec, fields: { step: 'preview', markdown } });
  assert.match(looked.text, /It has no errors[\s\S]*<ins>[\s\S]*15 minutes of rest\. And that is measured\./);
  assert.equal((await site.world.policies.versions(1, 'access')).length, before, 'looking keeps nothing');
  const kept = await site.ask('POST', path, { as: sec, fields: { step: 'keep', markdown } });
  const version = kept.to.replace(/\?.*$/, '');
  assert.match(version, /^\/programme\/versions\//);
  const task = await opened(`${version}/submit`, sec, { note: '' });
  for (const as of [priv, admin]) {
    const { to, text } = await site.ask('POST', `${task}/decide`, { as, fields: { verdict: 'approve' } });
    assert.equal(to, `${task}?done=approve`, text);
  }
  const page = await site.ask('GET', version, { as: worker });
  const [, digest = ''] = /name="digest" value="([0-9a-f]{64})"/.exec(page.text) ?? [];
  const ask = (fields: Record<string, string>) => site.ask('POST', `${version}/acknowledge`, { as: worker, fields });
  assert.equal((await ask({ digest })).status, 422, 'not without saying so');
  assert.equal((await ask({ digest: 'a'.repeat(64), read: 'yes' })).status, 409, 'not another text');
  assert.equal((await ask({ digest, read: 'yes' })).to, '/programme/acknowledge?done=acknowledged');
  assert.match((await site.ask('GET', '/programme/acknowledge', { as: worker })).text, /waits for you/);
  const redline = await site.ask('GET', '/programme/policies/access/redline?from=1&to=2', { as: worker });
  assert.match(redline.text, /<del>[\s\S]*<ins>/);
  assert.equal((await site.ask('GET', '/programme/policies/access/redline?from=x&to=2', { as: worker })).status, 404);
});

test('a customer reads what is in force, drafts their own sections, and not those that are inherited', async () => {
  const path = '/programme/policies/access/draft';
  const read = await site.ask('GET', '/programme/policies/access', { as: customer });
  assert.match(read.text, /Inherited from who runs the platform/);
  assert.ok(!read.text.includes('/programme/versions/'), 'the versions of others are not theirs');
  const ask = (markdown: string) => site.ask('POST', path, { as: customer, fields: { step: 'keep', markdown } });
  const changed = await ask(access(' Unless we say otherwise.'));
  assert.equal(changed.status, 422);
  assert.match(changed.text, /[Ss]ection sessions/);
  const own = await ask(access(' And that is measured.', 'Screens lock themselves after a minute.'));
  assert.match(own.to, /^\/programme\/versions\/.*\?done=kept$/);
  const version = own.to.replace(/\?.*$/, '');
  assert.equal((await site.ask('GET', version, { as: customer })).status, 200);
  assert.equal((await site.ask('GET', version, { as: admin })).status, 404, 'nobody else’s');
});

test('a number is approved and then in force; a waiver runs and is ended; neither makes anything met', async () => {
  const until = new Date(site.world.time.now + 20 * 86_400_000).toISOString().slice(0, 10);
  const task = await opened(`${control}/waiver`, sec, { person: 'priv@clinic.example', why, until });
  const own = await site.ask('POST', `${task}/decide`, { as: priv, fields: { verdict: 'approve' } });
  assert.equal(own.status, 403, 'who answers for it does not approve it');
  await site.ask('POST', `${task}/decide`, { as: admin, fields: { verdict: 'approve' } });
  const list = await site.ask('GET', '/programme/waivers', { as: auditor });
  const [waiver = ''] = /\/programme\/waivers\/[0-9a-f-]{36}/.exec(list.text) ?? [];
  assert.match((await site.ask('GET', control, { as: auditor })).text, /data-state="unmet"[\s\S]*Waiver/);
  assert.equal((await site.ask('POST', `${waiver}/end`, { as: sec, fields: { note: '' } })).status, 422);
  const ended = await site.ask('POST', `${waiver}/end`, { as: sec, fields: { note: 'It is over.' } });
  assert.equal(ended.to, `${waiver}?done=ended`);
  const again = await site.ask('POST', `${waiver}/end`, { as: sec, fields: { note: 'It is over.' } });
  assert.equal(again.status, 409);
});
