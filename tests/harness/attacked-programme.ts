import { randomUUID } from 'node:crypto';
import type { IdentityTried, Thief } from './attacked-identity.ts';
import type { Asked } from './instance.ts';
import { foreign, got, ofOne, sent } from './page-tries.ts';

/** The compliance programme: what is tried with tasks, versions of policies and evidence of another tenant. */

const everybody: readonly Thief[] = ['administrator', 'worker', 'app', 'manager', 'directory'];
const headers = { 'content-type': 'application/json' };
const note = 'It is done, as agreed.';
const why = 'Because it was agreed upon with everybody who is concerned.';
const until = new Date(Date.now() + 86_400_000).toISOString();

const api = (
  of: IdentityTried['of'],
  [method, path]: readonly [string, string],
  body?: object,
  more: Partial<IdentityTried> = {},
): readonly [string, IdentityTried] => {
  const tries = (id: string): Asked[] => [
    {
      ...{ method, path: `/api/v1/programme${path}`.replaceAll('$', id), headers },
      ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body).replaceAll('$', id)) }),
    },
  ];
  return [
    `${method} /api/v1/programme${path.replace(/\?.*/, '').replace('$', ':id')}`,
    { of, by: everybody, tries, ...more },
  ];
};

export const programmeAttacks: Readonly<Record<string, IdentityTried>> = Object.fromEntries([
  api(['evidence'], ['GET', '/evidence/$']),
  api(['task'], ['GET', '/tasks?after=$'], undefined, { served: [200] }),
  api(['task'], ['GET', '/tasks/$']),
  api(['task'], ['POST', '/tasks/$/notes'], { note }),
  api(['task', 'account'], ['POST', '/tasks/$/assignment'], { to: '$' }),
  api(['task'], ['POST', '/tasks/$/submission'], { note }),
  api(['task'], ['POST', '/tasks/$/withdrawal'], { note }),
  api(['task'], ['POST', '/tasks/$/decision'], { verdict: 'reject', note }),
  api(['account'], ['POST', '/waivers'], { control: '164.312-b', owner: '$', why, until }),
  api(['task'], ['POST', '/waivers/$/end'], { why }),
  api(['evidence'], ['GET', '/reports/$']),
  api(['evidence'], ['GET', '/reports/$/file']),
  api(['task'], ['POST', '/report-requests/$/link'], {}),
]);

const read = { digest: '0'.repeat(64), read: 'yes' };
const version = '2';

export const programmePageAttacks: Readonly<Record<string, IdentityTried>> = Object.fromEntries([
  ...ofOne(
    '/programme/tasks',
    'task',
    ['', '/decide'],
    {
      '/note': { 'note-text': note, version },
      '/assign': { 'assign-text': randomUUID(), version },
      '/submit': { 'submit-text': note, version },
      '/withdraw': { 'withdraw-text': note, version },
      '/decide': { verdict: 'reject', note, version },
    },
    'task',
  ),
  ...ofOne('/programme/versions', 'version', [''], { '/submit': { note }, '/acknowledge': read }, 'version'),
  ...ofOne('/programme/waivers', 'task', [''], { '/end': { note } }, 'waiver'),
  ['GET /programme/tasks', foreign(['task'], got('/programme/tasks?show=all&after=$'), [200])],
  [
    'POST /programme/controls/:control/waiver',
    foreign(['account'], sent('/programme/controls/164.312-b/waiver', { person: '$', why, until: until.slice(0, 10) })),
  ],
]);

/**
 * Routes that name what is the same for everybody (controls, checks, numbers, policies by their words; a version of a
 * policy by its number in each tenant), or nothing: they show what is of the caller's own tenant.
 */
export const ownOfProgramme: readonly string[] = [
  ...['posture', 'controls', 'controls/:id', 'checks/:check/evidence', 'parameters', 'policies', 'policies/:id']
    .concat(['policies/:id/versions', 'policies/:id/versions/:number', 'policies/:id/redline', 'tasks.ics'])
    .concat(['acknowledgements', 'acknowledgements/owed', 'decisions', 'waivers', 'inheritance', 'reports'])
    .concat(['report-requests', 'oscal/:document'])
    .map((what) => `GET /api/v1/programme/${what}`),
  ...['checks/run', 'parameters', 'policies/:id/versions', 'policies/:id/review', 'decisions', 'decisions/defaults']
    .concat(['submission', 'acknowledgement'].map((step) => `policies/:id/versions/:number/${step}`))
    .concat(['reports'])
    .map((what) => `POST /api/v1/programme/${what}`),
  ...['', '/controls', '/controls/:control', '/controls/:control/decision', '/controls/:control/waiver', '/checks']
    .concat([
      '/checks/:check',
      '/policies',
      '/policies/:policy',
      '/policies/:policy/redline',
      '/policies/:policy/draft',
    ])
    .concat(['/acknowledge', '/acknowledgements', '/parameters', '/parameters/:parameter', '/decisions', '/waivers'])
    .concat(['/inheritance'])
    .map((what) => `GET /programme${what}`),
  ...['/controls/:control/decision', '/checks/run', '/checks/:check/run', '/policies/:policy/draft']
    .concat(['/policies/:policy/review', '/parameters/:parameter/propose', '/decisions/defaults'])
    .map((what) => `POST /programme${what}`),
];
