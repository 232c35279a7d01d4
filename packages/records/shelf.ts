import { type CustomParameter, compileCustom, createProfiles } from '@safeguard/fhir';
import type { RequestEvent } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { plainSettings, type Shelf } from './call.ts';
import { type Conformance, createConformance } from './conformance/conformance.ts';
import { createReindexing, type Reindexing } from './conformance/reindexing.ts';
import { withTerms } from './conformance/search-terms.ts';
import { createFacts, type Facts } from './facts/facts.ts';
import { watchedEraser, watchedWriter } from './facts/watch.ts';
import type { RecordsDeps } from './index.ts';
import { createReindex } from './index-rows/index.ts';
import { createEngine } from './search/engine.ts';
import { createFinder } from './search/find.ts';
import { storedOnly } from './served-elsewhere.ts';
import { forgetIdentity, forgetIndex } from './storage/destroy.ts';
import { createEraser } from './storage/erase.ts';
import { createIntents } from './storage/intents.ts';
import { createOpener } from './storage/open.ts';
import { createPatientsOf } from './storage/patients.ts';
import { createQueues } from './storage/queue.ts';
import { createRowReader } from './storage/read.ts';
import { createStaleTokens, type StaleTokens } from './storage/stale.ts';
import { createWriter } from './storage/write.ts';

/** The parts of the house, put together; and those that only the house itself works with. */
export interface Parts {
  readonly shelf: Shelf;
  readonly reindexing: Reindexing;
  readonly stale: StaleTokens;
  readonly facts: Facts;
  /** The search parameters that a tenant defined. */
  customParameters(tenant: number): readonly CustomParameter[];
}

type Definitions = Conformance<ReturnType<typeof createProfiles>>;

export function createParts(deps: RecordsDeps): Parts {
  const { identity, clinical, seal, ledger, clock, log } = deps;
  const access = storedOnly(deps.access, deps.served ?? {});
  const reader = createRowReader(identity, clinical);
  const opener = createOpener(seal, reader, clock.now);
  const stale = createStaleTokens({ identity, log });
  // The registry reads through the index, and the index asks the registry for a tenant's own parameters.
  let definitions: Definitions | undefined;
  const customParameters = (tenant: number): readonly CustomParameter[] => definitions?.customParameters(tenant) ?? [];
  const reindex = createReindex({ identity, clinical, seal, opener, settle: stale.flush, customParameters });
  const reindexing = createReindexing(reindex, log);
  const conformance: Definitions = createConformance({
    ...{ clinical, opener, log, createProfiles, compileCustom },
    reindex: reindexing.start,
    reindexed: reindexing.begun,
  });
  definitions = conformance;
  const searching = createEngine({
    ...{ clinical, identity, seal, opener, access },
    parameters: async (tenant) => {
      await conformance.ready(tenant);
      return (type) => conformance.parameters(tenant, type);
    },
    now: clock.now,
    indexing: reindexing.busy,
  });
  const engine = withTerms(searching, conformance.profiles);
  const facts = createFacts({ clinical, seal, clock, reader, opener });
  const shelf: Shelf = {
    ...{ reader, opener, seal, clinical, clock, log, access, conformance, engine },
    patientsOf: createPatientsOf(seal),
    intents: createIntents({ clinical, ledger, log }),
    writer: watchedWriter(createWriter({ identity, clinical, seal, ledger, stale, customParameters }), facts),
    finder: createFinder({ identity, clinical, seal, reader, opener, engine, now: clock.now }),
    eraser: watchedEraser(createEraser({ identity, clinical, seal, ledger }), facts),
    guard: access.guard,
    settings: deps.tenantSettings ?? (async () => plainSettings),
    destroyPatient: async (tenant, patient) => {
      const row = isUuid(patient) ? await reader.current(tenant, 'Patient', patient) : undefined;
      if (row === undefined) throw fault('missing', 'No patient with this id');
      await forgetIndex(clinical, seal, tenant, patient);
      await forgetIdentity(identity, seal, tenant, patient);
      return seal.destroy(tenant, patient);
    },
    inOrder: createQueues(),
    record: async (event: RequestEvent) => {
      await ledger.append(event.tenant, [event]);
    },
  };
  return { shelf, reindexing, stale, facts, customParameters };
}
