import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import { bindTo, type Criterion, parametersOf, type ReadOptions, readSearch, type SearchRequest } from '../index.ts';

const options: ReadOptions = { parameters: parametersOf, lenient: false, now: Date.parse('2024-01-01T00:00:00Z') };

const read = (type: string | undefined, query: string, more: Partial<ReadOptions> = {}): SearchRequest =>
  readSearch(type, new URLSearchParams(query), { ...options, ...more });

/** A criterion as a short text, to compare trees by eye. */
function brief(one: Criterion): string {
  switch (one.kind) {
    case 'and':
    case 'or':
      return `${one.kind}(${one.all.map(brief).join(' ')})`;
    case 'not':
      return `not(${brief(one.one)})`;
    case 'condition':
      return `${one.parameter.of}.${one.parameter.code}${one.modifier ? `:${one.modifier}` : ''}`;
    case 'chain':
      return `${one.parameter.code}>${one.links.map(({ type, where }) => `${type}[${brief(where)}]`).join('')}`;
    case 'has':
      return `${one.link.type}.${one.parameter.code}<[${brief(one.link.where)}]`;
    case 'id':
      return `id ${one.ids.join()}`;
    case 'list':
      return `list ${one.list}`;
    case 'text':
      return `${one.over} ${one.words.join()}`;
    default:
      return one.kind;
  }
}

const trees: readonly [string, string, string][] = [
  ['Patient', '', 'and()'],
  ['Patient', 'name=a&gender:not=male', 'and(Patient.name Patient.gender:not)'],
  ['Patient', '_id=1,2&_lastUpdated=gt2020', 'and(id 1,2 updated)'],
  ['Observation', 'subject:Patient.name=peter', 'subject>Patient[Patient.name]'],
  ['Observation', 'patient.birthdate=1974', 'patient>Patient[Patient.birthdate]'],
  ['Observation', 'subject._id=1', 'subject>Device[id 1]Group[id 1]Location[id 1]Patient[id 1]'],
  [
    'DiagnosticReport',
    'subject:Patient.general-practitioner:Organization.name=x',
    'subject>Patient[general-practitioner>Organization[Organization.name]]',
  ],
  [
    'Observation',
    'subject:Patient._has:Encounter:patient:class=x',
    'subject>Patient[Encounter.patient<[Encounter.class]]',
  ],
  ['Patient', '_has:Observation:patient:code=1234-5', 'Observation.patient<[Observation.code]'],
  [
    'Patient',
    '_has:Observation:patient:_has:AuditEvent:entity:agent=u',
    'Observation.patient<[AuditEvent.entity<[AuditEvent.agent]]',
  ],
  [
    'Patient',
    '_has:Observation:patient:performer:Practitioner.name=x',
    'Observation.patient<[performer>Practitioner[Practitioner.name]]',
  ],
  ['Patient', '_has:Observation:patient:code:text=x', 'Observation.patient<[Observation.code:text]'],
  ['Patient', '_list=42', 'list 42'],
  ['Patient', '_list=$current-allergies', 'list $current-allergies'],
  ['Patient', '_text=Zoë%20cancer', 'narrative zoe,cancer'],
  ['Patient', '_content=a-b', 'content a,b'],
  ['Observation', 'code:in=http://x.org/vs&code:below=s|1', 'and(Observation.code:in Observation.code:below)'],
  [
    'Patient',
    '_filter=name eq a or not (name ew b) and _id eq 1',
    'and(or(Patient.name:equals not(Patient.name:ends)) id 1)',
  ],
  [
    'Observation',
    '_filter=patient[name sw a].birthdate ge 2000',
    'patient>Patient[and(Patient.name Patient.birthdate)]',
  ],
  ['Observation', '_filter=patient.name co "a) b]"', 'patient>Patient[Patient.name:contains]'],
  [
    'Observation',
    '_filter=code ss s|1 and code ni http://x.org/vs',
    'and(Observation.code:below Observation.code:not-in)',
  ],
  ['Observation', '_filter=code ne 1', 'not(Observation.code)'],
  ['Patient', '_format=json&_pretty=true&_tag=x', 'Patient._tag'],
];

test('queries become trees', () => {
  for (const [type, query, expected] of trees) {
    assert.equal(brief(read(type, query).where), expected, query);
  }
});

test('an untyped chain goes to each type that has the parameter and can take the value', () => {
  assert.equal(
    brief(read('Observation', 'subject.name=x').where),
    'subject>Location[Location.name]Patient[Patient.name]',
  );
  const { where } = read('Provenance', 'target.code=x');
  assert.ok(where.kind === 'chain' && where.links.length > 20);
  assert.throws(() => read('Provenance', 'target.date=x'), { message: /date expects a date/ });
});

