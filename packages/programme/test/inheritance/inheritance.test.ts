import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markup } from '@safeguard/http';
import { isFault, newId } from '@safeguard/kernel';
import fc from 'fast-check';
import { extractText, getDocumentProxy } from 'unpdf';
import { type Carried, type Content, type Control, productLines, type Service, services } from '../../content/types.ts';
import { inheritanceOf } from '../../inheritance/compute.ts';
import { inheritanceHtml, inheritancePdf } from '../../inheritance/document.ts';
import { createInheritance } from '../../inheritance/inheritance.ts';
import type { Customer } from '../../inheritance/types.ts';
import { postureAt } from '../../posture/posture.ts';
import { content, fill, openWorld } from '../reports/world.ts';

const world = await openWorld();
const { until } = await fill(world, Date.now() - 1_000);
const everything: Content = { ...content, organization: { ...content.organization, lines: productLines } };
const { postureAt: posture, segment, clock, render } = world.deps;
const inheritance = createInheritance({ content: () => everything, postureAt: posture, segment, clock, render });
const officer = { tenant: 1, id: newId(), roles: ['administrator'] };
const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;

test('without anything said a customer has the lines of the organization, and no services', async () => {
  const plain = createInheritance({ content: () => content, postureAt: posture, segment, clock, render });
  const { customer, counts, controls, platform } = await plain.read(2);
  assert.deepEqual([customer.lines, customer.services], [content.organization.lines, []]);
  assert.equal(controls.length, content.controls.size);
  assert.equal(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    content.controls.size,
  );
  assert.ok(platform.holds > 0 && platform.fails > 0);
});

test('what is set counts from then on; before it nothing changes', async () => {
  const before = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await inheritance.setCustomer(officer, 3, { lines: ['api', 'hosting'], services: ['logging'] });
  const set = await inheritance.setCustomer(officer, 3, { lines: ['hosting'], services: [] });
  assert.deepEqual([set.lines, set.services, set.set_by], [['hosting'], [], officer.id]);
  assert.deepEqual((await inheritance.customer(3, before)).lines, [...productLines]);
  assert.deepEqual((await inheritance.customer(2)).lines, [...productLines], 'another customer is untouched');
  await assert.rejects(
    inheritance.setCustomer({ ...officer, tenant: 3 }, 3, { lines: ['api'], services: [] }),
    kind('forbidden'),
  );
  await assert.rejects(inheritance.setCustomer(officer, 3, { lines: ['gold'], services: [] }), kind('invalid'));
  await assert.rejects(inheritance.setCustomer(officer, 3, { lines: [], services: [] }), kind('invalid'));
  await assert.rejects(inheritance.setCustomer(officer, 3, { lines: ['api'], services: ['free'] }), kind('invalid'));
  const onlyApi = createInheritance({ content: () => content, postureAt: posture, segment, clock, render });
  await assert.rejects(onlyApi.setCustomer(officer, 3, { lines: ['hosting'], services: [] }), kind('invalid'));
  assert.deepEqual(await world.runtime(2, 'select * from programme.customer'), []);
  await assert.rejects(world.runtime(3, `update programme.customer set services = '{backup}'`));
});

test('a control that the platform carries and that is unmet is shown as failing, never as fine', async () => {
  const { controls } = await inheritance.read(2, until);
  const tls = controls.find(({ id }) => id === '164.308-a-7-ii-A');
  assert.equal(tls?.platform?.state, 'unmet');
  assert.equal(tls?.platform?.holds, false);
  for (const { platform } of controls)
    assert.equal(platform?.holds ?? false, /^(met|documented)$/.test(platform?.state ?? ''));
  assert.match(markup(inheritanceHtml(await inheritance.read(2, until))), /DOES NOT HOLD NOW\. UNMET/);
});

test('a customer sees times and counts, and none of the words of a check', async () => {
  const at = Date.now() - 100;
  const secret = `tenant 7 ${newId()}`;
  await world.add('http.tls', at, { result: 'unmet', saw: secret, todo: secret, exceptions: [secret] });
  const found = await inheritance.read(2);
  assert.ok(!JSON.stringify(found).includes('tenant 7'));
  const check = found.controls
    .flatMap(({ platform }) => platform?.checks ?? [])
    .find((one) => one.check === 'http.tls');
  assert.deepEqual([check?.state, check?.evidence?.received_at, check?.evidence?.examined], ['unmet', at, 3]);
});

test('as PDF: every control, and the sentence that nobody certifies', async () => {
  const bytes = await inheritancePdf(await inheritance.read(2));
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(bytes)), { mergePages: true });
  const said = text.replaceAll(/\s+/g, '');
  assert.match(said, /NoauthoritycertifiescompliancewithHIPAA/);
  for (const { citation } of content.controls.values())
    assert.ok(said.includes(citation.replaceAll(' ', '')), citation);
});

const carried = fc.record({
  by: fc.constantFrom<Carried['by']>('platform', 'shared', 'customer', 'not-applicable'),
  with: fc.subarray([...services]),
});

test('property: whatever a line leaves to the customer is left to the customer', () => {
  const [control] = [...content.controls.values()];
  assert.ok(control !== undefined);
  fc.assert(
    fc.property(
      fc.tuple(carried, carried, carried, carried),
      fc.subarray([...productLines], { minLength: 1 }),
      fc.subarray([...services]),
      (shares, lines, opted) => {
        const of = Object.fromEntries(
          productLines.map((line, at) => [line, shares[at] ?? shares[0]]),
        ) as unknown as Control['carried'];
        const one: Control = { ...control, carried: of, checks: [], policies: [], level: 'none' };
        const controls = new Map([[one.id, one]]);
        const none = new Map<string, never>();
        const now = postureAt({
          ...{ at: 1, controls, conditions: [], checks: none, newest: none, decisions: none, waivers: none },
          published: new Set(),
        });
        const customer: Customer = { tenant: 2, lines, services: opted };
        const [found] = inheritanceOf(content, now, customer, String).controls;
        const mine = (share: Carried): boolean =>
          share.by === 'customer' ||
          (share.by !== 'not-applicable' && (share.with ?? []).some((service: Service) => !opted.includes(service)));
        const concerned = lines.map((line) => of[line]);
        if (concerned.some(mine)) assert.ok(['yours', 'shared'].includes(found?.inheriting ?? ''));
        if (found?.inheriting === 'inherited')
          assert.ok(concerned.every((share) => !mine(share) && share.by !== 'shared'));
        if (found?.inheriting === 'yours')
          assert.ok(concerned.every((share) => mine(share) || share.by === 'not-applicable'));
        assert.equal(found?.platform === undefined, !['inherited', 'shared'].includes(found?.inheriting ?? ''));
      },
    ),
  );
});
