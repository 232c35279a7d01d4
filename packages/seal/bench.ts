import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { openBody, sealBody } from './body.ts';
import { compress, decompress } from './compress.ts';
import { holdDataKey } from './data-key.ts';
import { createPseudonyms } from './pseudonym.ts';
import { blindToken } from './token.ts';
import type { SealSegment } from './types.ts';
import { newKey, unwrapKey, type WrapContext, wrapKey } from './wrap.ts';

/**
 * What each operation of seal costs on one core, the best of five rounds. Run: `node packages/seal/bench.ts`.
 * The bodies are made up and deflate better than real resources of their size do (those of 1–2 KB to about 45 %).
 */
const at = { tenant: 1, segment: 'clinical' as SealSegment };
const key = holdDataKey(at, 1, randomUUID(), createSecretKey(randomBytes(32)));
const binding = { resource: randomUUID(), version: 1, purpose: 'body' };

function body(length: number): Buffer {
  let text = '{"resourceType":"Observation"';
  for (let index = 0; text.length < length; index += 1)
    text += `,"f${index}":{"reference":"urn:uuid:${randomUUID()}","display":"Diastolic Blood Pressure"}`;
  return Buffer.from(text).subarray(0, length);
}

function measure(name: string, act: () => unknown): void {
  for (let index = 0; index < 2000; index += 1) act();
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < 2000; index += 1) act();
    times.push(Number(process.hrtime.bigint() - start) / 2_000_000);
  }
  process.stdout.write(
    `${name.padEnd(44)}${Math.min(...times)
      .toFixed(2)
      .padStart(8)} µs\n`,
  );
}

for (const length of [500, 1000, 1100, 2000, 5000]) {
  const plain = body(length);
  const sealed = sealBody(at, key, binding, plain);
  measure(`seal ${length} B (to ${sealed.length} B)`, () => sealBody(at, key, binding, plain));
  measure(`open ${length} B`, () => openBody(at, key, binding, sealed));
  const compressed = compress(plain);
  if (compressed === undefined) continue;
  measure(`  of which compress`, () => compress(plain));
  measure(`  of which decompress`, () => decompress(compressed));
}
const index = newKey();
measure('token', () => blindToken(index, 'Patient.name', 'schmidt'));
const pseudonyms = createPseudonyms(newKey());
const id = randomUUID();
measure('pseudonym', () => pseudonyms.pseudonym(id));
const under = newKey();
const context: WrapContext = { ...at, owner: id, purpose: 'data', id: 7, version: 1 };
const wrapped = wrapKey(under, context, newKey());
measure('wrap a new data key', () => wrapKey(under, context, newKey()));
measure('unwrap a data key', () => unwrapKey(under, context, wrapped));
