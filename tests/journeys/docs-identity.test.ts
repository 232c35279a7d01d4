/** Runs the shell examples of docs/identity, a page from top to bottom, against a fresh instance. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { follow, stepsOf, told } from '../harness/doc-page.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs', 'identity');

let safeguard: Instance;
before(async () => {
  safeguard = await start();
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

for (const [name, least] of [
  ['apps.md', 12],
  ['smart.md', 5],
  ['administration.md', 5],
] as const) {
  describe(`docs/identity/${name}`, () => {
    test('its examples do what they say', async () => {
      const steps = stepsOf(readFileSync(join(docs, name), 'utf8'));
      assert.ok(steps.length >= least, `${steps.length} examples`);
      const { said, code, stderr } = await follow(safeguard, steps);
      assert.deepEqual(told(steps, said), [], stderr);
      assert.equal(code, 0, stderr);
    });
  });
}

test('an example that is wrong, or fails, is found', async () => {
  const wrong = stepsOf('```sh\necho one\n# → two\nfalse\n```\n');
  const { said, code } = await follow(safeguard, wrong);
  assert.equal(told(wrong, said).length, 1);
  assert.notEqual(code, 0);
});
