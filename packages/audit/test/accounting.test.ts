import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from '@safeguard/fhir';
import type { RequestEvent } from '@safeguard/http';
import { type JsonObject, newId } from '@safeguard/kernel';
import { extractText, getDocumentProxy } from 'unpdf';
import { disclosureOf } from '../accounting/disclosure.ts';
import { accountingOperations, accountingSchema, accountingView } from '../index.ts';
import { breaches } from './balp.ts';
import { officer, tenant } from './callers.ts';
import { client, eventOf, openHouse, person } from './house.ts';

const house = await openHouse();
const audit = house.audit();
const [doctor, owner, mother] = [
  person({ name: 'Dr. Ada Berg' }),
  person({ kind: 'patient', name: 'Paula Archer' }),
  person({ kind: 'proxy', name: 'Maria Archer' }),
];
const [viewer, registry] = [client({ name: 'Chart viewer' }), client({ name: 'Cancer registry' })];
house.people.persons.push(doctor, owner, mother);
house.people.clients.push(viewer, registry);
const agents = {
  person: (id: string) => house.people.persons.find((one) => one.id === id),
  client: (id: string) => house.people.clients.find((one) => one.id === id),
};

const observation = () => ({ type: 'Observation', id: newId() });
const read = (change: Partial<RequestEvent> = {}): RequestEvent => eventOf({ targets: [observation()], ...change });
const through = (app: string, change: Partial<RequestEvent>): RequestEvent =>
  read({ ...change, targets: [...(change.targets ?? [observation()]), { type: 'Client', id: app }] });

test('what 45 CFR 164.528 counts as a disclosure, case by case', () => {
  const table: readonly (readonly [string, RequestEvent, boolean, boolean, RegExp])[] = [
    ['workforce at our own pages', read({ actor: doctor.id, action: 'patient-pick' }), false, true, /160\.103/],
    ['treatment, through an app', through(viewer.id, { actor: doctor.id, purpose: 'TREAT' }), false, true, /\(i\)/],
    ['payment, by a service', read({ actor: registry.id, purpose: 'HPAYMT' }), false, true, /\(i\)/],
    ['operations', read({ actor: registry.id, purpose: 'HOPERAT' }), false, true, /\(i\)/],
    ['the individual', through(viewer.id, { actor: owner.id, purpose: 'PATRQT' }), false, true, /\(ii\)/],
    ['a representative', through(viewer.id, { actor: mother.id }), false, false, /164\.502\(g\)/],
    ['at the patient’s request', read({ actor: registry.id, purpose: 'PATRQT' }), false, false, /\(ii\), \(iv\)/],
    ['public health', read({ actor: registry.id, purpose: 'PUBHLTH' }), true, true, /164\.512\(b\)/],
    ['research', read({ actor: registry.id, purpose: 'HRESCH' }), true, false, /\(b\)\(4\)/],
    ['marketing', read({ actor: registry.id, purpose: 'HMARKT' }), true, false, /164\.528\(a\)\(1\)/],
    ['no purpose, to a service', read({ actor: registry.id }), true, false, /164\.528\(a\)\(1\)/],
    ['no purpose, through an app', through(viewer.id, { actor: doctor.id }), true, false, /164\.528/],
    ['de-identified', read({ actor: registry.id, view: 'deidentified' }), false, true, /164\.502\(d\)/],
    ['limited data set', read({ actor: registry.id, view: 'limited', purpose: 'HRESCH' }), false, true, /\(viii\)/],
    ['refused', read({ actor: registry.id, outcome: 'deny', status: 403 }), false, true, /160\.103/],
    ['a write', read({ actor: registry.id, action: 'create', status: 201 }), false, true, /160\.103/],
  ];
  for (const [what, event, counts, certain, cite] of table) {
    const found = disclosureOf(event, agents);
    assert.deepEqual([found.counts, found.certain], [counts, certain], what);
    assert.match(found.cite, cite, what);
  }
});

test('every access to one record, whoever made it, newest first, with names, purpose and what it was', async () => {
  const patient = newId();
  const at = Date.now() - 60_000;
  await house.append(
    through(viewer.id, {
      at,
      actor: doctor.id,
      purpose: 'TREAT',
      patients: [patient],
      rule: 'care-team',
      grant: newId(),
    }),
    read({
      at: at + 1,
      actor: registry.id,
      purpose: 'PUBHLTH',
      patients: [patient],
      targets: [observation(), observation()],
    }),
    read({ at: at + 2, actor: doctor.id, outcome: 'deny', status: 403, targets: [{ type: 'Patient', id: patient }] }),
    read({ at: at + 3, actor: doctor.id, patients: [newId()] }),
  );
  const { rows, cut, checkpoints } = await audit.accounting(tenant, patient, {});
  assert.deepEqual(
    rows.map(({ who, through: app, purpose, outcome, what }) => [who.name, app?.name ?? null, purpose, outcome, what]),
    [
      ['Dr. Ada Berg', null, null, 'deny', [{ type: 'Patient', count: 1 }]],
      ['Cancer registry', null, 'PUBHLTH', 'permit', [{ type: 'Observation', count: 2 }]],
      ['Dr. Ada Berg', 'Chart viewer', 'TREAT', 'permit', [{ type: 'Observation', count: 1 }]],
    ],
  );
  assert.deepEqual([rows[2]?.rule, typeof rows[2]?.grant, cut], ['care-team', 'string', false]);
  assert.ok((checkpoints[0]?.size ?? 0) >= 4);
  const view = accountingView(await audit.accounting(tenant, patient, {}));
  assert.deepEqual(accountingSchema.safeParse(view).error, undefined);
});