test('parameters of the result', () => {
  const request = read(
    'Observation',
    '_sort=-date,_id&_sort=code&_count=5000&_total=accurate&_summary=text&_elements=status,code&_elements=value' +
      '&_include=Observation:subject:Patient&_include:iterate=Patient:*&_include:recurse=Encounter:location' +
      '&_revinclude=Provenance:target&_revinclude=*&_page=abc',
  );
  const { sort, count, total, summary, elements, includes, page } = request;
  assert.deepEqual(
    sort.map(({ by, descending }) => [typeof by === 'string' ? by : by.code, descending]),
    [
      ['date', true],
      ['_id', false],
      ['code', false],
    ],
  );
  assert.deepEqual([count, total, summary, page], [1000, 'accurate', 'text', 'abc']);
  assert.deepEqual(elements, ['status', 'code', 'value']);
  assert.deepEqual(
    includes.map(({ reverse, iterate, source, parameter, target }) => [
      reverse,
      iterate,
      source,
      parameter?.code,
      target,
    ]),
    [
      [false, false, 'Observation', 'subject', 'Patient'],
      [false, true, 'Patient', undefined, undefined],
      [false, true, 'Encounter', 'location', undefined],
      [true, false, 'Provenance', 'target', undefined],
      [true, false, '*', undefined, undefined],
    ],
  );
  assert.equal(read('Patient', '_count=0').count, 0);
  assert.equal(read('Patient', '').count, 20);
});

test('a search over several types takes what all have, and is bound to each', () => {
  assert.deepEqual(read(undefined, '_tag=x').types, []);
  const { types, where } = read(undefined, '_type=Patient,Practitioner&name=x&_id=1');
  assert.deepEqual(types, ['Patient', 'Practitioner']);
  assert.equal(brief(bindTo(where, 'Practitioner', parametersOf)), 'and(Practitioner.name id 1)');
  assert.throws(() => read(undefined, 'name=x'), { kind: 'invalid' });
  assert.throws(() => read(undefined, '_type=Patient,Observation&name=x'), { kind: 'invalid' });
});

test('our own address is no part of a reference', () => {
  const { where } = read('Observation', 'subject=https://me.org/fhir/Patient/1', { base: 'https://me.org/fhir' });
  assert.deepEqual(where.kind === 'condition' && where.tests, [{ kind: 'reference', types: ['Patient'], id: '1' }]);
});

/** Each holds a word that must not come back. */
const refused: readonly [string, RegExp][] = [
  ['sEcRet=1', /^A search parameter is not known for Patient\. Known are: _content, .*birthdate/],
  ['name:sEcRet=1', /parameter name .* :missing, :exact, :contains/],
  ['birthdate:exact=2020', /birthdate/],
  ['birthdate=sEcRet', /birthdate expects a date/],
  ['birthdate=2020-13', /birthdate expects a date/],
  ['birthdate=', /birthdate expects/],
  ['identifier=a|b|sEcRet', /identifier expects code, system\|code/],
  ['general-practitioner=sEcRet/1', /expects id, Type\/id/],
  ['general-practitioner:Secret.name=x', /modifier/],
  ['general-practitioner:Practitioner=Organization/sEcRet', /reference to that type/],
  ['name.family=sEcRet', /no reference/],
  ['_has:sEcRet:patient:code=x', /_has expects/],
  ['_has:Observation:sEcRet:code=x', /not known for Observation/],
  ['_has:Observation:device:code=x', /leads to the type searched/],
  ['_has:Observation:patient:sEcRet=x', /not known for Observation/],
  ['_id=sEc Ret', /_id expects/],
  ['_id:not=sEcRet', /_id/],
  ['_sort=sEcRet', /not known/],
  ['_count=sEcRet', /_count expects/],
  ['_count=-1', /_count expects/],
  ['_total=sEcRet', /none, estimate, accurate/],
  ['_summary=sEcRet', /true, text, data, count, false/],
  ['_elements=sEc-Ret', /_elements/],
  ['_include=sEcRet', /_include expects/],
  ['_include=Patient:sEcRet', /not known for Patient/],
  ['_include=Patient:name', /no reference/],
  ['_include:sEcRet=Patient:organization', /modifier/],
  ['_lastUpdated=sEcRet', /_lastUpdated expects/],
  ['_contained=sEcRet', /_contained expects false/],
  ['_query=sEcRet', /not known/],
  ['_filter=name eq', /_filter expects/],
  ['_filter=sEcRet eq x', /not known for Patient/],
  ['_filter=name sEcRet x', /_filter expects one of eq, ne/],
  ['_filter=name gt sEcRet', /can be compared by eq, ne, co, sw, ew, pr/],
  ['_filter=birthdate eq gt2020', /without prefix/],
  ['_filter=(name eq x', /_filter expects \)/],
  ['_filter=name eq "sEcRet\\x"', /JSON string/],
  ['_filter=name eq x sEcRet', /and, or, or the end at character 11/],
  ['_filter=general-practitioner[name eq x] eq y', /a point and a parameter/],
  ['_filter=name pr sEcRet', /true or false/],
  ['name:exact=', /name expects/],
  ['name=%CC%81', /name expects/],
];

