import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createHttp, type HttpDeps, type Principal, page, type RequestEvent } from '@safeguard/http';
import { fault, newId } from '@safeguard/kernel';
import type { Accounting, Asked } from '../accounting/accounting.ts';
import { accountingPdf } from '../accounting/pdf.ts';
import type { AccessRow } from '../accounting/rows.ts';
import { besideOf, monthOf } from '../pages/months.ts';
import { auditPages } from '../pages/pages.ts';
import type { AuditPagesDeps } from '../pages/ports.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const [grace, alan, grant] = [newId(), newId(), newId()];

const rowOf = (change: Partial<AccessRow> = {}): AccessRow => ({
  id: newId(),
  at: now - 60_000,
  who: { kind: 'person', id: newId(), name: 'Nina <b>Nurse</b>' },
  through: { kind: 'client', id: newId(), name: 'Chart viewer' },
  purpose: 'TREAT',
  action: 'read',
  group: 'R',
  outcome: 'permit',
  what: [{ type: 'Observation', count: 2 }],
  several: false,
  rule: null,
  grant,
  disclosure: { counts: false, certain: true, reason: 'Use.', cite: '45 CFR 160.103' },
  ...change,
});

const rows: AccessRow[] = [];
const wanted: (Asked & { readonly patient: string })[] = [];

const audit: AuditPagesDeps['audit'] = {
  async accounting(_tenant, patient, asked): Promise<Accounting> {
    wanted.push({ ...asked, patient });
    const { from = 0, to = now } = asked;
    return { patient, from, to, generated_at: now, rows, cut: false, checkpoints: [] };
  },
  pdf: accountingPdf,
  bundle: async () => ({ resourceType: 'Bundle' }),
};

/** As `access` says: people for their own account, privacy officers for all. */
const guard: AuditPagesDeps['guard'] = ({ kind, id, roles = [] }, action, target) => {
  const own = action.startsWith('self-') && target.id === id;
  if (kind !== 'user' || !(own || roles.includes('privacy-officer'))) throw fault('forbidden', 'Access denied.');
};

const settings: HttpDeps['settings'] = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 65_536, header_bytes: 65_536, url_bytes: 16_384, connections: 200, inflight_bytes: 1 << 27 },
  deadlines: {
    request_ms: 30_000,
    ledger_ms: 10_000,
    headers_ms: 10_000,
    idle_ms: 10_000,
    keep_alive_ms: 5_000,
    stop_ms: 2_000,
  },
};
const events: RequestEvent[] = [];
const who = new Map<string, Principal>();
const quiet = (): void => undefined;
const deps: AuditPagesDeps = {
  ...{ audit, guard, clock: { now: () => now }, objects: true },
  frame: {
    page: async (_context, { here: _here, around, ...parts }) =>
      page({ ...parts, brand: { name: 'Harbor Clinic' }, ...(around === undefined ? {} : { nav: around }) }),
    stepUp: () => Promise.reject(fault('internal', 'Nothing here is dangerous.')),
  },
  names: async () => new Map([[grace, 'Grace Hopper']]),
  roles: async () => new Map([[grant, 'Clinician']]),
};
const http = createHttp({
  routes: auditPages(deps),
  ports: {
    authenticate: () => {
      throw fault('unauthenticated', 'No tokens here.');
    },
    signedIn: ({ cookie = '' }) => who.get(cookie),
    record: async (event) => void events.push(event),
  },
  settings,
  tls: 'off',
  log: { info: quiet, warn: quiet, error: quiet, request: quiet } as never,
  health: { ready: async () => undefined },
});
let url = '';
before(async () => {
  ({ url } = await http.listen());
});
after(() => http.close());

const person = (cookie: string, more: Partial<Principal>): Principal => {
  const made: Principal = { tenant: 1, kind: 'user', id: newId(), scopes: [], view: 'full', ...more };
  who.set(cookie, made);
  return made;
};
const patient = person('s=patient', { account: 'patient', within: [grace] });
person('s=proxy', { account: 'proxy', within: [grace, alan] });
person('s=worker', { account: 'workforce' });
person('s=officer', { account: 'workforce', roles: ['privacy-officer'] });

async function ask(cookie: string, path: string) {
  const answer = await fetch(`${url}${path}`, { headers: { cookie }, redirect: 'manual' });
  const body = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: answer.headers, body, text: body.toString('utf8') };
}

