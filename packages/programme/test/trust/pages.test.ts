import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '@safeguard/kernel';
import { extractText, getDocumentProxy } from 'unpdf';
import { all, parse } from './tree.ts';
import { depsOf, leak, mixed, openTrust, postureOf, versionOf } from './world.ts';

const open = async (t: { after(work: () => Promise<void>): void }, world: Parameters<typeof openTrust>[0] = {}) => {
  const trust = await openTrust(world);
  t.after(trust.close);
  return trust;
};

const attribute = (markup: string, name: string): string[] =>
  all(parse(markup)).flatMap(({ attributes }) => attributes[name] ?? []);

test('every page is well-formed, runs no script, has no style of its own, and may be kept for a minute', async (t) => {
  const { get } = await open(t);
  const paths = ['/trust', '/trust/policies', '/trust/policies/auditing', '/trust/controls/164.312-b'];
  for (const path of paths) {
    const { status, headers, text } = await get(path);
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'public, max-age=60');
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'self'; img-src/);
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /script-src|unsafe/);
    assert.equal(headers.get('set-cookie'), null);
    const elements = all(parse(text));
    for (const { name, attributes } of elements) {
      assert.ok(!['script', 'style', 'iframe', 'object'].includes(name), name);
      assert.deepEqual(
        Object.keys(attributes).filter((one) => /^(on|style$)/.test(one)),
        [],
      );
    }
    assert.equal(elements.filter(({ name }) => name === 'h1').length, 1);
    assert.ok(
      elements.some(({ attributes }) => attributes['name'] === 'description'),
      'may be indexed',
    );
    assert.doesNotMatch(text, /noindex|\{\{|undefined|\[object/);
  }
});

test('it says who runs it, as of when, and that nobody certifies compliance', async (t) => {
  const { get } = await open(t);
  const { text } = await get('/trust');
  assert.match(text, /No authority certifies compliance with HIPAA/);
  assert.match(text, /State as of<\/dt><dd><time datetime="2026-11-22T14:07:00.000Z">/);
  assert.match(text, /The operator of this Safeguard/);
  assert.match(text, /Proposed, not law/);
});

test('every link of ours leads somewhere, and every anchor is there', async (t) => {
  const { get } = await open(t);
  const seen = new Map<string, ReadonlySet<string>>();
  const wanted = new Set<string>();
  const todo = ['/trust'];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const { status, text, headers } = await get(path);
    assert.ok(status === 200 || status === 302, `${path}: ${status}`);
    const isPage = headers.get('content-type')?.startsWith('text/html') === true;
    const ids = isPage ? attribute(text, 'id') : [];
    assert.equal(new Set(ids).size, ids.length, `${path}: an id twice`);
    seen.set(path, new Set(ids));
    for (const href of isPage ? attribute(text, 'href') : []) {
      if (/^(https:\/\/www\.ecfr\.gov\/|data:,)/.test(href)) continue;
      const url = new URL(href, `http://x${path}`);
      assert.equal(url.host, 'x', href);
      wanted.add(url.pathname + url.hash);
      if (!seen.has(url.pathname) && !todo.includes(url.pathname)) todo.push(url.pathname);
    }
  }
  assert.ok(seen.size > 200, `${seen.size} pages`);
  for (const one of wanted) {
    const [path = '', hash = ''] = one.split('#');
    if (hash !== '') assert.ok(seen.get(path)?.has(decodeURIComponent(hash)), one);
  }
});

