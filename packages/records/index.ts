import { fileURLToPath } from 'node:url';
import type { Access } from '@safeguard/access';
import type { RequestEvent, Route } from '@safeguard/http';
import { type Clock, fault, isUuid } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Destruction, Seal } from '@safeguard/seal';
import type { MigrationSet, Segment } from '@safeguard/store';
import type { Shelf } from './call.ts';
import { createRoutes, type RouteSettings } from './routes.ts';
import { createFinder } from './search/find.ts';
import { forgetIdentity } from './storage/destroy.ts';
import { createIntents, type RecordsLog } from './storage/intents.ts';
import { createOpener } from './storage/open.ts';
import { createQueues } from './storage/queue.ts';
import { createRowReader } from './storage/read.ts';
import { sweepOrphans } from './storage/sweep.ts';
import { createWriter } from './storage/write.ts';

export type { RouteSettings } from './routes.ts';

export interface RecordsDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly seal: Seal;
  readonly ledger: Ledger;
  readonly access: Access;
  readonly clock: Clock;
  readonly log: RecordsLog;
  readonly settings: RouteSettings;
}

export interface Records {
  routes(): Route[];
  /**
   * Chains the events of writes whose answer was lost and which are older than `age_ms`. To be called at start, with 0
   * where no other process writes, and from time to time. Answers how many entries had to be added.
   */
  recover(tenant: number, age_ms: number): Promise<number>;
  /** Removes identity rows without a clinical version. Answers how many there were. */
  sweep(tenant: number): Promise<number>;
  /**
   * Destroys a patient's keys, and before that what the identity segment holds under them. Repeatable. Fault
   * `missing`.
   */
  destroyPatient(tenant: number, patient: string): Promise<Destruction>;
  /** Writes what is pending to the database. */
  close(): Promise<void>;
}

const folder = (segment: 'identity' | 'clinical'): MigrationSet => ({
  package: 'records',
  segment,
  folder: fileURLToPath(new URL(`./migrations/${segment}`, import.meta.url)),
});

export const migrations: readonly MigrationSet[] = [folder('identity'), folder('clinical')];

/** The health data API: FHIR R4, every resource split over two segments and sealed under its patient's keys. */
export function createRecords(deps: RecordsDeps): Records {
  const { identity, clinical, seal, ledger, access, clock, log, settings } = deps;
  const reader = createRowReader(identity, clinical);
  const opener = createOpener(seal, reader);
  const intents = createIntents({ clinical, ledger, log });
  const shelf: Shelf = {
    reader,
    opener,
    intents,
    writer: createWriter({ identity, clinical, seal, ledger }),
    finder: createFinder({ identity, seal, reader, opener }),
    seal,
    clinical,
    clock,
    guard: access.guard,
    log,
    inOrder: createQueues(),
    record: async (event: RequestEvent) => {
      await ledger.append(event.tenant, [event]);
    },
  };
  return {
    routes: () => createRoutes(shelf, settings),
    recover: intents.recover,
    sweep: (tenant) => sweepOrphans({ identity, clinical, seal, clock }, tenant),
    destroyPatient: async (tenant, patient) => {
      const row = isUuid(patient) ? await reader.current(tenant, 'Patient', patient) : undefined;
      if (row === undefined) throw fault('missing', 'No patient with this id');
      await forgetIdentity(identity, seal, tenant, patient);
      return seal.destroy(tenant, patient);
    },
    close: intents.flush,
  };
}
