import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileConsents } from '../../consent/compile.ts';
import { effectsFor } from '../../consent/effects.ts';
import { judgeConsents } from '../../consent/judge.ts';
import { takenBy } from './apply.ts';
import { asked } from './case.ts';
import { cases } from './cases.ts';

const denials: ReadonlySet<string> = new Set(['denied', 'denied in doubt']);

test('there are enough cases, each of its own name', () => {
  assert.ok(cases.length >= 40);
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

for (const one of cases) {
  test(one.name, () => {
    const { asking, resource, letter } = asked(one);
    const { reason, by } = one;
    const consents = one.consents.map((consent) => JSON.parse(JSON.stringify(consent)));
    const expected = { permit: !denials.has(reason), reason, ...(by === undefined ? {} : { consent: by }) };
    assert.deepEqual(judgeConsents(consents, asking, resource, letter), expected);

    // Whoever asks leaves `c` out: no Consent binds it.
    if (letter === 'c') return;
    const effects = effectsFor(compileConsents({ version: 1, consents }), asking);
    const taken = takenBy(effects, resource, letter);
    assert.equal(taken !== undefined, !expected.permit);
    if (taken) assert.equal(taken.consent, by);
  });
}
