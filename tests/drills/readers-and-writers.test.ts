import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Instance, start } from '../harness/instance.ts';
import { readersAndWriters } from './readers-and-writers.ts';

/** Ten minutes: `node tests/drills/readers-and-writers-main.ts --seconds 600`. */
const seconds = 12;

let instance: Instance;
before(async () => {
  instance = await start({ tls: 'off' });
});
after(() => instance?.stop());

test('writers and readers together: whole pages, no lost update, one of each conditional create', async (t) => {
  const figures = await readersAndWriters({ instance, token: await instance.token(), seconds });
  const { wrong, ...counts } = figures;
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual([...new Set(wrong)], []);
  assert.ok(Object.values(counts).every((count) => count > 0));
});

test('negative control: writers that do not say which version they saw lose updates', async () => {
  const token = await instance.token();
  const careless: Instance['request'] = ({ headers = {}, ...asked }) => {
    const { 'if-match': _match, 'if-none-exist': _none, ...others } = headers;
    return instance.request({ ...asked, headers: others });
  };
  const { wrong } = await readersAndWriters({ instance: { request: careless }, token, seconds: 5 });
  assert.ok(wrong.some((one) => /increments acknowledged/.test(one)));
  assert.ok(wrong.some((one) => /of one conditional create/.test(one)));
});
