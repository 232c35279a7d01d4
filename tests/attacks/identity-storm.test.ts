/**
 * 200 guesses a second, at one account and at many, from many networks. What it costs everybody else is measured by
 * bench/cases/identity-storm.ts; the limits one by one, with their controls, are tested in
 * packages/identity/test/sign-in/{limits,gate}.test.ts.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBystander, patience_ms } from '../harness/bystander.ts';
import { type IdentityHouse, identityHouse, newParty, type Party } from '../harness/identity-house.ts';
import type { Answer, Instance } from '../harness/instance.ts';
import { fromAddress } from '../harness/networks.ts';
import { encoded, form } from '../harness/oauth-app.ts';
import { freshCode, headingOf, type Person } from '../harness/people.ts';
import { openJar, userAgent } from '../harness/people-jar.ts';

let house: IdentityHouse;
let safeguard: Instance;
let party: Party;
before(async () => {
  house = await identityHouse();
  safeguard = house.safeguard;
  party = await newParty(safeguard, 'default');
});
after(() => house?.remove());

const per_s = 200;
const seconds = 4;

/** One guess, as a page of ours would send it: without cookies, so from a device that nobody knows. */
const guess = (from: Instance, login: string): Promise<Answer> =>
  from.request({
    method: 'POST',
    path: '/sign-in',
    headers: { ...form, origin: safeguard.url, 'user-agent': userAgent },
    body: encoded({ login, password: `wrong-${randomUUID()}`, tenant: 'default' }),
  });

/** At its pace, whatever comes back: what is not answered does not hold up the next. */
async function storm(logins: (number: number) => string): Promise<Answer[]> {
  const networks = Array.from({ length: 40 }, (_, index) => fromAddress(safeguard, `127.0.1.${index + 1}`));
  const answers: Promise<Answer>[] = [];
  const began = performance.now();
  for (let number = 0; number < per_s * seconds; number += 1) {
    const early_ms = (number * 1000) / per_s - (performance.now() - began);
    if (early_ms > 1) await sleep(early_ms);
    const network = networks[number % networks.length];
    if (network !== undefined) answers.push(guess(network, logins(number)));
  }
  return Promise.all(answers);
}

/** Password and code; the heading of where it ended. */
async function tryToSignIn(
  from: Instance,
  person: Person,
  known: Iterable<readonly [string, string]>,
): Promise<string> {
  const jar = openJar(from, known);
  const { login, password, tenant } = person;
  const first = await jar.post('/sign-in', { login, password, tenant });
  if (!first.at.endsWith('/sign-in/second')) return `${first.status} ${headingOf(first)}`;
  const end = await jar.post('/sign-in/second/code', { code: await freshCode(person) });
  return end.at.endsWith('/account') ? 'signed in' : `${end.status} ${headingOf(end)}`;
}

/** What a browser keeps after its session is over: the device. */
const deviceOf = ({ jar }: Person): [string, string][] =>
  [...jar.cookies].filter(([, value]) => value.startsWith('sgd_'));

test('a storm of guesses: no failure of ours, the bystander reads on, a known device signs in meanwhile', async (t) => {
  const { worker, plain, record } = party;
  const bystander = createBystander(safeguard, plain.token, `/fhir/R4/Patient/${record}`);
  const home = fromAddress(safeguard, '127.0.0.7');
  assert.equal(deviceOf(worker).length, 1);
  let answers: Answer[] = [];
  let meanwhile = '';
  const longest_ms = await bystander.during(async () => {
    const storming = storm((number) => (number % 2 === 0 ? worker.login : `nobody${number}@default.example`));
    await sleep(1_500);
    meanwhile = await tryToSignIn(home, worker, deviceOf(worker));
    answers = await storming;
  });
  const statuses = [...Map.groupBy(answers, ({ status }) => status)].map(
    ([status, some]) => `${status}: ${some.length}`,
  );
  t.diagnostic(`${statuses.join(', ')}; the longest read took ${Math.round(longest_ms)} ms`);
  assert.equal(answers.length, per_s * seconds);
  for (const { status, text } of answers) assert.ok(status === 422 || status === 429, `${status} ${text}`);
  assert.ok(longest_ms < patience_ms);
  assert.equal(meanwhile, 'signed in');
});

test('afterwards: strangers are locked out of that account, and of that one alone', async () => {
  const { worker, patient } = party;
  const elsewhere = fromAddress(safeguard, '127.0.0.8');
  // On a busy machine the storm may have been sent away at the gate: then what is missing is guessed one by one.
  for (let left = 12; left > 0; left -= 1) await guess(fromAddress(safeguard, `127.0.2.${left}`), worker.login);
  const locked = await tryToSignIn(elsewhere, worker, []);
  assert.match(locked, /^429 /, 'negative control: a lock-out there was');
  assert.equal(await tryToSignIn(elsewhere, patient, []), 'signed in', 'another account, from the very same network');
  assert.equal(await tryToSignIn(elsewhere, worker, deviceOf(worker)), 'signed in', 'its own device, wherever it is');
});

test('the ledger has every guess, against the account where there is one', async () => {
  const events = (await house.inside.events(1)).filter(
    ({ action, from }) => action === 'sign-in' && from.startsWith('127.0.1.'),
  );
  assert.ok(events.every(({ outcome }) => outcome === 'deny'));
  assert.equal(events.length, per_s * seconds);
  assert.ok(events.some(({ targets }) => targets.some(({ id }) => id === party.worker.id)));
});
