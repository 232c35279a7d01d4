import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Principal, patientsOf } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { compileConsents } from '../../consent/compile.ts';
import { notedConsents } from '../../consent/noted.ts';
import { actor, consent, types } from '../consent/world.ts';
import { type House, openHouse, program, scope } from './house.ts';

const path = '/access/consents/notes';
const [fine, odd, bare, adrift, astray] = Array.from({ length: 5 }, newId).sort() as [string, ...string[]];
const [ann, ben] = [newId(), newId()];
const secret = 'Zebediah';
const of = (id: string | undefined, patient: string) => ({ id: `${id}`, patient: { reference: `Patient/${patient}` } });
const consents = [
  consent({ type: 'deny', class: types('Observation') }, of(fine, ann)),
  consent({ type: 'deny', actor: [actor(`Group/${secret}`)], class: [{ code: secret }] }, of(odd, ann)),
  consent(undefined, of(bare, ben)),
  consent({ type: 'deny' }, { id: `${adrift}`, patient: { display: secret } }),
  consent(undefined, of(astray, secret)),
];
const consentNotes = async (tenant: number) =>
  tenant === 1 ? notedConsents(compileConsents({ version: 1, consents })) : [];

let house: House;
let served: Awaited<ReturnType<House['serve']>>;
let nurse: Principal;
let officer: Principal;
before(async () => {
  house = await openHouse();
  served = await house.serve({ consentNotes });
  [nurse, officer] = [await house.officer(), await house.officer('privacy-officer')];
});
after(() => house.close());

const noProvision = 'it has no provision, and no policy rule that is known';

test('the privacy officer sees which Consents are not understood, whose they are, and why', async () => {
  const { status, json, text } = await served.send('GET', path, { as: officer });
  assert.equal(status, 200, text);
  assert.deepEqual(json, {
    items: [
      { id: odd, patient: ann, reasons: ['actor is not understood', 'class is not understood'] },
      { id: bare, patient: ben, reasons: [noProvision] },
      { id: adrift, patient: null, reasons: ['it names no patient of this server'] },
      { id: astray, patient: null, reasons: [noProvision] },
    ],
    next: null,
  });
  assert.ok(!text.includes(secret), 'nothing of a Consent is repeated');
  const event = house.events.at(-1);
  assert.deepEqual([event?.action, event?.outcome], ['consent-notes', 'permit']);
  assert.deepEqual(event && patientsOf(event).sort(), [ann, ben].sort());
  assert.deepEqual(
    event?.targets.map(({ type, id }) => `${type} ${id}`),
    [odd, bare, adrift, astray].map((id) => `Consent ${id}`),
  );
  assert.ok(!JSON.stringify(event).includes(secret));
});

test('a list is read page by page, and the ledger names the patients of the page alone', async () => {
  const first = await served.send('GET', `${path}?count=1`, { as: officer });
  assert.deepEqual([first.json.items.length, first.json.next], [1, odd]);
  const event = house.events.at(-1);
  assert.deepEqual(event && patientsOf(event), [ann]);
  assert.match(first.headers.get('link') ?? '', /rel="next"/);
  const rest = await served.send('GET', `${path}?count=9&after=${odd}`, { as: officer });
  assert.deepEqual([rest.json.items.length, rest.json.next], [3, null]);
});

test('a nurse, an administrator and an auditor are refused; without the guard they would be let in', async () => {
  const open = await house.serve({ consentNotes, guard: () => undefined });
  for (const as of [nurse, await house.officer('administrator'), await house.officer('auditor')]) {
    const { status, text } = await served.send('GET', path, { as });
    assert.equal(status, 403);
    for (const id of [ann, ben, odd]) assert.ok(!text.includes(`${id}`));
    const event = house.events.at(-1);
    assert.deepEqual([event?.outcome, event && patientsOf(event)], ['deny', []]);
    assert.equal((await open.send('GET', path, { as })).status, 200, 'negative control');
  }
  assert.equal((await served.send('GET', path)).status, 401);
  for (const as of [await house.officer('security-officer'), program(scope)])
    assert.equal((await served.send('GET', path, { as })).status, 200);
});
