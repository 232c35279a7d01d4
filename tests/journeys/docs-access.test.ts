/** Runs the shell examples of docs/access against a fresh instance with two administrators. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { follow, stepsOf, told } from '../harness/doc-page.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { newApp, tokensFor } from '../harness/oauth-app.ts';
import { firstAdministrator, invite, type Person } from '../harness/people.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs', 'access');
const scope = 'safeguard/access';

let safeguard: Instance;
let ann: Person;
let ben: Person;
before(async () => {
  safeguard = await start();
  ann = await firstAdministrator(safeguard, { login: 'ann@clinic.example', name: 'Ann' });
  ben = await invite(safeguard, { login: 'ben@clinic.example', name: 'Ben', roles: 'administrator' });
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

test('docs/access/policies.md: its examples do what they say', async () => {
  const app = await newApp(safeguard, { scopes: scope });
  const tokenOf = async ({ jar }: Person) => (await tokensFor(jar, app, { scope })).access_token;
  const steps = stepsOf(readFileSync(join(docs, 'policies.md'), 'utf8'));
  assert.ok(steps.length >= 10, `${steps.length} examples`);
  const tokens = { ANN: await tokenOf(ann), BEN: await tokenOf(ben) };
  const { said, code, stderr } = await follow(safeguard, steps, tokens);
  assert.deepEqual(told(steps, said), [], stderr);
  assert.equal(code, 0, stderr);
});

test('an example that is wrong, or fails, is found', async () => {
  const wrong = stepsOf('```sh\necho one\n# → two\nfalse\n```\n');
  const { said, code } = await follow(safeguard, wrong);
  assert.equal(told(wrong, said).length, 1);
  assert.notEqual(code, 0);
});
