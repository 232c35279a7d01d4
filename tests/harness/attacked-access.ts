import { randomUUID } from 'node:crypto';
import { type IdentityTried, identityAttacks, type Thief } from './attacked-identity.ts';
import { ownOfPages } from './attacked-pages.ts';
import { ownOfProgramme, programmeAttacks } from './attacked-programme.ts';
import type { Asked } from './instance.ts';

const everybody: readonly Thief[] = ['administrator', 'worker', 'app', 'manager', 'directory'];
const json = { 'content-type': 'application/json' };

/** One request to the API with the id in the address or in the body, wherever `$` stands. */
const one =
  (method: string, path: string, body?: object) =>
  (id: string): Asked[] => [
    {
      method,
      path: `/api/v1${path.replace('$', id)}`,
      headers: json,
      ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body).replaceAll('$', id)) }),
    },
  ];
const several =
  (...each: ReturnType<typeof one>[]) =>
  (id: string): Asked[] =>
    each.flatMap((tries) => tries(id));

const reason = 'For the ward, as agreed.';
const until = new Date(Date.now() + 3_600_000).toISOString();
const verdict = { verdict: 'reject', reason };
const foreign = (of: IdentityTried['of'], tries: IdentityTried['tries'], more: Partial<IdentityTried> = {}) => ({
  ...{ of, by: everybody, tries },
  ...more,
});
/** What lists a page from somewhere on, or of somebody: nothing of strangers is in it, and it is no error to ask. */
const served = { served: [200] };

const requesting: Readonly<Record<string, IdentityTried>> = {
  'POST /api/v1/access/requests': foreign(
    ['account', 'record'],
    several(
      one('POST', '/access/requests', { account: '$', role: 'billing', reason, until }),
      one('POST', '/access/requests', { role: 'clinician', patients: ['$'], reason, until }),
    ),
    { by: ['worker', 'manager'], served: [201] },
  ),
  'POST /api/v1/access/elevations': foreign(
    ['record'],
    one('POST', '/access/elevations', { role: 'operator', patients: ['$'], reason, until }),
    { by: ['worker', 'manager'], served: [201] },
  ),
  'GET /api/v1/access/requests': foreign(
    ['account', 'asked'],
    several(one('GET', '/access/requests?of=all&account=$'), one('GET', '/access/requests?after=$')),
    served,
  ),
  'GET /api/v1/access/requests/:id': foreign(['asked'], one('GET', '/access/requests/$')),
  'POST /api/v1/access/requests/:id/decision': foreign(
    ['asked'],
    several(
      one('POST', '/access/requests/$/decision', verdict),
      one('POST', '/access/requests/$/decision', { verdict: 'approve' }),
    ),
  ),
  'POST /api/v1/access/requests/:id/withdrawal': foreign(['asked'], one('POST', '/access/requests/$/withdrawal')),
};

const granting: Readonly<Record<string, IdentityTried>> = {
  'GET /api/v1/access/grants': foreign(
    ['account', 'right'],
    several(one('GET', '/access/grants?of=all&account=$'), one('GET', '/access/grants?after=$')),
    served,
  ),
  'GET /api/v1/access/grants/:id': foreign(['right'], one('GET', '/access/grants/$')),
  'POST /api/v1/access/grants/:id/end': foreign(['right'], one('POST', '/access/grants/$/end')),
  // An emergency asks no questions first: it opens what the tenant has under the id, which is nothing.
  'POST /api/v1/access/break-glass': foreign(['record'], one('POST', '/access/break-glass', { patient: '$', reason }), {
    served: [201],
  }),
  'GET /api/v1/access/break-glass': foreign(['right'], one('GET', '/access/break-glass?after=$')),
  'POST /api/v1/access/break-glass/:id/review': foreign(
    ['right'],
    one('POST', '/access/break-glass/$/review', { verdict: 'justified', reason }),
  ),
};

const holding: Readonly<Record<string, IdentityTried>> = {
  'GET /api/v1/access/holds': foreign(
    ['account', 'hold'],
    several(one('GET', '/access/holds?account=$'), one('GET', '/access/holds?after=$')),
    served,
  ),
  'GET /api/v1/access/holds/:id': foreign(['hold'], one('GET', '/access/holds/$')),
  'POST /api/v1/access/holds/:id/release': foreign(['hold'], one('POST', '/access/holds/$/release', { reason })),
};

const reviewing: Readonly<Record<string, IdentityTried>> = {
  'GET /api/v1/access/reviews/:id': foreign(['review'], one('GET', '/access/reviews/$')),
  'GET /api/v1/access/reviews/:id/items': foreign(['review'], one('GET', '/access/reviews/$/items')),
  'POST /api/v1/access/reviews/:id/decisions': foreign(
    ['review', 'right'],
    several(
      one('POST', '/access/reviews/$/decisions', { items: [randomUUID()], verdict: 'revoke', reason }),
      one('POST', `/access/reviews/${randomUUID()}/decisions`, { items: ['$'], verdict: 'keep', reason }),
    ),
  ),
  'POST /api/v1/access/reviews/:id/close': foreign(['review'], one('POST', '/access/reviews/$/close')),
  'GET /api/v1/access/notices': foreign(['notice'], one('GET', '/access/notices?after=$'), served),
  'POST /api/v1/access/notices/:id/read': foreign(['notice'], one('POST', '/access/notices/$/read')),
};

