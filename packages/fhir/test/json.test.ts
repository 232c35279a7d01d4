import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import { isRawNumber, numberText, numberValue, parseJson, parseWritten, writeJson } from '../index.ts';
import { filesIn, shared } from './shared.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

/** `accepted`, or the public text of the Fault; anything else that is thrown fails the test. */
function outcome(input: Buffer): string {
  try {
    parseJson(input);
    return 'accepted';
  } catch (error) {
    assert.ok(isFault(error) && error.kind === 'malformed', `threw ${String(error)}`);
    assert.equal(error.cause, undefined, 'the engine quotes the text in its own error');
    return error.message;
  }
}

test('numbers keep their own form, and only odd ones are kept apart', () => {
  const same = '[1.00,1e-7,0.10,-0,-0.0,1E5,12345678901234567890,3.14159265358979323846,1.5,0,42,1e400,0.000001,120]';
  const value = parseJson(bytes(same)) as unknown[];
  assert.equal(writeJson(value), same);
  // 1e-7 and 0.000001 are what JavaScript writes itself.
  const odd = [0, 2, 3, 4, 5, 6, 7, 11];
  assert.deepEqual(
    value.flatMap((number, index) => (isRawNumber(number) ? [index] : [])),
    odd,
  );
  assert.equal(numberValue(value[0]), 1);
  assert.equal(numberText(value[0]), '1.00');
  assert.equal(numberText(1.5), '1.5');
  assert.equal(numberValue('1'), undefined);
  assert.equal(isRawNumber({ rawJSON: '1' }), false);
  assert.equal(writeJson(parseJson(bytes('1.0'))), '1.0');
});

test('odd numbers find their place under every key', () => {
  const text = '{"a":[{"b":1.0},[2.50]],"\\u0061\\"":{"é":[0,3.0]},"__proto__":{"x":4.0},"n":"5.0","":6.0}';
  const value = parseJson(bytes(text));
  assert.deepEqual(writeJson(value), text.replace('\\u0061', 'a'));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test('a key that stands twice: the later value counts', () => {
  assert.equal(writeJson(parseJson(bytes('{"a":1.0,"a":"x"}'))), '{"a":"x"}');
  assert.equal(writeJson(parseJson(bytes('{"a":{"b":1.0},"a":2.0}'))), '{"a":2.0}');
});

test('refuses with a position and without the text', () => {
  const cases: [string, number][] = [
    ['{"name":"Smith",}', 16],
    ['[1 2]', 3],
    ['{"a":01}', 6],
    ['"abc', 4],
    ['', 0],
    ['[1]]', 3],
    ['{"a":tru}', 5],
    ['["\\x"]', 2],
    ['{"a" 1}', 5],
    ['[Smith]', 1],
  ];
  for (const [text, at] of cases) {
    const message = outcome(bytes(text));
    assert.match(message, new RegExp(`at character ${at}\\.$`), text);
    assert.doesNotMatch(message, /Smith/);
  }
});

test('refuses what is no UTF-8, byte order marks, half surrogate pairs, and endless nesting', () => {
  assert.match(outcome(Buffer.from([0x22, 0xff, 0x22])), /UTF-8/);
  assert.match(outcome(Buffer.from([0x22, 0xc0, 0x80, 0x22])), /UTF-8/);
  assert.match(outcome(Buffer.from('\ufeff{}')), /character 0/);
  assert.match(outcome(bytes('["\\ud800"]')), /surrogate/);
  assert.match(outcome(bytes('{"\\uDfff":1}')), /surrogate/);
  assert.equal(outcome(bytes('["\\ud83d\\ude00"]')), 'accepted');
  assert.equal(outcome(bytes('["\\\\ud800"]')), 'accepted');
  assert.equal(outcome(bytes('['.repeat(200) + ']'.repeat(200))), 'accepted');
  for (const open of ['[', '{"a":', '[{"a":']) assert.match(outcome(bytes(open.repeat(100_000))), /deeper than 200/);
});

test('what is written is what was read', () => {
  const number = fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?$/);
  fc.assert(
    fc.property(fc.array(number), (texts) => {
      const text = `[${texts.join(',')}]`;
      assert.equal(writeJson(parseJson(bytes(text))), text);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      assert.deepEqual(JSON.parse(writeJson(parseJson(bytes(text)))), JSON.parse(text));
    }),
  );
});

test('any bytes are read or refused', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '1.0',
    '-',
    'e',
    'true',
    ' ',
    '\\ud800',
    '"a":',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const input = bytes(parts.join(''));
      let native = true;
      try {
        JSON.parse(input.toString());
      } catch {
        native = false;
      }
      const ours = outcome(input);
      assert.ok(native === (ours === 'accepted') || ours.includes('surrogate'), `${input.toString()}: ${ours}`);
    }),
    { numRuns: 3000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (input) => void outcome(Buffer.from(input))));
});

const suite = shared('vectors/json/test_parsing');
test('JSONTestSuite: y_ accepted, n_ refused, i_ either', { skip: suite === undefined }, () => {
  const files = filesIn(suite ?? '');
  assert.ok(files.length >= 300);
  for (const file of files) {
    const found = outcome(readFileSync(join(suite ?? '', file)));
    if (file.startsWith('y_')) assert.equal(found, 'accepted', file);
    if (file.startsWith('n_')) assert.notEqual(found, 'accepted', file);
  }
});

test('what was written is read back the same by the short way, whatever the numbers', () => {
  const forms = [
    '0',
    '-0',
    '1.0',
    '-1.50',
    '1e5',
    '1E-7',
    '0.1',
    '12345678901234567',
    '1.2345678901234567',
    '10',
    '100.25',
  ];
  for (const form of forms) {
    for (const text of [`{"a":${form}}`, `[${form},1]`, `[1,${form}]`, `{"a":[{"b":${form},"c":"x"}]}`]) {
      const parsed = parseJson(Buffer.from(text));
      assert.deepStrictEqual(parseWritten(writeJson(parsed)), parsed, text);
      assert.equal(writeJson(parseWritten(text)), text);
    }
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = writeJson([value]);
      assert.deepStrictEqual(parseWritten(text), parseJson(Buffer.from(text)));
    }),
  );
});

test('a body full of odd numbers costs what its length costs, however deep and under whatever keys it stands', () => {
  const numbers = (count: number): string => `[${Array.from({ length: count }, () => '-0').join()}]`;
  const deep = (count: number): string => `${'{"a":'.repeat(199)}${numbers(count)}${'}'.repeat(199)}`;
  const named = (count: number): string => `{"${'k'.repeat(100_000)}":${numbers(count)}}`;
  for (const make of [deep, named]) {
    const text = make(100_000);
    const started = process.cpuUsage();
    assert.equal(writeJson(parseJson(Buffer.from(text))), text);
    const { user } = process.cpuUsage(started);
    // Before, this took minutes or all memory: the bound is far from both what it takes and what it took.
    assert.ok(user < 5_000_000, `${user} microseconds`);
  }
  assert.throws(() => parseJson(Buffer.from(numbers(200_001))), { kind: 'tooLarge' });
});
