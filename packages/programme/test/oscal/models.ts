import fc from 'fast-check';
import type { PlacedEvidence } from '../../checks/types.ts';
import { decisionKinds, families, productLines, services } from '../../content/types.ts';
import { linesOf } from '../../oscal/carried.ts';
import type { CatalogModel } from '../../oscal/catalog.ts';
import type { ComponentsModel } from '../../oscal/component.ts';
import type { FoundControl } from '../../oscal/finding.ts';
import { insertedIn } from '../../oscal/markup.ts';
import type { OpenItemsModel } from '../../oscal/open-items.ts';
import type { PlanModel } from '../../oscal/plan-model.ts';
import type { ResultsModel } from '../../oscal/results.ts';
import { stateNames } from '../../oscal/standing.ts';

const shards = [
  '<script>',
  '{{',
  '}}',
  '{{a.b}}',
  '\\',
  '\n',
  ' ',
  '&',
  '"',
  '\u2028',
  'x',
  'word ',
  '😀',
  '#',
  '1.',
  '\t',
];
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...shards), maxLength: 10 }),
);
const maybe = <T>(key: string, of: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(of, { nil: undefined }).map((value) => (value === undefined ? {} : { [key]: value }) as Record<string, T>);
const both = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<never> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as never);

const time = fc.integer({ min: 0, max: Date.UTC(2199, 0) });
const level = fc.constantFrom('required', 'addressable', 'none');
const controlId = fc
  .tuple(fc.integer({ min: 100, max: 999 }), fc.array(fc.constantFrom('a', '1', 'ii', 'A'), { maxLength: 3 }))
  .map(([section, parts]) => [`164.${section}`, ...parts].join('-'));
const checkId = fc.stringMatching(/^[a-z]{1,6}\.[a-z][a-z0-9-]{0,8}$/);
const texts = fc.array(text, { maxLength: 3 });
const parameterName = fc.constantFrom('audit.retention_years', 'sessions.idle_minutes', 'tls.least');

const head = fc.record({
  at: time,
  oscal: fc.constantFrom('1.1.3', '1.2.2'),
  version: text,
  digest: text,
  organization: fc.record({ name: text, contact: text }),
});

const specification = both(
  fc.record({
    ...{ id: controlId, citation: text, title: text, requirement: text, level },
    kind: fc.constantFrom('standard', 'specification', 'rule'),
    verified: fc.constantFrom('yes', 'unverified'),
  }),
  maybe('applies', fc.record({ when: text, otherwise: text })),
);

const scalar = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
);
const parameter = both(
  fc.record({ title: text, why: text, value: scalar, serves: texts }),
  maybe('unit', text),
  maybe('least', fc.integer()),
  maybe('most', fc.integer()),
  maybe('choices', fc.array(scalar, { minLength: 1, maxLength: 3 })),
  maybe('setting', fc.record({ name: text, times: fc.integer() })),
  maybe('formula', text),
  maybe('worded', text),
);

