import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '@safeguard/kernel';
import { ndaText } from '../../reports/requests/nda.ts';
import { trustPages } from '../../trust/pages.ts';
import { all, parse } from './tree.ts';
import { depsOf, goodLink, openTrust, type World } from './world.ts';

const good = {
  name: 'Dr. Ada Quill',
  organization: 'Northern Lakes Hospital',
  email: 'ada@northern-lakes.example',
  kind: 'bundle',
  nda: 'yes',
};

const open = async (t: { after(work: () => Promise<void>): void }, world: World = {}) => {
  const trust = await openTrust(world);
  t.after(trust.close);
  return trust;
};

test('a request is handed on as it was given, and thanked for', async (t) => {
  const { get, post, asked, events } = await open(t);
  const form = await get('/trust/reports');
  assert.equal(form.headers.get('cache-control'), 'no-store');
  assert.ok(form.text.includes(ndaText), 'the text is there whose digest is kept');
  assert.match(form.text, /noindex/);
  const sent = await post(good);
  assert.deepEqual([sent.status, sent.headers.get('location')], [303, '/trust/reports/thanks']);
  assert.equal(asked.requests.length, 1);
  const { nda: _nda, ...wanted } = good;
  assert.deepEqual(asked.requests[0]?.wanted, { ...wanted, nda_accepted: true });
  assert.match(asked.requests[0]?.remote ?? '', /127\.0\.0\.1|::1/);
  const thanks = await get('/trust/reports/thanks');
  assert.equal(thanks.status, 200);
  assert.doesNotMatch(thanks.text, /ada@|Quill|Northern/i);
  const told = JSON.stringify(events);
  assert.doesNotMatch(told, /ada@|Quill|Northern/i, 'the log names nobody');
  assert.ok(events.some(({ action, outcome }) => action === 'trust-request' && outcome === 'permit'));
});

const refused: readonly (readonly [string, Record<string, string>])[] = [
  ['name', { name: '   ' }],
  ['name', { name: 'x'.repeat(121) }],
  ['name', { name: 'Ada\u0000Quill' }],
  ['organization', { organization: '' }],
  ['email', { email: 'ada' }],
  ['email', { email: 'ada@northern-lakes.example\r\nBcc: all@example.org' }],
  ['email', { email: 'a@x.example, b@y.example' }],
  ['kind', { kind: 'everything' }],
  ['nda', { nda: '' }],
  ['nda', { nda: 'no' }],
];

test('what is wrong is told at its field and in the summary, keeps what was typed, and asks for nothing', async (t) => {
  const { post, asked, events } = await open(t);
  for (const [field, change] of refused) {
    const { status, text } = await post({ ...good, ...change });
    assert.equal(status, 422, JSON.stringify(change));
    const elements = all(parse(text));
    const at = elements.find(({ attributes }) => attributes['href'] === `#${field}`);
    assert.ok(at, `${field} is in the summary`);
    assert.ok(
      elements.some(({ attributes }) => attributes['id'] === field),
      `${field} is there`,
    );
    assert.match(text, /<title>Error: /);
    if (field !== 'organization') assert.match(text, /value="Northern Lakes Hospital"/);
    assert.equal(events.at(-1)?.outcome, 'fail');
  }
  assert.equal(asked.requests.length, 0);
});

test('who asks too often is told to wait', async (t) => {
  const requestReport = async () => {
    throw fault('tooMany', 'Too many requests came from there. Try again later.');
  };
  const { post } = await open(t, { requestReport });
  const { status, text } = await post(good);
  assert.equal(status, 429);
  assert.match(text, /Try again later/);
  assert.match(text, /value="Dr\. Ada Quill"/);
});

test('another site cannot make a browser ask; without the check it could (negative control)', async (t) => {
  const { post, asked, url } = await open(t);
  for (const headers of [{ Origin: 'https://evil.example' }, {}, { Origin: url, 'Sec-Fetch-Site': 'cross-site' }]) {
    assert.equal((await post(good, headers as Record<string, string>)).status, 403);
  }
  assert.equal(asked.requests.length, 0);
  const { deps, asked: open_asked } = depsOf();
  const route = trustPages(deps).find(({ method }) => method === 'POST');
  assert.equal(route?.crossSite, undefined);
  await route?.handle({
    ...{ body: Buffer.from(new URLSearchParams(good).toString()), remote: 'x', params: {} },
  } as never);
  assert.equal(open_asked.requests.length, 1, 'the handler itself does not ask where it comes from');
});

test('a link gives its report once, to who presses the button; a look does not use it up', async (t) => {
  const { url, get, asked, events } = await open(t);
  const path = `/trust/reports/${goodLink}`;
  const press = (at: string, headers: Record<string, string> = { Origin: url }) =>
    get(at, { method: 'POST', headers, body: new URLSearchParams() });
  for (let n = 0; n < 3; n += 1) assert.equal((await get(path)).status, 200);
  assert.equal((await press(path, { Origin: 'https://evil.example' })).status, 403);
  assert.equal(asked.downloads, 0);
  const file = await press(path);
  assert.deepEqual([file.status, file.text], [200, 'PK']);
  assert.match(file.headers.get('content-disposition') ?? '', /^attachment; filename="safeguard-bundle/);
  assert.equal(file.headers.get('cache-control'), 'no-store');
  assert.equal(events.at(-1)?.targets[0]?.type, 'Report');
  const again = await press(path);
  const other = await press(`/trust/reports/sgq_${'b'.repeat(43)}`);
  assert.deepEqual([again.status, other.status], [404, 404]);
  assert.equal(again.text, other.text, 'used up and never made are told alike');
  for (const bad of ['sgq_short', 'nothing', `${goodLink}x`]) {
    assert.equal((await get(`/trust/reports/${bad}`)).status, 404);
  }
  assert.ok(!JSON.stringify(events).includes(goodLink), 'the secret is in no event');
});