const asking: Readonly<Record<string, IdentityTried>> = {
  'POST /api/v1/access/explanations': foreign(
    ['account', 'client', 'record'],
    several(
      one('POST', '/access/explanations', { account: '$', action: 'read', type: 'Patient' }),
      one('POST', '/access/explanations', { client: '$', action: 'read', type: 'Patient' }),
      one('POST', '/access/explanations', { action: 'read', type: 'Patient', id: '$' }),
    ),
    served,
  ),
  'GET /api/v1/access/patients/:id/viewers': foreign(['record'], one('GET', '/access/patients/$/viewers')),
  'GET /fhir/R4/AuditEvent/:id': foreign(['event'], (id) => [{ path: `/fhir/R4/AuditEvent/${id}` }]),
};

const told = { verdict: 'denied', text: 'Taken from you.', basis: 'not-in-record' };
const rights: Readonly<Record<string, IdentityTried>> = {
  'POST /api/v1/me/exports': foreign(['record'], one('POST', '/me/exports', { patient: '$' })),
  'POST /api/v1/me/amendments': foreign(
    ['record'],
    one('POST', '/me/amendments', { patient: '$', about: 'Patient/$', text: 'Another name.' }),
  ),
  'POST /api/v1/me/objections': foreign(
    ['record', 'event'],
    several(
      one('POST', '/me/objections', { patient: '$', about: randomUUID(), text: 'Not by them.' }),
      one('POST', '/me/objections', { patient: randomUUID(), about: '$', text: 'Not by them.' }),
    ),
  ),
  'GET /api/v1/me/exports/:id/content': foreign(['privacy'], one('GET', '/me/exports/$/content')),
  'POST /api/v1/me/amendments/:id/disagreement': foreign(
    ['privacy'],
    one('POST', '/me/amendments/$/disagreement', { text: 'No.' }),
  ),
  'POST /api/v1/me/rights/:id/withdrawal': foreign(['privacy'], one('POST', '/me/rights/$/withdrawal')),
  'GET /api/v1/rights/requests': foreign(['privacy'], one('GET', '/rights/requests?after=$'), served),
  'GET /api/v1/rights/requests/:id': foreign(['privacy'], one('GET', '/rights/requests/$')),
  'POST /api/v1/rights/requests': foreign(
    ['record'],
    one('POST', '/rights/requests', { kind: 'export', patient: '$', received_at: new Date().toISOString() }),
    { by: ['administrator', 'manager'], served: [201] },
  ),
  'POST /api/v1/rights/requests/:id/answer': foreign(['privacy'], one('POST', '/rights/requests/$/answer', told)),
  'POST /api/v1/rights/requests/:id/extension': foreign(
    ['privacy'],
    one('POST', '/rights/requests/$/extension', { reason }),
  ),
};

export const accessAttacks: Readonly<Record<string, IdentityTried>> = {
  ...requesting,
  ...granting,
  ...holding,
  ...reviewing,
  ...asking,
  ...rights,
};

/** By route, what is tried with what a victim of another tenant has. */
export const peopleAttacks: Readonly<Record<string, IdentityTried>> = {
  ...identityAttacks,
  ...accessAttacks,
  ...programmeAttacks,
};

const policy = [
  'GET ',
  'PUT ',
  ...['simulation', 'submission', 'decision', 'activation'].map((step) => `POST /${step}`),
]
  .concat(['POST /roll-back', 'POST /withdrawal'])
  .map((each) => each.replace(' ', ' /api/v1/access/policies/:version'));

/** The log of the caller's own tenant: of a foreign id it has what was tried with it there, and nothing else. */
const ownLog = [
  'GET /api/v1/access/patients/:id/accesses',
  'GET /fhir/R4/AuditEvent',
  'POST /fhir/R4/AuditEvent/_search',
];

/** Routes that take no id, or numbers that count in each tenant: they show what is of the caller's own tenant. */
export const ownOfAccess: readonly string[] = [
  ...ownOfPages,
  ...ownOfProgramme,
  ...ownLog,
  'GET /api/v1/access/consents/notes',
  ...policy,
  ...['GET', 'POST'].flatMap((method) => ['policies', 'reviews'].map((what) => `${method} /api/v1/access/${what}`)),
  ...['GET', 'PUT'].map((method) => `${method} /api/v1/access/review-setting`),
  ...['exports', 'amendments', 'objections'].map((what) => `GET /api/v1/me/${what}`),
];
