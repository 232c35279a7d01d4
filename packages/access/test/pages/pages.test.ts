import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal, Route } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { day_ms } from '../grants/world.ts';
import { openSite, type Site } from './site.ts';

let site: Site;
let nurse: Principal;
let admin: Principal;
let officer: Principal;
before(async () => {
  site = await openSite();
  nurse = await site.officer();
  admin = await site.officer('administrator');
  officer = await site.officer('security-officer');
});
after(() => site.close());

const at = ({ path }: Route): string => path.replaceAll(':version', '777').replaceAll(/:\w+/g, () => newId());
const day = (ahead_days: number): string => new Date(site.time.now + ahead_days * day_ms).toISOString().slice(0, 10);
const why = 'For the <script>alert(1)</script> ward & "others".';
const asking = () => ({ whom: 'me', role: 'billing', reason: why, until: day(30) });

/** Asked for by the nurse, as far as the page where it is shown. */
async function asked(fields: Readonly<Record<string, string>> = asking(), as = nurse): Promise<string> {
  const { status, to, text } = await site.ask('POST', '/access/requests', { as, fields });
  assert.equal(status, 303, text);
  return to.replace(/\?.*$/, '');
}
const stale = (who: Principal): Principal => ({
  ...who,
  assurance: { level: 2, at: site.time.now - 6 * 60_000, methods: ['otp'] },
});

test('who may not is refused at every page, and it is in the log; without the guard they would not be', async () => {
  const patient: Principal = { ...nurse, account: 'patient', within: [newId()] };
  const oneFactor: Principal = { ...admin, assurance: { level: 1, at: site.time.now, methods: ['pwd'] } };
  const open = await site.servePages({ guard: () => undefined });
  assert.ok(site.routes.length > 40);
  for (const route of site.routes) {
    for (const [as, expected] of [
      [undefined, 401],
      [patient, 403],
      [oneFactor, 403],
    ] as const) {
      site.events.length = 0;
      const { status } = await site.ask(route.method, at(route), { as });
      assert.equal(status, expected, `${route.method} ${route.path}`);
      assert.deepEqual([site.events[0]?.outcome, site.events[0]?.action], ['deny', route.action]);
    }
    const through = await open.ask(route.method, at(route), { as: admin });
    assert.notEqual(through.status, 403, `negative control: ${route.method} ${route.path}`);
  }
});

test('a form of another site does nothing; where the check is taken out it does', async () => {
  const forms = site.routes.filter(({ method }) => method === 'POST');
  const careless = await site.servePages({}, (route) => ({ ...route, crossSite: true }));
  for (const route of forms) {
    const forged = { as: admin, origin: 'https://evil.example' };
    assert.equal((await site.ask('POST', at(route), forged)).status, 403, route.path);
    if (/decide|\/requests$/.test(route.path)) {
      assert.notEqual((await careless.ask('POST', at(route), forged)).status, 403, `negative control: ${route.path}`);
    }
  }
});

test('what people wrote is shown as they wrote it, and runs nowhere', async () => {
  const path = await asked();
  const { text } = await site.ask('GET', path, { as: nurse });
  assert.ok(text.includes('For the &lt;script&gt;alert(1)&lt;/script&gt; ward &amp; &quot;others&quot;.'));
  assert.ok(!text.includes('<script'), 'no page has a script');
  assert.ok(!JSON.stringify(site.events).includes('ward'), 'and the log knows nothing of it');
  await site.ask('POST', `${path}/withdraw`, { as: nurse });
});

test('what is wrong is told at its field, and nothing that was typed is lost', async () => {
  const tries: readonly (readonly [object, RegExp])[] = [
    [{ role: '' }, /Choose one of the roles\./],
    [{ role: 'patient' }, /Choose one of the roles\./],
    [{ reason: 'short' }, /Write why: 10 to 2,000 characters\./],
    [{ until: day(-1) }, /Choose a day from today on/],
    [{ until: day(500) }, /no later than the role allows/],
    [{ until: 'tomorrow' }, /Choose a day from today on/],
    [{ patients: 'everybody' }, /Give the ids of the patients/],
    [{ whom: 'other', person: 'nobody@clinic.example' }, /There is nobody of this organization/],
    [{ whom: 'other', person: newId() }, /There is nobody of this organization/],
  ];
  for (const [wrong, told] of tries) {
    const fields = { ...asking(), ...wrong };
    const { status, text } = await site.ask('POST', '/access/requests', { as: nurse, fields });
    assert.equal(status, 422, JSON.stringify(wrong));
    assert.match(text, told);
    assert.match(text, /<title>Error: /);
    assert.match(text, /aria-invalid="true"|class="checks wrong"/);
    assert.ok(text.includes(`value="${fields.until}"`), 'the day');
  }
  const { text } = await site.ask('POST', '/access/requests', { as: nurse, fields: {} });
  assert.match(text, /Choose one of the roles\.[\s\S]*Write why/, 'all of it at once');
});

test('a day is meant to its end; the last day that a role allows is one', async () => {
  for (const ahead of [0, 1, 90]) {
    const path = await asked({ ...asking(), until: day(ahead) });
    const [made] = await site.requests.list(1, { asked_by: nurse.id, state: 'open' });
    const end = Date.parse(`${day(ahead)}T00:00:00Z`) + day_ms;
    assert.ok(made !== undefined && made.until <= end && made.until > end - day_ms, `${ahead}`);
    await site.ask('POST', `${path}/withdraw`, { as: nurse });
  }
});