test('only published policies of the house, as pages and as PDF; approvers are a number', async (t) => {
  const draft = versionOf('baa', { state: 'draft', policy: 'a-draft', title: 'A secret draft' });
  const foreign = versionOf('baa', { tenant: 7, policy: 'a-customers', title: 'Of a customer' });
  const { get, asked } = await open(t, { more: [draft, foreign] });
  for (const path of ['media-disposal', 'a-draft', 'a-customers', 'nothing', '..%2Fauditing', 'auditing.pdf.pdf']) {
    for (const suffix of ['', '.pdf']) assert.equal((await get(`/trust/policies/${path}${suffix}`)).status, 404, path);
  }
  const { text } = await get('/trust/policies');
  assert.doesNotMatch(text, /secret draft|Of a customer/);
  const page = await get('/trust/policies/auditing');
  assert.match(page.text, /<h2 id="what-is-logged">What is logged<\/h2>/);
  assert.ok(!page.text.includes(leak));
  const pdf = await fetch(`${(await open(t)).url}/trust/policies/auditing.pdf`);
  assert.equal(pdf.headers.get('content-type'), 'application/pdf');
  const words = await extractText(await getDocumentProxy(new Uint8Array(await pdf.arrayBuffer())), {
    mergePages: true,
  });
  assert.match(words.text, /by 2 people of the organization/);
  assert.ok(!words.text.includes(leak));
  assert.equal(asked.pdfs, 0);
});

test('however many ask, the state is computed once in a while, and a PDF once a minute', async (t) => {
  const { get, asked, clock } = await open(t);
  await Promise.all(Array.from({ length: 40 }, () => get('/trust')));
  assert.equal(asked.postures, 1);
  clock.at += 9_999;
  await get('/trust.json');
  assert.equal(asked.postures, 1);
  clock.at += 1;
  await get('/trust/controls/164.312-b');
  assert.equal(asked.postures, 2);
  await Promise.all(Array.from({ length: 20 }, () => get('/trust/policies/baa.pdf')));
  assert.equal(asked.pdfs, 1);
});

test('a state that cannot be computed is told by nobody, and tried again', async (t) => {
  let broken = true;
  const postureAt = async () => {
    if (broken) throw fault('unavailable', 'The log does not answer.');
    return postureOf(mixed);
  };
  const { get } = await open(t, { postureAt });
  assert.equal((await get('/trust')).status, 503);
  assert.equal((await get('/trust.json')).status, 503);
  broken = false;
  assert.equal((await get('/trust')).status, 200);
});

test('the summary for programs tells the same', async (t) => {
  const { get } = await open(t);
  const { headers, text } = await get('/trust.json');
  assert.equal(headers.get('content-type'), 'application/json');
  const told = JSON.parse(text);
  assert.equal(told.as_of, '2026-11-22T14:07:00.000Z');
  const states = new Map(told.controls.map(({ id, state }: { id: string; state: string }) => [id, state]));
  for (const { control, state } of postureOf(mixed).controls) assert.equal(states.get(control.id), state);
  assert.equal(told.needs.length, 14);
  assert.ok(told.proposed.every(({ law }: { law: boolean }) => law === false));
  assert.ok(!text.includes(leak));
});

test('where nothing is published every address is 404, and nothing is computed', async (t) => {
  const { get, post, asked } = await open(t, { settings: { trust: 'off', unmet: 'named' } });
  const paths = ['', '.json', '/controls', '/controls/164.312-b', '/policies', '/policies/auditing', '/reports'];
  for (const path of paths) assert.equal((await get(`/trust${path}`)).status, 404, path);
  assert.equal((await post({ name: 'A' })).status, 404);
  assert.deepEqual([asked.postures, asked.requests], [0, []]);
});

test('a control that is none is 404; each visit is one event without a person', async (t) => {
  const { get, events } = await open(t);
  for (const id of ['164.312-z', '__proto__', 'constructor', '%00']) {
    assert.equal((await get(`/trust/controls/${id}`)).status, 404, id);
  }
  await get('/trust');
  const last = events.at(-1);
  assert.deepEqual([last?.action, last?.actor, last?.outcome], ['trust-read', 'anonymous', 'permit']);
});

test('texts of the programme are text: markup in them stays what it is written as', async (t) => {
  const { deps } = depsOf();
  const content = deps.content();
  const organization = { ...content.organization, name: '<img src=x onerror=alert(1)>', contact: '"><script>' };
  const { get } = await open(t, { content: () => ({ ...content, organization }), render: (text) => `<b>${text}` });
  for (const path of ['/trust', '/trust/controls/164.312-b']) {
    const { text } = await get(path);
    assert.doesNotMatch(text, /<img|<script|<b>/);
    parse(text);
  }
});
