import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Client, newClient } from '../harness/clients.ts';
import { type Answer, type Instance, removeData, start } from '../harness/instance.ts';

/**
 * A page link is a sealed question, no key: it is answered within what its bearer may see, at the address it was made
 * for, and nothing else opens as one.
 */

const base = '/fhir/R4';
let safeguard: Instance;
let full: Client;
let mine = '';
let other = '';

const ask = (token: string | undefined, path: string): Promise<Answer> =>
  safeguard.request({ path, ...(token === undefined ? {} : { token }) });

async function made(body: { resourceType: string; [element: string]: unknown }): Promise<string> {
  const path = `${base}/${body.resourceType}`;
  const { status, json, text } = await safeguard.request({ method: 'POST', path, token: full.token, body });
  assert.equal(status, 201, text);
  return json.id;
}

before(async () => {
  safeguard = await start({ tls: 'off' });
  full = await newClient(safeguard);
  const patient = (family: string): Promise<string> => made({ resourceType: 'Patient', name: [{ family }] });
  mine = await patient('Mine');
  other = await patient('Other');
  for (const whose of [mine, other, other, mine, other]) {
    await made({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: `Patient/${whose}` },
    });
  }
});

after(async () => {
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

const linksOf = ({ json }: Answer): Map<string, string> =>
  new Map(json.link.map(({ relation, url }: { relation: string; url: string }) => [relation, url]));

/** Questions whose first page has a link to the next. */
const questions = (): string[] => [
  `Observation?_count=1`,
  `Observation?_count=1&_sort=-_lastUpdated`,
  `Patient?_count=1&_sort=family&name:contains=e`,
  `?_type=Observation,Patient&_count=1`,
  `Patient/${other}/Observation?_count=1`,
  `Observation/_history?_count=1`,
  `_history?_count=1`,
  `Patient/${other}/$everything?_count=1`,
];

const nextOf = async (question: string): Promise<string> => {
  const first = await ask(full.token, `${base}/${question}`);
  assert.equal(first.status, 200, first.text);
  return linksOf(first).get('next') ?? assert.fail(`${question}: no next link`);
};

test('no link but the server’s own, as it made it, where it made it', async () => {
  for (const question of questions()) {
    const url = await nextOf(question);
    const at = url.indexOf('_page=') + '_page='.length;
    const [address, page] = [url.slice(0, at), url.slice(at)];
    const flipped = Buffer.from(page, 'base64url');
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
    const others = await Promise.all(questions().map(nextOf));
    const forged = [
      ...[page.slice(0, -4), page.slice(4), `${page}AAAA`, flipped.toString('base64url'), 'A'.repeat(page.length)],
      ...['', '%00', 'null', Buffer.from('{"query":"","scope":"Patient"}').toString('base64url')],
    ].map((one) => `${address}${one}`);
    // Another question's link at this address.
    const foreign = others
      .filter((one) => one.slice(0, one.indexOf('?')) !== url.slice(0, url.indexOf('?')))
      .map((one) => `${address}${one.slice(one.indexOf('_page=') + '_page='.length)}`);
    for (const link of [...forged, ...foreign]) {
      const answer = await ask(full.token, link);
      assert.equal(answer.status, 400, `${question}: ${link} ${answer.text.slice(0, 300)}`);
      assert.ok(!answer.text.includes(page.slice(0, 40)), 'the link is not said again');
    }
    const added = await ask(full.token, `${url}&_since=2000-01-01T00:00:00Z`);
    assert.equal(added.status, 400, `${question}: something can be added to the link`);
    assert.equal((await ask(full.token, url)).status, 200, 'negative control');
  }
});

test('in other hands a link shows what these hands may see, and no more', async () => {
  const limited = await newClient(safeguard, { scopes: 'system/*.rs', patient: mine });
  const narrow = await newClient(safeguard, { scopes: 'system/Practitioner.rs' });
  const tells = new RegExp(`/${other}"|Other`);
  let shown = 0;
  for (const question of questions()) {
    const first = await ask(full.token, `${base}/${question}`);
    for (const [relation, url] of linksOf(first)) {
      const link = url.startsWith('http') && !url.includes('_page=') ? url.replace('?', '?_format=json&') : url;
      const own = await ask(full.token, link);
      const answer = await ask(limited.token, link);
      assert.ok([200, 404].includes(answer.status), `${question} ${relation}: ${answer.status}`);
      const others = [...answer.text.matchAll(/"fullUrl":"[^"]*\/([0-9a-f-]{36})"/g)].map(([, id]) => id ?? '');
      const seen = await Promise.all(others.map((id) => visible(limited.token, id)));
      assert.ok(!seen.includes(false), `${question} ${relation}: ${answer.text}`);
      assert.doesNotMatch(answer.text.replace(/"url":"[^"]*"/g, ''), tells, `${question} ${relation}`);
      if (tells.test(own.text)) shown += 1;
      assert.equal((await ask(narrow.token, link)).status, 403, `${question} ${relation}`);
      assert.equal((await ask(undefined, link)).status, 401);
    }
  }
  assert.ok(shown > 5, `negative control: ${shown} of the links show the other patient to who may see it`);
});

/** Whether the resource with this id can be read. */
async function visible(token: string, id: string): Promise<boolean> {
  const reads = await Promise.all(['Patient', 'Observation'].map((type) => ask(token, `${base}/${type}/${id}`)));
  return reads.some(({ status }) => status === 200);
}

test('a self link with a condition on an identity asks nothing for who may not ask it', async () => {
  const masked = await newClient(safeguard, { view: 'without-identity' });
  const limited = await newClient(safeguard, { scopes: 'system/*.rs', patient: mine });
  for (const query of ['family=Other', 'birthdate=1990', '_sort=family', 'name:contains=the']) {
    const first = await ask(full.token, `${base}/Patient?${query}&_count=1`);
    const self = linksOf(first).get('self') ?? '';
    assert.equal((await ask(masked.token, self)).status, 403, query);
    const answer = await ask(limited.token, self);
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.text, new RegExp(`Other|"id":"${other}"`), query);
    assert.equal((await ask(full.token, self)).status, 200, 'negative control');
  }
});

test('a link ends with the client, and a new client of the tenant cannot be told from it', async () => {
  const short = await newClient(safeguard);
  const link = linksOf(await ask(short.token, `${base}/Observation?_count=1`)).get('next') ?? '';
  assert.equal((await ask(short.token, link)).status, 200, 'negative control');
  const revoked = await safeguard.cli('client', 'revoke', short.client_id);
  assert.equal(revoked.code, 0, revoked.stderr);
  let status = 200;
  for (const end = Date.now() + 5_000; status === 200 && Date.now() < end; ) {
    status = (await ask(short.token, link)).status;
  }
  assert.equal(status, 401);
  assert.equal((await ask('x'.repeat(43), link)).status, 401);
  assert.equal(
    (await ask(full.token, link)).status,
    200,
    'it is a question, not a right: the tenant can go on asking it',
  );
  assert.equal((await ask(full.token, `${base}/Observation?_page=${randomUUID()}`)).status, 400);
});
