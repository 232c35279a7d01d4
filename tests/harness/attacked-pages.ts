import { randomUUID } from 'node:crypto';
import type { IdentityTried } from './attacked-identity.ts';
import { programmePageAttacks } from './attacked-programme.ts';
import { foreign, got, ofOne, sent, several } from './page-tries.ts';

const reason = 'For the ward, as agreed.';
const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const asking = { whom: 'me', role: 'front-desk', reason, until };

const access: readonly [string, IdentityTried][] = [
  ...ofOne('/access/requests', 'asked', ['', '/decide'], {
    '/decide': { verdict: 'reject', reason },
    '/withdraw': {},
  }),
  ...ofOne('/access/grants', 'right', ['', '/end'], { '/end': {} }),
  ...ofOne('/access/holds', 'hold', ['', '/release'], { '/release': { reason } }),
  ['GET /access/holds', foreign(['hold'], got('/access/holds?after=$'), [200])],
  ...ofOne('/access/break-glass', 'right', [''], { '/review': { verdict: 'justified', reason } }),
  ...ofOne('/access/reviews', 'review', [''], {
    '/decide': { verdict: 'revoke', reason, item: randomUUID() },
    '/close': {},
  }),
  ...ofOne('/access/notices', 'notice', [], { '/read': {} }),
  ...ofOne('/access/patients', 'record', ['', '/accesses', '/accesses/download'], {}),
  // It shows nothing of the review: who is fresh is led there, and told there that there is none.
  ['GET /access/reviews/:id/confirm', foreign(['review'], got('/access/reviews/$/confirm'), [303])],
  ['GET /access/requests', foreign(['asked'], got('/access/requests?after=$'), [200])],
  [
    'POST /access/requests',
    foreign(
      ['account', 'record'],
      several(
        sent('/access/requests', { ...asking, whom: 'other', person: '$' }),
        sent('/access/requests', { ...asking, patients: '$' }),
      ),
      [303],
    ),
  ],
  [
    'POST /access/elevate',
    foreign(['record'], sent('/access/elevate', { ...asking, role: 'billing', hours: '1', patients: '$' })),
  ],
  [
    'POST /access/break-glass',
    {
      ...foreign(['record'], sent('/access/break-glass', { patient: '$', reason, minutes: '5' })),
      // The worker has opened it already, by the API: ids of nobody can be opened, and nothing is behind them.
      by: ['administrator'],
    },
  ],
  [
    'GET /access/grants',
    foreign(['account', 'right'], several(got('/access/grants?account=$'), got('/access/grants?after=$')), [200]),
  ],
  ['POST /access/grants/find', foreign(['account'], sent('/access/grants/find', { role: '', person: '$' }))],
  ['GET /access/notices', foreign(['notice'], got('/access/notices?after=$'), [200])],
  [
    'POST /access/explain',
    foreign(
      ['account', 'record'],
      several(
        sent('/access/explain', { person: '$', action: 'read', type: 'Patient' }),
        sent('/access/explain', { person: '', action: 'read', type: 'Patient', id: '$' }),
      ),
    ),
  ],
  ['POST /access/patients', foreign(['record'], sent('/access/patients', { patient: '$' }))],
];

const text = 'It was never so, I say.';
const record = '/account/record';
const own: readonly [string, IdentityTried][] = [
  [`GET ${record}`, foreign(['record'], got(`${record}?patient=$`))],
  [
    `GET ${record}/download`,
    foreign(['record'], several(got(`${record}/download?patient=$`), got(`${record}/download?patient=$&format=fhir`))),
  ],
  [`POST ${record}/copies`, foreign(['record'], sent(`${record}/copies`, { patient: '$' }))],
  [
    `POST ${record}/corrections`,
    foreign(['record'], sent(`${record}/corrections`, { patient: '$', what: 'person', text })),
  ],
  [`GET ${record}/objections/new`, foreign(['record', 'event'], got(`${record}/objections/new?patient=$&about=$`))],
  [
    `POST ${record}/objections`,
    foreign(['record', 'event'], sent(`${record}/objections`, { patient: '$', about: '$', text })),
  ],
  ...ofOne(`${record}/copies`, 'privacy', [], { '/fetch': {} }),
  ...ofOne(`${record}/corrections`, 'privacy', [], { '/disagree': { text } }),
  ...ofOne(`${record}/requests`, 'privacy', [''], { '/withdraw': {} }),
  ...ofOne('/rights', 'privacy', [''], {
    '/answer': { verdict: 'fulfilled', text },
    '/extend': { reason: text },
  }),
  ['GET /rights', foreign(['privacy'], got('/rights?after=$'), [200])],
];

/** By page, what is tried with what a victim of another tenant has. */
export const pageAttacks: Readonly<Record<string, IdentityTried>> = {
  ...Object.fromEntries([...access, ...own]),
  ...programmePageAttacks,
};

const policy = ['GET ', 'GET /decide', 'GET /activate', 'GET /roll-back', 'POST /decide', 'POST /activate']
  .concat(['POST /roll-back', 'POST /submit', 'POST /simulate', 'POST /withdraw'])
  .map((each) => each.replace(' ', ' /access/policies/:version'));

/** Pages without an id, or with numbers that count in each tenant: they show what is of the caller's own tenant. */
export const ownOfPages: readonly string[] = [
  ...policy,
  ...[
    '',
    '/requests/new',
    '/elevate',
    '/break-glass',
    '/break-glass/reviews',
    '/explain',
    '/patients',
    '/policies/new',
  ].map((what) => `GET /access${what}`),
  ...['GET', 'POST'].flatMap((method) => ['policies', 'reviews'].map((what) => `${method} /access/${what}`)),
  'POST /access/reviews/setting',
  ...['copies', 'corrections', 'objections'].map((what) => `GET ${record}/${what}`),
  'GET /rights/new',
  'POST /rights',
];
