import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Criterion, createProfiles, matches, parametersOf, readSearch } from '@safeguard/fhir';
import { expandTerms, needsTerms } from '../conformance/index.ts';

const system = 'http://example.org/animals';
const terms = createProfiles([
  {
    resourceType: 'CodeSystem',
    url: system,
    status: 'active',
    content: 'complete',
    hierarchyMeaning: 'is-a',
    concept: [{ code: 'animal', concept: [{ code: 'dog', concept: [{ code: 'poodle' }] }, { code: 'cat' }] }],
  },
  {
    resourceType: 'ValueSet',
    url: 'http://example.org/pets',
    status: 'active',
    compose: { include: [{ system, concept: [{ code: 'dog' }, { code: 'cat' }] }] },
  },
  {
    resourceType: 'ValueSet',
    url: 'http://example.org/open',
    status: 'active',
    compose: { include: [{ system: 'http://snomed.info/sct' }] },
  },
]);

const where = (query: string) =>
  readSearch('Observation', new URLSearchParams(query), {
    parameters: (type) => parametersOf(type),
    lenient: false,
    now: 0,
  }).where;
const observation = (code: string) => ({ resourceType: 'Observation', id: 'a', code: { coding: [{ system, code }] } });

function holds(criterion: Criterion, resource: ReturnType<typeof observation>): boolean {
  if (criterion.kind === 'condition') return matches(resource, criterion);
  if (criterion.kind === 'and') return criterion.all.every((one) => holds(one, resource));
  if (criterion.kind === 'or') return criterion.all.some((one) => holds(one, resource));
  if (criterion.kind === 'not') return !holds(criterion.one, resource);
  throw new Error(criterion.kind);
}

/** Which of the codes a search finds. */
function found(query: string): string[] {
  const expanded = expandTerms(where(query), terms);
  assert.equal(needsTerms(expanded), false);
  return ['animal', 'dog', 'poodle', 'cat'].filter((code) => holds(expanded, observation(code)));
}

test('a value set, and what is above and below a code, as the codes that they mean', () => {
  assert.deepEqual(found('code:in=http://example.org/pets'), ['dog', 'cat']);
  assert.deepEqual(found('code:not-in=http://example.org/pets'), ['animal', 'poodle']);
  assert.deepEqual(found(`code:below=${system}|dog`), ['dog', 'poodle']);
  assert.deepEqual(found(`code:above=${system}|poodle`), ['animal', 'dog', 'poodle']);
  assert.deepEqual(found(`code:below=${system}|poodle,${system}|cat`), ['poodle', 'cat']);
});

test('inside chains, reverse chains and filters too', () => {
  for (const query of [
    'focus:Observation.code:in=http://example.org/pets',
    '_has:Observation:focus:code:in=http://example.org/pets',
  ]) {
    assert.equal(needsTerms(where(query)), true, query);
    assert.equal(needsTerms(expandTerms(where(query), terms)), false, query);
  }
  assert.deepEqual(found('_filter=code in http://example.org/pets and status pr false'), ['dog', 'cat']);
});

test('what cannot be counted out is refused, in words that repeat nothing', () => {
  for (const [query, words] of [
    ['code:in=http://example.org/open', /cannot be counted out/],
    ['code:in=http://example.org/nowhere', /not held here/],
    [`code:below=${system}|unicorn`, /does not hold the code/],
    ['code:below=dog', /expected system\|code/],
  ] as const) {
    assert.throws(() => expandTerms(where(query), terms), { kind: 'invalid', message: words });
    assert.throws(
      () => expandTerms(where(query), terms),
      (error: Error) => !/example|unicorn/.test(error.message),
    );
  }
});

test('a query without them is the same object', () => {
  const plain = where('code=dog&status=final');
  assert.equal(expandTerms(plain, terms), plain);
});
