import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../harness/instance.ts';
import { asking, checkAnswers, checkBundle, checkTrack, checkVerifies, checkVersions, settleLost } from './check.ts';
import { content } from './content.ts';
import { readEntries } from './entries.ts';
import { type House, house, served } from './instance.ts';
import { newJournal } from './journal.ts';
import { create, newWorker, startLoad } from './load.ts';
import { choices } from './random.ts';

const seed = 4711;
const workers = 8;
/** A request that is on its way into a connection which the server is closing in that very moment may be lost. */
const crossing_ms = 50;

let place: House;
let token: string;
before(async () => {
  place = await house();
  token = await place.instance.token();
});
after(() => place?.remove());

/** What PostgreSQL has logged about its own starts and stops. */
async function postgresLog(): Promise<string> {
  const folder = join(place.data, 'postgres', 'log');
  const texts = (await readdir(folder)).sort().map((name) => readFile(join(folder, name), 'utf8'));
  return (await Promise.all(texts)).join('');
}

/** A transaction of many, under way when the signal comes. */
function largeBundle(): object {
  const entry = Array.from({ length: 600 }, (_, index) => ({
    resource: content('Observation', { marker: `large-${index}` }),
    request: { method: 'POST', url: 'Observation' },
  }));
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

/** A creation of which half has arrived. `finish` sends the rest and resolves with the answer. */
async function halfSent(): Promise<{ finish(): Promise<string> }> {
  const { hostname, port } = new URL(place.instance.url);
  const body = JSON.stringify(content('Patient', { marker: 'half-sent' }));
  const head = `POST /fhir/R4/Patient HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\n`;
  const fields = `content-type: application/fhir+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const socket = connect(Number(port), hostname);
  const chunks: string[] = [];
  const ended = new Promise<string>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk) => chunks.push(String(chunk)));
    socket.on('close', () => resolve(chunks.join('')));
  });
  await new Promise((sent) => socket.write(head + fields + body.slice(0, 40), sent));
  return {
    finish: () => {
      socket.write(body.slice(40));
      return ended;
    },
  };
}

test('SIGTERM under load: what is in flight is finished, nothing is lost, PostgreSQL stops cleanly', {
  timeout: 90_000,
}, async (t) => {
  const journal = newJournal('stop');
  const random = choices(seed);
  const worker = newWorker({ instance: place.instance, token, journal, random, workers: 1 });
  await create(worker, 'Patient');
  journal.shared.push(...worker.own);
  // Whatever was begun long enough before the signal has to be answered.
  let signalled_ms = Number.POSITIVE_INFINITY;
  const cut: string[] = [];
  const watched: Pick<House['instance'], 'request'> = {
    request: async (asked) => {
      const begun = performance.now();
      try {
        return await place.instance.request(asked);
      } catch (error) {
        if (begun < signalled_ms - crossing_ms) cut.push(`${asked.method ?? 'GET'} ${asked.path}: ${error}`);
        throw error;
      }
    },
  };
  const load = startLoad({ instance: watched, token, journal, random, workers });
  await sleep(700);
  const half = await halfSent();
  const large = place.instance.request({ method: 'POST', path: '/fhir/R4', token, body: largeBundle() });
  await sleep(150);
  signalled_ms = performance.now();
  const stopping = place.instance.stop();
  await sleep(200);
  const answered = await half.finish();
  const bundle = await large;
  await load.stop();
  const code = await stopping;
  t.diagnostic(`stopped ${Math.round(performance.now() - signalled_ms)} ms after the signal`);
  assert.equal(code, 0);
  assert.equal(bundle.status, 200);
  assert.match(answered, /^HTTP\/1\.1 201 /);
  assert.deepEqual(cut, []);

  const logged = await postgresLog();
  await place.start();
  await served(place.instance, token, 10_000);
  const since = (await postgresLog()).slice(logged.length);
  assert.match(since, /database system was shut down at/);
  assert.doesNotMatch(since, /not properly shut down|was interrupted|redo starts|automatic recovery/);

  const ask = asking(place.instance, token);
  const breaches = [...(await settleLost(ask, journal))];
  for (const track of journal.tracks.values()) breaches.push(...(await checkTrack(ask, track)));
  for (const one of journal.bundles) breaches.push(...(await checkBundle(ask, journal, one)));
  const entries = await readEntries(place.data);
  breaches.push(...checkAnswers(entries, journal), ...(await checkVersions(place.data, entries)));
  breaches.push(...(await checkVerifies(place.instance)));
  assert.deepEqual(breaches, []);
  assert.deepEqual(journal.odd, []);
  const last = await ask('Observation?identifier=large-599&_summary=count');
  assert.equal(last.json.total, 1);
});

test('a second `up` on the same data directory is refused and names the process', { timeout: 30_000 }, async () => {
  const refusal = await start({ data: place.data, tls: 'off' }).then(
    () => 'it started',
    (error: Error) => error.message,
  );
  assert.match(refusal, /ended with [1-9]/);
  assert.match(refusal, new RegExp(`in use by process ${place.instance.pid}\\b`));
  // The one that runs is not disturbed.
  await served(place.instance, token, 5_000);
});

for (const time of [1, 2, 3]) {
  test(`kill -9 and an immediate start on the same data directory, ${time}`, { timeout: 30_000 }, async (t) => {
    const made = await place.instance.request({
      method: 'POST',
      path: '/fhir/R4/Patient',
      token,
      body: content('Patient', { marker: `kept-${time}` }),
    });
    assert.equal(made.status, 201);
    place.instance.process.kill('SIGKILL');
    const begun = performance.now();
    await place.start();
    t.diagnostic(`ready ${Math.round(performance.now() - begun)} ms after the kill`);
    const read = await place.instance.request({ path: `/fhir/R4/Patient/${made.json.id}`, token });
    assert.equal(read.status, 200);
    assert.deepEqual(await checkVerifies(place.instance), []);
  });
}
