import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cut, mayAct, maySee, type Thing } from './oracle.ts';
import { access, anyAction, anyPrincipal, anyScope, anyType, goodScope, lettersByAction, patients } from './world.ts';

const { intersect } = access;

test('each asked scope is narrowed letter by letter, type by type, restriction by restriction', () => {
  const cases: [asked: string[], granted: string[], both: string[]][] = [
    [['patient/*.rs'], ['user/*.cruds'], ['patient/*.rs']],
    [['patient/*.cruds'], ['user/Observation.rs', 'user/Patient.r'], ['patient/Observation.rs', 'patient/Patient.r']],
    [['patient/Observation.cruds'], ['patient/*.r', 'user/Observation.s'], ['patient/Observation.rs']],
    [['user/Observation.rs'], ['patient/*.cruds', 'system/*.cruds'], []],
    [['system/Patient.read'], ['system/*.s'], ['system/Patient.s']],
    [['patient/Observation.rs'], ['user/Observation.rs?category=a'], ['patient/Observation.rs?category=a']],
    [['patient/Observation.rs?category=a'], ['user/*.rs'], ['patient/Observation.rs?category=a']],
    [['patient/Observation.rs?category=a'], ['user/*.rs?_tag=x'], ['patient/Observation.rs?_tag=x&category=a']],
    [['patient/*.rs?_tag=x'], ['user/Observation.r?category=a'], ['patient/Observation.r?_tag=x&category=a']],
    [
      ['patient/Observation.rs?category=a,b'],
      ['user/Observation.rs?category=a'],
      ['patient/Observation.rs?category=a'],
    ],
    [
      ['patient/Observation.rs'],
      ['user/Observation.r?category=a', 'user/Observation.s'],
      ['patient/Observation.r?category=a', 'patient/Observation.s'],
    ],
    [['patient/Observation.rs'], ['user/Observation.r?category=a', 'user/*.rs'], ['patient/Observation.rs']],
    [['openid', 'launch', 'safeguard/scim'], ['openid', 'launch', 'safeguard/scim'], ['safeguard/scim']],
    [['safeguard/scim'], ['safeguard/accounts', 'system/*.cruds'], []],
    [['user/Patient.rs', 'patient/Patient.rs'], ['user/*.rs'], ['user/Patient.rs', 'patient/Patient.rs']],
  ];
  for (const [asked, granted, both] of cases)
    assert.deepEqual(intersect(asked, granted), both, `${asked} ∩ ${granted}`);
});

test('more than one scope can say is not said: nothing is granted in its place', () => {
  const long = (value: string): string => `category=${value.repeat(240)}`;
  const both = intersect([`user/Observation.r?${long('a')}`], [`user/Observation.r?${long('b')}`]);
  assert.deepEqual(both, []);
});

type Intersect = typeof intersect;

const lists = fc.array(fc.oneof(goodScope, goodScope, goodScope, anyScope), { maxLength: 4 });
const thing: fc.Arbitrary<Thing> = fc.record({
  type: fc.constantFrom('Patient', 'Observation', 'Condition'),
  of: fc.subarray([patients.mine, patients.other, patients.third], { minLength: 1 }),
  values: fc.record({
    category: fc.subarray(['a', 'b']),
    code: fc.subarray(['1']),
    _tag: fc.subarray(['x', 'y']),
    _security: fc.subarray(['N']),
    gender: fc.subarray(['female']),
  }),
});
const world = fc.tuple(lists, lists, anyPrincipal([]), anyAction, anyType, thing);

/** Under the intersection nothing is permitted and nothing seen that either list alone would not. */
function neverMore(meet: Intersect): void {
  fc.assert(
    fc.property(world, ([asked, granted, principal, action, type, one]) => {
      const as = (scopes: readonly string[]) => ({ ...principal, scopes });
      const both = as(meet(asked, granted));
      const target = type === undefined ? {} : { type };
      const may = (scopes: readonly string[]): boolean => access.decide(as(scopes), action, target).permit;
      fc.pre(principal.kind !== 'operator');
      if (may(both.scopes)) assert.ok(may(asked) && may(granted), `${asked} ∩ ${granted} = ${both.scopes}`);
      for (const letter of new Set(Object.values(lettersByAction))) {
        if (!maySee(both, letter, one)) continue;
        assert.ok(maySee(as(asked), letter, one), `${asked} ∩ ${granted} = ${both.scopes}`);
        assert.ok(maySee(as(granted), letter, one), `${asked} ∩ ${granted} = ${both.scopes}`);
      }
    }),
    { numRuns: 20_000, seed: 3 },
  );
}

test('under an intersection nothing is permitted or seen that either side does not', () => neverMore(intersect));

test('negative control: careless intersections give more', () => {
  const careless: Record<string, Intersect> = {
    'what was asked': (asked) => [...asked],
    'what was granted': (_asked, granted) => [...granted],
    'restrictions of the granted forgotten': (asked, granted) =>
      intersect(
        asked,
        granted.map((one) => one.replace(/\?.*/, '')),
      ),
    'restrictions of the asked forgotten': (asked, granted) =>
      intersect(
        asked.map((one) => one.replace(/\?.*/, '')),
        granted,
      ),
    'levels forgotten': (asked, granted) => [
      ...intersect(asked, granted),
      ...intersect(
        asked,
        granted.map((one) => one.replace(/^patient/, 'user')),
      ),
    ],
  };
  for (const [name, meet] of Object.entries(careless)) assert.throws(() => neverMore(meet), name);
});

test('and nothing that both grant by one scope each, of one level, is lost', () => {
  fc.assert(
    fc.property(lists, lists, fc.constantFrom(...'cruds'), thing, (asked, granted, letter, one) => {
      const principal = {
        tenant: 1,
        kind: 'user',
        id: 'x',
        view: 'full',
        assurance: { level: 2, at: 0, methods: [] },
      } as const;
      const people = (scopes: readonly string[]): string[] => scopes.filter((text) => cut(text)?.level === 'user');
      const see = (scopes: readonly string[]): boolean => maySee({ ...principal, scopes }, letter, one);
      const both = intersect(people(asked), people(granted));
      assert.equal(see(both), see(people(asked)) && see(people(granted)), `${asked} ∩ ${granted} = ${both}`);
    }),
    { numRuns: 10_000, seed: 4 },
  );
});

test('it is its own intersection, and the oracle permits by it what the package does', () => {
  fc.assert(
    fc.property(world, ([asked, granted, principal, action, type]) => {
      const both = intersect(asked, granted);
      assert.deepEqual(new Set(intersect(both, granted)), new Set(both));
      fc.pre(principal.kind !== 'operator');
      const as = { ...principal, scopes: both };
      assert.equal(access.decide(as, action, type === undefined ? {} : { type }).permit, mayAct(as, action, type));
    }),
    { numRuns: 5000, seed: 8 },
  );
});
