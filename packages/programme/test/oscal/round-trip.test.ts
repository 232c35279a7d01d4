import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalogOf, writeCatalog } from '../../oscal/catalog.ts';
import { componentsOf, writeComponents } from '../../oscal/component.ts';
import type { JsonObject } from '../../oscal/json.ts';
import { type OpenItemsModel, openItemsOf, writeOpenItems } from '../../oscal/open-items.ts';
import * as oscal from '../../oscal/oscal.ts';
import { writePlan } from '../../oscal/plan.ts';
import { planOf } from '../../oscal/plan-model.ts';
import { resultsOf, writeResults } from '../../oscal/results.ts';
import { lossless } from '../../oscal/same.ts';
import * as models from './models.ts';
import { oscalVersions, skip, wrongWith } from './schemas.ts';
import { asJson, input } from './world.ts';

interface Way<M> {
  readonly name: string;
  readonly models: fc.Arbitrary<M>;
  readonly of: (input: oscal.OscalInput) => M;
  readonly write: (model: M) => JsonObject;
  readonly read: (document: unknown) => M;
}
const way = <M>(one: Way<M>): Way<never> => one as unknown as Way<never>;

const ways = [
  way({
    name: 'catalog',
    ...{ models: models.catalog, of: catalogOf, write: writeCatalog, read: oscal.readCatalog },
  }),
  way({
    name: 'component-definition',
    ...{ models: models.components, of: componentsOf, write: writeComponents, read: oscal.readComponentDefinition },
  }),
  way({
    name: 'system-security-plan',
    ...{ models: models.plan, of: planOf, write: writePlan, read: oscal.readSystemSecurityPlan },
  }),
  way({
    name: 'assessment-results',
    ...{ models: models.results, of: resultsOf, write: writeResults, read: oscal.readAssessmentResults },
  }),
  way({
    name: 'plan-of-action-and-milestones',
    ...{ models: models.openItems, of: openItemsOf, write: writeOpenItems, read: oscal.readPlanOfAction },
  }),
];

for (const { name, models: any, of, write, read } of ways) {
  test(`${name}: what the shipped programme gives comes back as it was, in every version`, () => {
    for (const version of oscal.oscalVersions) {
      const model = of({ ...input, oscal: version });
      const document = asJson(oscal.oscalDocument(name, { ...input, oscal: version }));
      const read_ = read(document);
      assert.deepEqual(read_, model);
      assert.deepEqual(asJson(write(read_)), document);
    }
  });

  test(`${name}: any model is read back equal, and any document is written again equal`, () => {
    fc.assert(
      fc.property(any, (generated) => {
        // Without prototypes of fast-check.
        const model = structuredClone(generated);
        const document = asJson(write(model));
        const again = read(document);
        assert.deepEqual(again, model);
        assert.deepEqual(asJson(write(again)), document);
      }),
      { numRuns: 150 },
    );
  });

  test(`${name}: any model that has controls is valid, whatever its texts hold`, { skip }, () => {
    for (const version of oscalVersions) {
      fc.assert(
        fc.property(any, (model) => {
          const { head, ...rest } = model as { head: object };
          const full = { ...rest, head: { ...head, oscal: version } } as Record<string, unknown>;
          const list = full['controls'];
          if (Array.isArray(list) && list.length === 0) return;
          assert.equal(wrongWith(asJson(write(full as never)), version), undefined);
        }),
        { numRuns: 40 },
      );
    }
  });
}

test('a reader that forgets something would be found out, and so would a writer', () => {
  const document = asJson(oscal.oscalDocument('plan-of-action-and-milestones', input));
  const forgetful = lossless(() => ({ ...openItemsOf(input), forged: [] }), writeOpenItems);
  assert.throws(() => forgetful(document), { kind: 'invalid' });
  const careless = (model: OpenItemsModel): JsonObject =>
    writeOpenItems({ ...model, open: model.open.map(({ waiver: _, ...one }) => one) });
  assert.throws(() => lossless(() => openItemsOf(input), careless)(document), { kind: 'invalid' });
  assert.doesNotThrow(() => lossless(() => openItemsOf(input), writeOpenItems)(document));
});
