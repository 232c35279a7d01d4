import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault, type Issue, isFault } from '@safeguard/kernel';
import { type Answer, markup, type Refused, type RequestContext, radios, tried } from '../index.ts';

const issue = (at: string, text: string): Issue => ({ severity: 'error', code: 'invalid', text, at });

/** What comes of a form whose work ends so. */
async function ended(
  thrown: unknown,
  words: Readonly<Record<string, string>> = { reason: '', until: 'A day to come.' },
) {
  const found: unknown[] = [];
  const context = { found: (finding: unknown) => void found.push(finding) } as unknown as RequestContext;
  let refused: Refused | undefined;
  const frame = { stepUp: async (_: RequestContext, to: string): Promise<Answer> => ({ status: 303, body: to }) };
  const again = (told: Refused): Answer => {
    refused = told;
    return { status: told.status };
  };
  const work = (): Promise<Answer> => Promise.reject(thrown);
  const answer = await tried(context, { frame, back: '/there', words, again }, work);
  return { answer, refused, found };
}

test('what a person can mend is told at its field, in the words of the form, once each', async () => {
  const issues = [
    issue('until', 'until: expected an end'),
    issue('/until', 'again'),
    issue('reason', 'reason: expected 10 to 2000 printable characters'),
    issue('patients', 'patients: expected ids'),
  ];
  const { refused, found } = await ended(fault('invalid', 'No.', { issues }));
  assert.deepEqual(refused?.wrong, [
    { field: 'until', text: 'A day to come.' },
    { field: 'reason', text: 'Expected 10 to 2000 printable characters.' },
    { text: 'Expected ids.' },
  ]);
  assert.equal(refused?.status, 422);
  assert.deepEqual(found, [{ outcome: 'fail', reason: 'invalid' }]);
});

test('a conflict and too many are told on the page with their status', async () => {
  for (const [kind, status] of [
    ['conflict', 409],
    ['stale', 412],
    ['tooMany', 429],
  ] as const) {
    const { refused } = await ended(fault(kind, 'It is so already'));
    assert.deepEqual(refused, { wrong: [{ text: 'It is so already.' }], status });
  }
});

test('who has to show a factor is led there and back; whoever is not signed in at all is not', async () => {
  const wants = fault('unauthenticated', 'Again.', { issues: [{ ...issue('', 'Again.'), code: 'reauthenticate' }] });
  assert.deepEqual((await ended(wants)).answer, { status: 303, body: '/there' });
  await assert.rejects(ended(fault('unauthenticated', 'Nobody.')), (error) => isFault(error));
});

test('nothing else is swallowed', async () => {
  for (const kind of ['forbidden', 'missing', 'internal', 'unavailable'] as const) {
    await assert.rejects(ended(fault(kind, 'No.')), (error) => isFault(error) && error.kind === kind);
  }
  await assert.rejects(ended(new TypeError('ours')), TypeError);
});

test('the first of several choices is where an error leads, and texts are escaped', () => {
  const text = markup(
    radios({
      label: '<Which>',
      name: 'role',
      value: 'b',
      error: 'Choose.',
      of: [
        ['a', '<A>', 'hint'],
        ['b', 'B'],
      ],
    }),
  );
  assert.match(text, /<input id="role" name="role" type="radio" value="a" aria-describedby="role-more">/);
  assert.match(text, /<input id="role-b" name="role" type="radio" value="b" checked>/);
  assert.ok(text.includes('&lt;Which&gt;') && text.includes('&lt;A&gt;'));
});
