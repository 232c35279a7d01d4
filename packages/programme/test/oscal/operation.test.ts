import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OscalWanted, oscalOperations } from '../../api/oscal-operations.ts';
import { oscalDocument } from '../../oscal/oscal.ts';
import { input, now } from './world.ts';

const asked: OscalWanted[] = [];
const [operation] = oscalOperations({
  clock: { now: () => now },
  async oscal(document, wanted) {
    asked.push(wanted);
    return oscalDocument(document, { ...input, oscal: wanted.oscal });
  },
});

/** As the API would: the query is checked first. */
async function get(tenant: number, document: string, query: object = {}) {
  const checked = operation?.query?.parse(query);
  const outcome = await operation?.handle({ principal: { tenant }, params: { document }, query: checked } as never);
  return { outcome, wanted: asked.at(-1) };
}

test('a document is a JSON file, by default of the day that ends now', async () => {
  const { outcome, wanted } = await get(1, 'catalog');
  assert.deepEqual(outcome?.file?.type, 'application/json');
  assert.ok('catalog' in JSON.parse(String(outcome?.file?.body)));
  assert.equal(outcome?.headers?.['Content-Disposition'], 'attachment; filename="catalog-2026-11-22.json"');
  assert.deepEqual(wanted, { oscal: '1.1.3', from: now - 86_400_000, until: now });
});

test('a customer reads their own plan and what it rests on, and nothing else', async () => {
  const { wanted } = await get(7, 'customer-system-security-plan', { customer: '8' });
  assert.equal(wanted?.customer, 7, 'whatever else they ask for');
  await get(7, 'catalog');
  for (const document of ['system-security-plan', 'assessment-results', 'plan-of-action-and-milestones', 'nothing']) {
    await assert.rejects(get(7, document), { kind: 'forbidden' });
  }
  assert.equal((await get(1, 'customer-system-security-plan', { customer: '8' })).wanted?.customer, 8);
});

test('periods of the future, empty ones and other versions are refused', async () => {
  await assert.rejects(get(1, 'catalog', { until: '2027-01-01T00:00:00Z' }), { kind: 'invalid' });
  const until = '2026-11-01T00:00:00Z';
  await assert.rejects(get(1, 'catalog', { from: until, until }), { kind: 'invalid' });
  await assert.rejects(get(1, 'catalog', { version: '1.0.0' }));
  await assert.rejects(get(1, 'catalog', { customer: '1' }));
  await assert.rejects(get(1, 'nothing'), { kind: 'missing' });
});
