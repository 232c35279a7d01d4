import { fileURLToPath } from 'node:url';
import type { Access, ClinicalFacts } from '@safeguard/access';
import type { Principal, Route } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Destruction, Seal } from '@safeguard/seal';
import type { MigrationSet, Segment } from '@safeguard/store';
import type { TenantSettings } from './call.ts';
import type { Reindexing } from './conformance/index.ts';
import { copyOf } from './operations/copy.ts';
import { createPatients, type Patients } from './operations/patients.ts';
import { createQuestions, type Questions } from './questions/questions.ts';
import { createRoutes, type RouteSettings } from './routes.ts';
import type { ServedTypes } from './served-elsewhere.ts';
import { createParts } from './shelf.ts';
import type { RecordsLog } from './storage/intents.ts';
import { sweepOrphans, sweptHour } from './storage/sweep.ts';
import { sweepStale } from './storage/sweep-stale.ts';

export type { TenantSettings } from './call.ts';
export { hasRecords, recordsChecks } from './checks/checks.ts';
export type { RecordsCheckDeps } from './checks/deps.ts';
export type { Reindexing } from './conformance/index.ts';
export type { ReindexProgress } from './index-rows/index.ts';
export type { EncounterEntry } from './operations/encounters.ts';
export type { PatientEntry, Patients } from './operations/patients.ts';
export type { RouteSettings } from './routes.ts';
export { scopeParameters } from './search/criteria.ts';
export { isServedQuery, type Use as QueryUse } from './search/rule-query.ts';
export type { ServedType, ServedTypes } from './served-elsewhere.ts';

export interface RecordsDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly seal: Seal;
  readonly ledger: Ledger;
  readonly access: Access;
  readonly clock: Clock;
  readonly log: RecordsLog;
  readonly settings: RouteSettings;
  /** Types that another package serves (AuditEvent); the CapabilityStatement tells of them. */
  readonly served?: ServedTypes;
  /** What a tenant chose; absent: what `plainSettings` says, for everyone. */
  readonly tenantSettings?: (tenant: number) => Promise<TenantSettings>;
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
  /** The search index of stored resources, made anew. `resume` is to be called at start, for every tenant. */
  readonly reindexing: Reindexing;
  /** Whom somebody may choose as the patient of an app, and which of their visits. */
  readonly patients: Patients;
  /** What policies depend on: care teams, roles, consents. Asked by no caller, under nobody's guard. */
  readonly facts: ClinicalFacts;
  /**
   * A patient's record as this person may see it: FHIR resources, one a line (NDJSON). The caller writes down that it
   * was made. Faults as `$everything`.
   */
  copy(principal: Principal, patient: string): Promise<string>;
  /** What is stored, whoever asks: for answers about rights, under nobody's guard. */
  readonly questions: Questions;
  /** Stops what runs in the background, and writes what is pending to the database. */
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
  const { identity, clinical, seal, clock, settings } = deps;
  const { shelf, stale, facts, reindexing, customParameters } = createParts(deps);
  const { reader, opener } = shelf;
  const sweeping = { identity, clinical, seal, clock };
  return {
    routes: () => createRoutes(shelf, settings, reindexing, deps.served),
    reindexing,
    patients: createPatients(shelf),
    copy: (principal, patient) => copyOf(shelf, principal, patient),
    facts,
    questions: createQuestions(shelf, facts),
    recover: shelf.intents.recover,
    sweep: async (tenant) => {
      const orphans = await sweepOrphans(sweeping, tenant);
      return orphans + (await sweepStale({ ...sweeping, reader, opener, customParameters }, tenant, sweptHour(clock)));
    },
    destroyPatient: shelf.destroyPatient,
    close: async () => {
      await reindexing.close();
      await shelf.intents.flush();
      await stale.flush();
    },
  };
}