test('asked for somebody else by address; the same twice is told', async () => {
  const other = await site.officer();
  site.logins.set('other@clinic.example', other.id);
  const fields = { ...asking(), whom: 'other', person: 'other@clinic.example' };
  const path = await asked(fields);
  const again = await site.ask('POST', '/access/requests', { as: nurse, fields });
  assert.equal(again.status, 409);
  assert.match(again.text, /You have asked for this already/);
  assert.equal((await site.ask('GET', path, { as: other })).status, 200, 'for whom it is sees it');
  const stranger = await site.officer();
  assert.equal((await site.ask('GET', path, { as: stranger })).status, 404, 'a stranger sees nothing');
  await site.ask('POST', `${path}/withdraw`, { as: nurse });
});

test('an approval waits for a factor and comes back; a rejection waits for a reason', async () => {
  const path = await asked();
  const decide = `${path}/decide`;
  const shown = await site.ask('GET', decide, { as: stale(officer) });
  assert.equal(shown.to, `/sign-in/confirm#${decide}`, 'before the form');
  const sent = await site.ask('POST', decide, { as: stale(officer), fields: { verdict: 'approve' } });
  assert.equal(sent.to, `/sign-in/confirm#${decide}`);
  assert.equal(site.events.at(-1)?.outcome, 'deny');
  const bare = await site.ask('POST', decide, { as: officer, fields: { verdict: 'reject' } });
  assert.equal(bare.status, 422);
  assert.match(bare.text, /A rejection needs a reason/);
  const unknown = await site.ask('POST', decide, { as: officer, fields: { verdict: 'perhaps' } });
  assert.equal(unknown.status, 422);
  assert.match((await site.ask('GET', path, { as: nurse })).text, /Waits for a decision/);
  const own = await site.ask('POST', decide, { as: nurse, fields: { verdict: 'approve' } });
  assert.equal(own.status, 403, 'nobody decides their own');
  const done = await site.ask('POST', decide, { as: officer, fields: { verdict: 'approve' } });
  assert.equal(done.to, `${path}?done=approve`);
  const twice = await site.ask('POST', decide, { as: admin, fields: { verdict: 'approve' } });
  assert.equal(twice.status, 409, 'decided already');
  const mine = await site.ask('GET', '/access', { as: nurse });
  assert.match(mine.text, /A role <span class="tag">Standing/);
});

test('an elevation waits for a factor before its form is shown', async () => {
  assert.equal((await site.ask('GET', '/access/elevate', { as: stale(nurse) })).to, '/sign-in/confirm#/access/elevate');
  const fields = { role: 'debugger', reason: why, hours: '2' };
  const sent = await site.ask('POST', '/access/elevate', { as: stale(nurse), fields });
  assert.equal(sent.to, '/sign-in/confirm#/access/elevate');
  const made = await site.ask('POST', '/access/elevate', { as: nurse, fields });
  assert.match(made.to, /^\/access\/requests\//);
});

test('to keep rights in a review a factor is shown first; to revoke them none', async () => {
  await site.ask('POST', '/access/reviews', { as: admin });
  const list = await site.ask('GET', '/access/reviews', { as: admin });
  const [path = ''] = /\/access\/reviews\/[0-9a-f-]{36}/.exec(list.text) ?? [];
  const confirmed = await site.ask('GET', path, { as: stale(admin) });
  assert.ok(confirmed.text.includes(`${path}/confirm`) && !confirmed.text.includes('value="keep"'));
  const [item] = [...confirmed.text.matchAll(/name="item"[^>]*value="([^"]+)"/g)].map(([, id = '']) => id);
  assert.ok(item);
  const fields = { item, reason: 'Looked at it with care.', verdict: 'keep' };
  assert.equal((await site.ask('POST', `${path}/decide`, { as: stale(admin), fields })).to, `/sign-in/confirm#${path}`);
  const none = await site.ask('POST', `${path}/decide`, { as: admin, fields: { ...fields, item: '' } });
  assert.match(none.text, /Tick at least one right\./);
  const kept = await site.ask('POST', `${path}/decide`, { as: stale(admin), fields: { ...fields, verdict: 'revoke' } });
  assert.equal(kept.to, `${path}?done=1`);
});

test('a right is ended by an officer, once, and its address names nobody', async () => {
  site.logins.set('nina@clinic.example', nurse.id);
  const found = await site.ask('POST', '/access/grants/find', {
    as: admin,
    fields: { role: '', person: 'nina@clinic.example' },
  });
  assert.equal(found.to, `/access/grants?account=${nurse.id}`);
  const list = await site.ask('GET', found.to, { as: admin });
  const [, grant] = /\/access\/grants\/([0-9a-f-]{36})/.exec(list.text) ?? [];
  const path = `/access/grants/${grant}`;
  assert.equal((await site.ask('POST', `${path}/end`, { as: nurse })).status, 403, 'not by its holder');
  assert.equal((await site.ask('POST', `${path}/end`, { as: admin })).to, `${path}?done=ended`);
  assert.equal((await site.ask('POST', `${path}/end`, { as: admin })).status, 409);
  assert.match((await site.ask('GET', path, { as: nurse })).text, /Ended by an officer/);
});