test('a patient sees who, as what, through which app, why and what; in words, as text, and may object', async () => {
  const mine = rowOf({ who: { kind: 'person', id: patient.id, name: 'Grace' }, action: 'self-disclosures' });
  const shared = rowOf({ what: null, outcome: 'deny', who: { kind: 'client', id: newId(), name: null } });
  rows.splice(0, rows.length, rowOf(), shared, mine);
  const { status, text } = await ask('s=patient', '/account/record');
  assert.equal(status, 200);
  assert.ok(text.includes('Nina &lt;b&gt;Nurse&lt;/b&gt;') && !text.includes('<b>Nurse'));
  assert.match(text, /as clinician, with the app Chart viewer, for treatment/);
  assert.match(text, /Looked at lab results and other observations\./);
  assert.match(text, /A program that is not known any more/);
  assert.match(text, /Tried, and was refused: looked at data of yours, together with that of others\./);
  assert.ok(text.includes(`/account/record/objections/new?patient=${grace}&amp;about=${rows[0]?.id}"`));
  assert.ok(!text.includes('<h3>You'), 'one’s own are left out, and offered');
  assert.match(text, /Show also what you did yourself \(1\)/);
  const all = await ask('s=patient', `/account/record?patient=${grace}&show=all`);
  assert.match(all.text, /<h3>You/);
  assert.deepEqual(wanted.at(-1)?.only, [grace], 'of others nothing is told');
  assert.deepEqual(events.at(-1)?.patients, [grace], 'that they looked is itself in the log');
  assert.ok(!/<script/.test(text));
});

test('who stands for several chooses; of whom they do not stand for there is nothing', async () => {
  const { text } = await ask('s=proxy', '/account/record');
  assert.match(text, /Grace Hopper/);
  assert.ok(text.includes(`Record ${alan}`), 'who may not be named is shown by the number');
  assert.equal((await ask('s=proxy', `/account/record?patient=${alan}`)).status, 200);
  for (const path of ['/account/record', '/account/record/download']) {
    for (const [cookie, id] of [
      ['s=patient', alan],
      ['s=proxy', newId()],
      ['s=worker', grace],
      ['s=officer', grace],
    ]) {
      assert.equal((await ask(cookie ?? '', `${path}?patient=${id}`)).status, 404, `${path} ${cookie}`);
    }
    assert.equal((await ask('', path)).status, 401);
  }
  assert.match((await ask('s=worker', '/account/record')).text, /stands for no patient/);
});

test('the list to keep: PDF of six years, FHIR of a month; nothing of it is kept by a browser', async () => {
  const pdf = await ask('s=patient', '/account/record/download?format=pdf');
  assert.equal(pdf.headers.get('content-type'), 'application/pdf');
  assert.equal(pdf.body.subarray(0, 5).toString(), '%PDF-');
  assert.match(pdf.headers.get('content-disposition') ?? '', /^attachment/);
  assert.equal(pdf.headers.get('cache-control'), 'no-store');
  assert.deepEqual(wanted.at(-1), { only: [grace], patient: grace });
  const fhir = await ask('s=patient', '/account/record/download?format=fhir&month=2026-10');
  assert.equal(fhir.headers.get('content-type'), 'application/fhir+json');
  assert.equal(fhir.text, '{"resourceType":"Bundle"}');
});

test('officers see all of it with what 45 CFR 164.528 says; nobody else does', async () => {
  const path = `/access/patients/${grace}/accesses`;
  const { status, text } = await ask('s=officer', path);
  assert.equal(status, 200);
  assert.match(text, /No\. Use\. 45 CFR 160\.103/);
  assert.equal(wanted.at(-1)?.only, undefined);
  assert.deepEqual(events.at(-1)?.targets, [{ type: 'Patient', id: grace }]);
  for (const at of [path, `${path}/download?format=pdf`]) {
    for (const cookie of ['s=worker', 's=patient']) assert.equal((await ask(cookie, at)).status, 403, at);
    assert.equal(events.at(-1)?.outcome, 'deny');
  }
  assert.equal((await ask('s=officer', '/access/patients/nobody/accesses')).status, 404);
});

test('months: this one where none is meant, six years back and never ahead', () => {
  assert.deepEqual(monthOf(null, now), {
    name: '2026-11',
    from: Date.parse('2026-11-01T00:00:00Z'),
    to: Date.parse('2026-12-01T00:00:00Z'),
  });
  for (const odd of ['2026-12', '2026-13', '2020-10', '2026-1', '2026-11-01', '../..', '']) {
    assert.equal(monthOf(odd, now).name, '2026-11', odd);
  }
  assert.equal(monthOf('2020-11', now).name, '2020-11');
  assert.deepEqual(besideOf(monthOf('2020-11', now), now), { after: '2020-12' });
  assert.deepEqual(besideOf(monthOf('2026-01', now), now), { before: '2025-12', after: '2026-02' });
  assert.deepEqual(besideOf(monthOf('2026-11', now), now), { before: '2026-10' });
});
