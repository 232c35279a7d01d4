import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasIdentifier, parseIdentifierTests } from '../search/identifier.ts';
import { parseSearch, parseUpdated, type Range } from '../search/parameters.ts';

const hit = (range: Range, at: string): boolean => {
  const time = Date.parse(at);
  return (time >= range.from && time < range.to) !== (range.outside ?? false);
};

test('_lastUpdated: a value spans its precision, a prefix compares with the span (FHIR R4 3.1.1.4.7)', () => {
  const cases: [string, string, boolean][] = [
    ['2026', '2026-12-31T23:59:59.999Z', true],
    ['2026', '2027-01-01T00:00:00Z', false],
    ['2026-02', '2026-02-28T23:00:00Z', true],
    ['2026-02-28', '2026-03-01T00:00:00Z', false],
    ['eq2026-02-28T10:00', '2026-02-28T10:00:59.999Z', true],
    ['2026-02-28T10:00:00', '2026-02-28T10:00:00.999Z', true],
    ['2026-02-28T10:00:00.5Z', '2026-02-28T10:00:00.500Z', true],
    ['2026-02-28T10:00:00+02:00', '2026-02-28T08:00:00Z', true],
    ['ne2026', '2026-05-01T00:00:00Z', false],
    ['ne2026', '2025-05-01T00:00:00Z', true],
    ['gt2026-01-01', '2026-01-01T23:00:00Z', false],
    ['gt2026-01-01', '2026-01-02T00:00:00Z', true],
    ['sa2026-01-01', '2026-01-02T00:00:00Z', true],
    ['ge2026-01-01', '2026-01-01T00:00:00Z', true],
    ['lt2026-01-01', '2026-01-01T00:00:00Z', false],
    ['lt2026-01-01', '2025-12-31T23:59:59.999Z', true],
    ['eb2026-01-01', '2025-12-31T00:00:00Z', true],
    ['le2026-01-01', '2026-01-01T23:59:59Z', true],
    ['le2026-01-01', '2026-01-02T00:00:00Z', false],
  ];
  for (const [text, at, expected] of cases) assert.equal(hit(parseUpdated(text), at), expected, `${text} ${at}`);
});

test('dates that are none are refused, and nothing of them is quoted', () => {
  for (const text of ['', 'today', '2026-02-30', '2026-13', 'xx2026', '2026-01-01T25:00', '26', '2026-1-1', 'gt']) {
    assert.throws(
      () => parseUpdated(text),
      (error: Error) => text === '' || !error.message.includes(text),
      text,
    );
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        const { from, to } = parseUpdated(text);
        assert.ok(from < to);
      } catch (error) {
        assert.equal((error as { kind?: string }).kind, 'invalid');
      }
    }),
  );
});

test('identifier: value, system|value, |value, system|, alternatives and escapes', () => {
  const resource = { resourceType: 'Patient', identifier: [{ system: 's', value: 'a|b,c\\d' }, { value: 'x' }] };
  const matches = (text: string): boolean => hasIdentifier(resource, parseIdentifierTests(text));
  for (const text of ['x', '|x', 's|', 'a\\|b\\,c\\\\d', 's|a\\|b\\,c\\\\d', 'no,x']) assert.ok(matches(text), text);
  for (const text of ['s|x', 'X', 'no', '|a\\|b\\,c\\\\d', 't|']) assert.equal(matches(text), false, text);
  for (const text of ['', '|', 'a|b|c', 'x,', 'a,|'])
    assert.throws(() => parseIdentifierTests(text), { kind: 'invalid' }, text);
});

test('a parameter, modifier or control value that is not served is refused', () => {
  for (const query of [
    'name=x',
    'identifier:exact=x',
    '_sort=_id',
    '_summary=true',
    '_total=some',
    '_count=-1',
    '_count=x',
  ])
    assert.throws(() => parseSearch(new URLSearchParams(query)), { kind: 'invalid' }, query);
  const { count, countOnly, total } = parseSearch(new URLSearchParams('_count=5000'));
  assert.deepEqual([count, countOnly, total], [1000, false, false]);
  assert.equal(parseSearch(new URLSearchParams('_count=0')).countOnly, true);
});
