import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fault, fold, isFault, isUuid, newId, quote, uuidBytes, uuidText } from '../index.ts';

test('an id is a random UUID, version 4, and its text and bytes are one', () => {
  const ids = Array.from({ length: 1000 }, newId);
  assert.equal(new Set(ids).size, 1000);
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(uuidText(uuidBytes(id)), id);
  }
});

test('bytes of any 16 come back from their text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const text = uuidText(bytes);
      assert.ok(isUuid(text));
      assert.deepEqual(new Uint8Array(uuidBytes(text)), bytes);
    }),
  );
});

test('only the form that we make is an id of ours', () => {
  for (const other of ['', 'x', newId().toUpperCase(), ` ${newId()}`, `${newId()}\n`, '../../etc/passwd']) {
    assert.equal(isUuid(other), false, other);
  }
});

test('a fault keeps its cause apart from the text that may leave', () => {
  const failure = fault('gone', 'It was deleted', { cause: new Error('row 17 of Zoë'), retry_after_s: 3 });
  assert.ok(isFault(failure));
  assert.equal(failure.message, 'It was deleted');
  assert.equal(String(failure).includes('Zoë'), false);
  assert.equal(failure.retry_after_s, 3);
  assert.equal(isFault(new Error('x')), false);
});

test('folding makes case, accents and spaces alike', () => {
  assert.equal(fold('  NÚÑEZ   Zoë '), 'nunez zoe');
  assert.equal(fold('Ｆｕｌｌ'), 'full');
  fc.assert(fc.property(fc.string(), (text) => assert.equal(fold(fold(text)), fold(text))));
});

test('a quoted word is short and cannot break out of its quotes', () => {
  assert.equal(quote('a"b\n'), '"a\\"b\\n"');
  assert.ok(quote('x'.repeat(1000)).length <= 62);
});