export const catalog: fc.Arbitrary<CatalogModel> = fc.record({
  head,
  groups: fc.uniqueArray(
    fc.record({
      family: fc.constantFrom(...families),
      controls: fc.array(
        both(specification, fc.record({ specifications: fc.array(specification, { maxLength: 2 }) })),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { selector: ({ family }) => family, maxLength: 3 },
  ),
  parameters: fc
    .dictionary(parameterName, parameter, { maxKeys: 3 })
    .map((all) => Object.entries(all).map(([name, one]) => ({ name, ...(one as object) }) as never)),
}) as fc.Arbitrary<CatalogModel>;

const carriedLine = both(
  fc.record({ by: fc.constantFrom('platform', 'shared', 'customer', 'not-applicable') }),
  maybe('with', fc.uniqueArray(fc.constantFrom(...services), { minLength: 1 })),
  maybe('customer', text),
);
const carried = fc
  .record(Object.fromEntries(productLines.map((line) => [line, carriedLine])) as never)
  .map((lines) => linesOf(lines as never));

const approach = fc.oneof(text, fc.constant('After {{sessions.idle_minutes}} of {{audit.retention_years|words}}.'));
const values = {
  ...{ 'audit.retention_years': '6', 'audit.retention_years.words': '6 years', 'sessions.idle_minutes': ' 15' },
  ...{ 'tls.least': '1.2', 'a.b': '' },
};
type Values = Record<string, string>;

const componentControl = (id: string): fc.Arbitrary<never> =>
  both(
    fc.record({
      id: fc.constant(id),
      ...{ approach, policies: texts, checks: texts, carried },
      mechanisms: fc.array(
        fc.record({
          package: fc.constantFrom('ledger', 'organization', 'seal'),
          does: text,
          parameters: fc.uniqueArray(parameterName),
        }),
        { maxLength: 4 },
      ),
    }),
    maybe('decision', fc.record({ default: fc.constantFrom(...decisionKinds), why: text })),
  );

const ids = fc.uniqueArray(controlId, { maxLength: 4 });
const each = <T>(make: (id: string) => fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  ids.chain((all) => fc.tuple(...all.map(make)) as unknown as fc.Arbitrary<T[]>);

const only = (names: readonly string[]): Values =>
  Object.fromEntries([...new Set(names)].sort().map((name) => [name, (values as Values)[name] ?? '']));

export const components: fc.Arbitrary<ComponentsModel> = fc
  .record({ head, controls: each(componentControl) as fc.Arbitrary<ComponentsModel['controls']> })
  .map(({ head: of, controls }) => {
    const named = controls.flatMap((one) => [
      ...insertedIn(one.approach),
      ...one.mechanisms.flatMap(({ parameters }) => parameters),
    ]);
    return { head: of, controls, values: only(named) } as ComponentsModel;
  });

const decision = (control: string) =>
  fc.record({
    ...{ id: fc.uuid(), control: fc.constant(control), kind: fc.constantFrom(...decisionKinds), why: text },
    ...{ factors: text, by: text, approved_by: texts, at: time },
  });
const waiver = (control: string) =>
  both(
    fc.record({ id: fc.uuid(), control: fc.constant(control), owner: text, why: text, approved_by: texts }),
    fc.record({ from: time, until: time }),
    maybe('ended_at', time),
  );
const state = fc.constantFrom(...stateNames);

const planControl = (id: string): fc.Arbitrary<never> =>
  both(
    fc.record({
      id: fc.constant(id),
      ...{ state, because: text, approach, policies: texts, checks: texts, carried },
      does: fc.uniqueArray(
        fc.record({
          package: fc.constantFrom('ledger', 'organization', 'seal'),
          texts: fc.array(text, { minLength: 1, maxLength: 3 }),
        }),
        { selector: (one) => one.package },
      ),
    }),
    maybe('decision', decision(id)),
    maybe('waiver', waiver(id)),
  );

export const plan: fc.Arbitrary<PlanModel> = fc.record({
  ...{ head, at: time, conditions: texts },
  lines: fc.subarray([...productLines]),
  roles: fc.uniqueArray(
    fc.record({
      id: fc.constantFrom('administrator', 'auditor', 'clinician'),
      title: text,
      does: fc.array(text, { minLength: 1, maxLength: 2 }),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  ),
  values: fc.constant(values),
  settings: fc.uniqueArray(
    both(fc.record({ parameter: parameterName, source: fc.constantFrom('file', 'approved') }), maybe('running', text)),
    { selector: ({ parameter: of }) => of },
  ),
  controls: each(planControl),
}) as fc.Arbitrary<PlanModel>;

export const evidence: fc.Arbitrary<PlacedEvidence> = fc.record({
  evidence: both(
    fc.record({
      ...{ kind: fc.constant('evidence'), id: fc.uuid(), check: checkId, at: time, from: time, until: time },
      result: fc.constantFrom('met', 'unmet', 'unknown'),
      ...{ examined: fc.nat(), saw: text, query: text },
      how: fc.constantFrom('performed', 'reported'),
      why: fc.constantFrom('schedule', 'start', 'change', 'asked'),
      took_ms: fc.double({ min: 0, max: 1e9, noNaN: true }),
      code: fc.record({ version: text, digest: text, programme: text }),
    }),
    maybe('todo', text),
    maybe('exceptions', texts),
    maybe('more', fc.nat()),
  ),
  place: fc.record({ log: text, shard: fc.nat(), index: fc.nat() }),
});

const foundCheck = both(
  fc.record({ check: checkId, title: text, state: fc.constantFrom('met', 'unmet', 'unknown'), because: text }),
  maybe('fresh_until', time),
  maybe('evidence', fc.uuid()),
);
const found = (id: string): fc.Arbitrary<FoundControl> =>
  both(
    fc.record({
      ...{ control: fc.constant(id), title: text, state, because: text },
      checks: fc.uniqueArray(foundCheck, { selector: ({ check }) => check, maxLength: 3 }),
      specifications: fc.array(fc.record({ id: controlId, state }), { maxLength: 2 }),
    }),
    maybe('decision', fc.uuid()),
    maybe('waiver', waiver(id)),
  );
const allEvidence = fc.uniqueArray(evidence, { selector: (one) => one.evidence.id, maxLength: 4 });

export const results: fc.Arbitrary<ResultsModel> = fc.record({
  ...{ head, from: time, until: time, at: time, forged: texts, evidence: allEvidence, controls: each(found) },
  checks: fc.uniqueArray(
    both(
      fc.record({ id: checkId, title: text, query: text, every_s: fc.nat() }),
      maybe('kind', fc.constantFrom('performed', 'reported')),
    ),
    { selector: ({ id }) => id, maxLength: 3 },
  ),
}) as fc.Arbitrary<ResultsModel>;

export const openItems: fc.Arbitrary<OpenItemsModel> = fc.record({
  ...{ head, at: time, forged: texts, evidence: allEvidence, open: each(found) },
}) as fc.Arbitrary<OpenItemsModel>;
