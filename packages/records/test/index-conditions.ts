import { type Condition, type Parameter, type SearchValue, type Test, valuesOf } from '@safeguard/fhir';
import { fold, type JsonObject } from '@safeguard/kernel';

const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const;

/** Tests that a value suggests: some that it fulfils, some that it misses narrowly. */
function testsOf(value: SearchValue): Test[] {
  switch (value.kind) {
    case 'token': {
      const { system, code } = value;
      if (code === undefined) return system === undefined ? [] : [{ kind: 'token', system }];
      const tests: Test[] = [
        { kind: 'token', code },
        { kind: 'token', system: '', code },
        { kind: 'token', code: `${code}x` },
      ];
      tests.push({ kind: 'token', system: 'urn:other', code });
      if (system !== undefined) tests.push({ kind: 'token', system, code }, { kind: 'token', system });
      return tests;
    }
    case 'string':
      return [
        value.text,
        value.text.slice(0, 1),
        value.text.slice(0, 4),
        value.text.slice(0, 7),
        fold(value.text),
        'zz',
      ].map((text) => ({ kind: 'string', text }));
    case 'reference': {
      const { type = '', id, url } = value;
      if (url !== undefined)
        return [
          { kind: 'reference-url', url },
          { kind: 'reference-url', url, version: '7' },
        ];
      if (id === undefined) return [];
      const types = [[type], ['Patient', 'Group', type], [], ['Device']];
      return types.map((some) => ({ kind: 'reference', types: some, id }));
    }
    case 'date':
      return prefixes.flatMap((prefix) =>
        [
          [value.low, value.high],
          [value.low - 3_600_000, value.low + 86_400_000],
          [value.low, value.low + 1],
          [value.low - 400 * 86_400_000, value.high - 10],
        ]
          .filter(([low, high]) => Number.isFinite(low) && Number.isFinite(high))
          .map(([low = 0, high = 0]): Test => ({ kind: 'date', prefix, low, high })),
      );
    case 'number':
    case 'quantity': {
      const point = Number.isFinite(value.low) ? value.low : value.high;
      const asked = (by: number): { value: number; low: number; high: number } => ({
        value: by,
        low: by - 0.5,
        high: by + 0.5,
      });
      return prefixes.flatMap((prefix) =>
        [point, point + 0.5, point * 2].flatMap((by): Test[] => {
          if (value.kind === 'number') return [{ kind: 'number', prefix, ...asked(by) }];
          const { system, code, unit, canonical } = value;
          const bare: Test = { kind: 'quantity', prefix, ...asked(by) };
          const tests: Test[] = [bare];
          if (system !== undefined && code !== undefined) {
            const unitOf = canonical && { canonical: { unit: canonical.unit, ...asked(by) } };
            tests.push({ ...bare, system, code, ...unitOf });
          }
          if (unit !== undefined) tests.push({ ...bare, code: unit });
          return tests;
        }),
      );
    }
    case 'uri':
      return [
        { kind: 'uri', uri: value.uri },
        { kind: 'uri', uri: `${value.uri}x` },
      ];
    case 'composite': {
      const parts = value.parts.map((some) => testsOf(some[0] as SearchValue));
      const [first = [], second = []] = parts;
      const pairs = first.flatMap((one, at) => (second[at] ? [[one, second[at]]] : []));
      return pairs.slice(0, 12).map((pair) => ({ kind: 'composite', parts: pair }));
    }
    default:
      return [];
  }
}

const modifiersOf: Readonly<Partial<Record<Parameter['type'], readonly Condition['modifier'][]>>> = {
  token: [undefined, 'not'],
  string: [undefined, 'exact', 'contains', 'equals', 'ends'],
  uri: [undefined, 'below', 'above'],
};

/** Conditions on a parameter, made from the values that some resources have. */
export function conditionsOf(parameter: Parameter, resources: readonly JsonObject[]): Condition[] {
  const missing = [true, false].map(
    (one): Condition => ({
      kind: 'condition',
      parameter,
      modifier: 'missing',
      tests: [{ kind: 'missing', missing: one }],
    }),
  );
  const tests = resources.flatMap((resource) => valuesOf(resource, parameter).slice(0, 2).flatMap(testsOf));
  const modifiers = modifiersOf[parameter.type] ?? [undefined];
  const one = tests.flatMap((test) =>
    modifiers.map(
      (modifier): Condition => ({ kind: 'condition', parameter, ...(modifier ? { modifier } : {}), tests: [test] }),
    ),
  );
  const several: Condition[] = tests.length < 2 ? [] : [{ kind: 'condition', parameter, tests: tests.slice(0, 3) }];
  return [...missing, ...one, ...several];
}
