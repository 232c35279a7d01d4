import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { eachReference, parseJson, validate, writeJson } from '../index.ts';
import { filesIn, shared, untar } from './shared.ts';

const synthea = shared('synthea');
/** The two bundles of hospitals and practitioners, and every ninth patient. */
const sample = synthea ? filesIn(synthea).filter((_, index) => index < 2 || index % 9 === 0) : [];

test('real bundles validate, and come back from their text as they were', { skip: synthea === undefined }, () => {
  let count = 0;
  const spent = { parse: 0, validate: 0 };
  const measure = <T>(name: keyof typeof spent, work: () => T): T => {
    const before = process.cpuUsage();
    const made = work();
    const { user, system } = process.cpuUsage(before);
    spent[name] += (user + system) / 1e6;
    return made;
  };
  for (const file of sample) {
    const bytes = gunzipSync(readFileSync(join(synthea ?? '', file)));
    const bundle = measure('parse', () => parseJson(bytes)) as { entry: unknown[] };
    count += bundle.entry.length;
    const issues = measure('validate', () => validate(bundle, { conditionalReferences: true }));
    assert.deepEqual(issues, [], file);
    assert.ok(
      validate(bundle).every((issue) => issue.at?.endsWith('.reference')),
      'only conditional references are refused',
    );
    assert.deepEqual(JSON.parse(writeJson(bundle)), JSON.parse(bytes.toString()));
    let references = 0;
    eachReference(bundle, () => void references++);
    assert.ok(references > 0 || file.startsWith('0-'));
  }
  const rate = (name: keyof typeof spent): string => Math.round(count / spent[name]).toLocaleString('en');
  process.stderr.write(
    `${count} real resources in ${sample.length} bundles; ` +
      `per CPU-second: parsed ${rate('parse')}, validated ${rate('validate')}\n`,
  );
  assert.ok(count > 5000);
});

const core = shared('ig/hl7.fhir.us.core-6.1.0.tgz');
test('the US Core package validates: examples, profiles, value sets', { skip: core === undefined }, () => {
  let examples = 0;
  for (const [name, bytes] of untar(core ?? '')) {
    if (!/^package\/(example\/)?[A-Z].*\.json$/.test(name)) continue;
    assert.deepEqual(validate(parseJson(bytes)), [], name);
    if (name.startsWith('package/example/')) examples += 1;
  }
  assert.equal(examples, 183);
});
