import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@safeguard/kernel';
import fc from 'fast-check';
import { compileConsents } from '../../consent/compile.ts';
import { effectsFor } from '../../consent/effects.ts';
import { judgeConsents } from '../../consent/judge.ts';
import type { ConsentAsking, ConsentEffect } from '../../consent/types.ts';
import { takenBy } from './apply.ts';
import { askings, consentLists, letters, resources } from './random.ts';

type Effects = (consents: readonly JsonObject[], asking: ConsentAsking) => readonly ConsentEffect[];

const real: Effects = (consents, asking) => effectsFor(compileConsents({ version: 1, consents }), asking);

/** Effects, applied row by row, take what the reference denies, and nothing else. */
const agree = (effects: Effects, counts = { permitted: 0, denied: 0 }) =>
  fc.property(
    consentLists,
    askings,
    fc.array(resources, { minLength: 1, maxLength: 5 }),
    letters,
    (consents, asking, rows, letter) => {
      const taken = effects(consents, asking);
      for (const row of rows) {
        const judged = judgeConsents(consents, asking, row, letter);
        counts[judged.permit ? 'permitted' : 'denied'] += 1;
        assert.equal(takenBy(taken, row, letter) === undefined, judged.permit, judged.reason);
      }
    },
  );

test('effects agree with the judgement of each opened resource', () => {
  const counts = { permitted: 0, denied: 0 };
  fc.assert(agree(real, counts), { numRuns: 4_000 });
  const { permitted, denied } = counts;
  assert.ok(Math.min(permitted, denied) > (permitted + denied) / 10, `${permitted} permitted, ${denied} denied`);
});

const withoutExceptions: Effects = (consents, asking) =>
  real(consents, asking).map(({ except: _except, ...effect }) => effect);
const withoutLetters: Effects = (consents, asking) =>
  real(consents, asking).map(({ letters: _letters, ...effect }) => effect);
const oldestWins: Effects = (consents, asking) =>
  real(
    consents.map((one) => ({ ...one, dateTime: undefined, meta: { lastUpdated: turned(one) } })),
    asking,
  );
const turned = ({ meta, dateTime }: JsonObject): string => {
  const at = Date.parse(String(dateTime ?? (meta as JsonObject).lastUpdated)) || 0;
  return new Date(4e12 - at).toISOString();
};
const purposeForgotten: Effects = (consents, asking) => real(consents, { ...asking, purpose: 'TREAT' });
const momentForgotten: Effects = (consents, asking) => real(consents, { ...asking, at: 0 });
const withdrawnCounts: Effects = (consents, asking) =>
  real(
    consents.map((one) => ({ ...one, status: 'active' })),
    asking,
  );
const doubtIgnored: Effects = (consents, asking) =>
  real(consents, { ...asking, careTeams: asking.careTeams ?? [], practitionerRoles: asking.practitionerRoles ?? [] });

const careless = {
  ...{
    withoutExceptions,
    withoutLetters,
    oldestWins,
    purposeForgotten,
    momentForgotten,
    withdrawnCounts,
    doubtIgnored,
  },
};
for (const [name, effects] of Object.entries(careless)) {
  test(`a careless variant does not: ${name}`, () => {
    assert.equal(fc.check(agree(effects), { numRuns: 4_000, endOnFailure: true }).failed, true);
  });
}