test('what is wrong is refused with 400, named, and not repeated', () => {
  for (const [query, text] of refused) {
    assert.throws(
      () => read('Patient', query),
      (error) => {
        assert.ok(isFault(error), query);
        assert.equal(error.kind, 'invalid');
        assert.match(error.message, text, query);
        assert.doesNotMatch(error.message, /sEc/, query);
        return true;
      },
    );
  }
});

test('lenient: unknown parameters and modifiers are ignored and told, values still refused', () => {
  const request = read('Patient', 'sEcRet=1&name:sEcRet=2&_sort=sEcRet&gender=male', { lenient: true });
  assert.equal(brief(request.where), 'Patient.gender');
  assert.deepEqual(request.ignored, [
    'a search parameter that is not known for Patient',
    'the parameter name, with a modifier that it does not take',
    'a search parameter that is not known for Patient',
  ]);
  assert.throws(() => read('Patient', 'birthdate=x', { lenient: true }), { kind: 'invalid' });
});

const many = (count: number, text: string): string => Array.from({ length: count }, () => text).join('&');
const hostile: readonly [string, string, string, RegExp][] = [
  ['a long value', 'Patient', `name=${'x'.repeat(100_000)}`, /at most 16384 characters/],
  ['a long name', 'Patient', `${'x'.repeat(100_000)}=1`, /at most 1000 characters/],
  ['commas', 'Patient', `name=${'a,'.repeat(8_000)}`, /at most 500 alternatives/],
  ['backslashes', 'Patient', `name=${'\\\\,'.repeat(4_000)}`, /at most 500 alternatives/],
  ['criteria', 'Patient', many(5_000, 'name=a'), /at most 100 criteria/],
  ['includes', 'Patient', many(5_000, '_include=Patient:organization'), /at most 20/],
  ['sorts', 'Patient', `_sort=${'name,'.repeat(3_000)}`, /at most 10/],
  ['a deep chain', 'Patient', `${'link:Patient.'.repeat(50)}name=x`, /at most 6 references/],
  [
    'a deep _has',
    'Patient',
    `${'_has:Observation:patient:performer:Patient.'.repeat(8)}name=x`,
    /at most 6 references/,
  ],
  [
    'a chain through everything',
    'Provenance',
    'target.subject.subject.subject.subject.subject.name=x',
    /at most 1000 types/,
  ],
  ['a nested filter', 'Patient', `_filter=${'('.repeat(5_000)}`, /at most 20 filters/],
  ['a filter of nots', 'Patient', `_filter=${'not('.repeat(4_000)}`, /at most 20 filters/],
  ['a filter of brackets', 'Patient', `_filter=${'link['.repeat(3_000)}`, /at most 20 filters/],
  ['a filter of ands', 'Patient', `_filter=${'name eq a and '.repeat(1_100)}name eq b`, /at most 100 criteria/],
  ['a filter of quotes', 'Patient', `_filter=name eq ${'"\\'.repeat(8_000)}`, /_filter expects/],
  ['a filter of spaces', 'Patient', `_filter=${'%20'.repeat(16_000)}`, /_filter expects/],
  ['a number of digits', 'RiskAssessment', `probability=${'9'.repeat(16_000)}`, /expects a number/],
  ['an exponent', 'RiskAssessment', 'probability=1e999', /expects a number/],
];

for (const [name, type, query, text] of hostile) {
  test(`hostile: ${name}`, () => {
    const before = performance.now();
    assert.throws(() => read(type, query), { kind: 'invalid', message: text });
    assert.ok(performance.now() - before < 500, 'it takes long to refuse');
  });
}

test('whatever is asked, the answer is a request or a 400 that repeats nothing', () => {
  const words = [
    'name',
    'birthdate',
    'link',
    'Patient',
    ':',
    '.',
    '_has:',
    'Observation:',
    'patient:',
    '_filter',
    '_sort',
  ];
  const signs = ['(', ')', '[', ']', '"', '\\', ',', '|', '$', ' eq ', ' and ', 'not(', 'ge', '2020', '-', 'zqx'];
  const text = (all: readonly string[]): fc.Arbitrary<string> =>
    fc
      .array(fc.oneof(fc.constantFrom(...all), fc.string({ maxLength: 3 })), { maxLength: 8 })
      .map((some) => some.join(''));
  const entries = fc.array(fc.tuple(text(words), text([...signs, ...words])), { maxLength: 4 });
  let [requests, faults] = [0, 0];
  const property = fc.property(entries, fc.boolean(), (all, lenient) => {
    try {
      readSearch('Patient', new URLSearchParams(all), { ...options, lenient });
      requests += 1;
    } catch (error) {
      assert.ok(isFault(error) && error.kind === 'invalid', String(error));
      assert.ok(!error.message.includes('zqx'));
      faults += 1;
    }
  });
  fc.assert(property, { numRuns: 5_000 });
  assert.ok(requests > 100 && faults > 100);
});