test('six years back by default; a period bounds it; one that ends before it begins is refused', async () => {
  const patient = newId();
  const year_ms = 365.25 * 86_400_000;
  const ages = [0.1, 3, 5.9, 6.1, 8];
  await house.append(...ages.map((age) => read({ at: Date.now() - age * year_ms, patients: [patient] })));
  assert.equal((await audit.accounting(tenant, patient, {})).rows.length, 3);
  const from = Date.now() - 7 * year_ms;
  assert.equal((await audit.accounting(tenant, patient, { from })).rows.length, 4);
  assert.equal((await audit.accounting(tenant, patient, { from, to: Date.now() - year_ms })).rows.length, 3);
  await assert.rejects(audit.accounting(tenant, patient, { from: 2, to: 1 }), { kind: 'invalid' });
  await assert.rejects(audit.accounting(tenant, 'Archer', {}), { kind: 'invalid' });
});

test('the patient is told of shared answers, but not what else was in them', async () => {
  const [mine, theirs] = [newId(), newId()];
  const targets = Array.from({ length: 40 }, observation);
  await house.append(read({ actor: doctor.id, action: 'search-type', targets, patients: [mine, theirs] }));
  const [own] = (await audit.accounting(tenant, mine, { only: [mine] })).rows;
  assert.deepEqual([own?.what, own?.several], [null, false]);
  const bundle = JSON.stringify(await audit.bundle(tenant, mine, { only: [mine], base: 'https://x/fhir/R4' }));
  assert.ok(!bundle.includes(theirs) && !bundle.includes(targets[0]?.id ?? ''));
  // Control: the officer is told.
  const [seen] = (await audit.accounting(tenant, mine, {})).rows;
  assert.deepEqual([seen?.what, seen?.several], [[{ type: 'Observation', count: 40 }], true]);
});

test('as FHIR: what counts is a PrivacyDisclosure, all of it valid', async () => {
  const patient = newId();
  await house.append(
    read({ actor: registry.id, purpose: 'PUBHLTH', patients: [patient] }),
    through(viewer.id, { actor: doctor.id, purpose: 'TREAT', patients: [patient] }),
  );
  const bundle = await audit.bundle(tenant, patient, { base: 'https://house.example/fhir/R4' });
  assert.deepEqual(validate(bundle as JsonObject, { type: 'Bundle' }), []);
  const { entry } = bundle as { entry: { resource: Parameters<typeof breaches>[0] }[] };
  const profiles = entry.map(({ resource }) => resource.meta?.profile[0]?.split('BasicAudit.')[1]);
  assert.deepEqual(new Set(profiles), new Set(['PrivacyDisclosure.Source', 'PatientRead']));
  for (const { resource } of entry) assert.deepEqual(breaches(resource), []);
});

const textOf = async (
  pdf: Buffer,
): Promise<{ pages: number; text: string; proxy: Awaited<ReturnType<typeof getDocumentProxy>> }> => {
  const proxy = await getDocumentProxy(new Uint8Array(pdf));
  const { text, totalPages } = await extractText(proxy, { mergePages: true });
  return { pages: totalPages, text: text.replace(/\s+/g, ' '), proxy };
};

test('as PDF: names, purposes, reasons, numbered pages, the checkpoint; tagged, with title and language', async () => {
  const patient = newId();
  const other = person({ id: '3a0e8f8e-0f1c-4d5e-8a6b-000000000001', name: 'Žofie Müller-O’Neill 山' });
  house.people.persons.push(other);
  await house.append(
    read({ actor: other.id, action: 'patient-pick', patients: [patient] }),
    ...Array.from({ length: 60 }, () =>
      through(viewer.id, { actor: doctor.id, purpose: 'TREAT', patients: [patient] }),
    ),
    read({ actor: registry.id, purpose: 'PUBHLTH', patients: [patient] }),
  );
  const accounting = await audit.accounting(tenant, patient, {});
  const { pages, text, proxy } = await textOf(await audit.pdf(accounting));
  assert.ok(pages > 1);
  for (const part of [
    ...[patient, 'Dr. Ada Berg, with Chart viewer', 'Cancer registry', 'Treatment', 'Public health'],
    ...['Zofie Müller-O’Neill ?', '45 CFR 164.528(a)(1)(i)', 'Accesses: 62.', `page ${pages} of ${pages}`],
    ...[accounting.checkpoints[0]?.origin ?? '-', accounting.checkpoints[0]?.root.toString('base64') ?? '-'],
  ]) {
    assert.ok(text.includes(part), part);
  }
  const { info } = await proxy.getMetadata();
  assert.equal((info as { Title?: string }).Title, 'Accounting of accesses and disclosures');
  assert.deepEqual(await proxy.getMarkInfo(), { Marked: true, UserProperties: false, Suspects: false });
  const tree = JSON.stringify(await (await proxy.getPage(1)).getStructTree());
  for (const role of ['H1', 'Table', 'TR', 'TH', 'TD']) assert.ok(tree.includes(`"role":"${role}"`), role);
});

test('the operation answers as JSON, PDF and FHIR, and names the patient for the ledger', async () => {
  const patient = newId();
  await house.append(read({ actor: doctor.id, patients: [patient] }));
  const [operation] = accountingOperations(audit);
  const run = async (format: 'json' | 'pdf' | 'fhir') => {
    const asked = { context: { base: 'https://house.example' }, principal: officer(), params: { id: patient } };
    return operation?.handle({ ...asked, query: { format }, body: undefined, fresh: () => undefined } as never);
  };
  for (const format of ['json', 'pdf', 'fhir'] as const) assert.deepEqual((await run(format))?.patients, [patient]);
  assert.match(String((await run('pdf'))?.file?.body.slice(0, 5)), /%PDF-/);
  const { items = [] } = ((await run('json'))?.body ?? {}) as { items?: unknown[] };
  assert.equal(items.length, 1);
});
