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
  const cpu = process.cpuUsage();
  for (const file of sample) {
    const bytes = gunzipSync(readFileSync(join(synthea ?? '', file)));
    const bundle = parseJson(bytes) as { entry: unknown[] };
    count += bundle.entry.length;
    assert.deepEqual(validate(bundle, { conditionalReferences: true }), [], file);
    assert.ok(
      validate(bundle).every((issue) => issue.at?.endsWith('.reference')),
      'only conditional references are refused',
    );
    assert.deepEqual(JSON.parse(writeJson(bundle)), JSON.parse(bytes.toString()));
    let references = 0;
    eachReference(bundle, () => void references++);
    assert.ok(references > 0 || file.startsWith('0-'));
  }
  const used_s = process.cpuUsage(cpu).user / 1e6;
  process.stderr.write(`${count} real resources in ${sample.length} bundles, ${used_s.toFixed(1)} CPU-s\n`);
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
