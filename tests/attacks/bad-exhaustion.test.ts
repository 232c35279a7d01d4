import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, removeData, start } from '../harness/instance.ts';

/** Each on a server of its own: what they may bring down is theirs. */
const exhausting: [string, string][] = [
  ['numbers that keep their form, deep inside', `${'{"a":'.repeat(199)}[${'-0,'.repeat(150_000)}1]${'}'.repeat(199)}`],
  ['numbers that keep their form, behind a long key', `{"${'k'.repeat(700_000)}":[${'-0,'.repeat(80_000)}1]}`],
];

for (const [what, body] of exhausting) {
  test(`a megabyte of JSON does not stop the server: ${what}`, async () => {
    const own = await start({ tls: 'off' });
    try {
      const token = await own.token('system/Observation.r');
      const began = performance.now();
      const asked = own
        .request({ method: 'POST', path: '/fhir/R4/Patient', token, body })
        .catch((error: unknown) => error);
      await new Promise((next) => setTimeout(next, 200));
      // Somebody else, meanwhile.
      const late = new Promise((next) => setTimeout(next, 5000, 'no answer within 5 s'));
      const health = await Promise.race([own.request({ path: '/healthz' }).then(({ status }) => status), late]);
      assert.equal(health, 200);
      const answer = (await Promise.race([asked, late])) as Answer;
      assert.ok(answer.status === 400 || answer.status === 403, `${answer.status}: ${answer}`);
      assert.ok(performance.now() - began < 5000);
    } finally {
      // A server that is still busy hears nothing else.
      const killed = setTimeout(() => own.process.kill('SIGKILL'), 2000);
      await own.stop();
      clearTimeout(killed);
      await new Promise((next) => setTimeout(next, 1000));
      await removeData(own.data);
    }
  });
}
