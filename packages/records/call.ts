import type { Access } from '@safeguard/access';
import type { Profiles } from '@safeguard/fhir';
import type { Principal, RequestEvent, Target } from '@safeguard/http';
import { type Clock, type Fault, fault } from '@safeguard/kernel';
import type { Destruction, Seal } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Conformance } from './conformance/conformance.ts';
import type { Engine, Seeing } from './search/engine.ts';
import type { Finder } from './search/find.ts';
import type { Eraser } from './storage/erase.ts';
import type { Intents, RecordsLog } from './storage/intents.ts';
import type { Opener } from './storage/open.ts';
import type { PatientsOf } from './storage/patients.ts';
import type { RowReader } from './storage/read.ts';
import type { Head } from './storage/stamp.ts';
import type { Writer } from './storage/write.ts';

/** What a tenant chose where FHIR leaves a choice. */
export interface TenantSettings {
  /** Whether an update may create, under an id of the client's (FHIR R4 3.1.0.4.1). */
  readonly updateAsCreate: boolean;
  /** Whether a conditional delete may take several at once (3.1.0.7.1). */
  readonly conditionalDelete: 'single' | 'multiple';
  /** By resource type: canonical urls of profiles that every resource of it must conform to. */
  readonly profiles: Readonly<Record<string, readonly string[]>>;
}

export const plainSettings: TenantSettings = { updateAsCreate: false, conditionalDelete: 'single', profiles: {} };

/** The parts that the verbs work with. */
export interface Shelf {
  readonly reader: RowReader;
  readonly opener: Opener;
  readonly writer: Writer;
  readonly intents: Intents;
  readonly finder: Finder;
  readonly engine: Engine;
  readonly patientsOf: PatientsOf;
  readonly seal: Seal;
  readonly clinical: Segment;
  readonly clock: Clock;
  /** The one door: throws Fault `forbidden` where nothing permits the action. */
  readonly guard: Access['guard'];
  /** Which rows of a type a caller sees, and what of their elements. */
  readonly access: Seeing;
  readonly conformance: Pick<Conformance<Profiles>, 'profiles' | 'check' | 'written'>;
  settings(tenant: number): Promise<TenantSettings>;
  readonly eraser: Eraser;
  /** Destroys a patient's keys, and before that what the identity segment holds under them. Fault `missing`. */
  destroyPatient(tenant: number, patient: string): Promise<Destruction>;
  readonly log: RecordsLog;
  /** Runs what writes one resource one after the other. */
  inOrder<T>(id: string, work: () => Promise<T>): Promise<T>;
  /** Chains an event of a bundle's entry; resolves when it is durable. */
  record(event: RequestEvent): Promise<void>;
}

/** One interaction asked of the API: a request of its own, or an entry of a bundle. */
export interface Call {
  readonly principal: Principal;
  /** The FHIR base without trailing slash. */
  readonly base: string;
  /** If-Match, If-None-Match, If-None-Exist, If-Modified-Since: by lower-case name, as sent. */
  readonly conditions: Readonly<Record<string, string | undefined>>;
  /** `Prefer: handling=lenient`: parameters that are not known are ignored and told of (FHIR R4 3.1.1.3). */
  readonly lenient?: boolean;
  /** The event that the ledger will keep of this call. */
  event(status: number, targets: readonly Target[], reason?: string): RequestEvent;
  /** The call of one entry of a bundle: its own event, its own conditions. */
  entry(action: string, conditions: Call['conditions']): Call;
}

/** What an interaction came to; turned into an HTTP answer or a bundle entry. */
export interface Outcome {
  readonly status: number;
  readonly head?: Head;
  /** The resource as JSON text, where it is at hand; of a write it is made when asked for. */
  readonly text?: string | undefined;
  readonly targets: readonly Target[];
  /** Of a search: its type and the names of its parameters, for the ledger. */
  readonly asked?: string;
  /** In whose records that is, where the event does not say so. */
  readonly patients?: readonly string[];
  /** The event as stored with the write. */
  readonly event?: RequestEvent;
}

export type { Head };

export const targetOf = ({ type, id, version }: Omit<Head, 'at'>): Target => ({ type, id, version });

/** Writing needs the whole record: who sees only part of one would lose the rest of it. */
export function requireFullView(call: Call): void {
  if (call.principal.view !== 'full') throw fault('forbidden', 'A de-identified view cannot write');
}

export const missing = (type: string): Fault => fault('missing', `No ${type} with this id`);
export const goneFault = (type: string): Fault => fault('gone', `This ${type} was deleted`);

/** The version number of an ETag in If-Match or If-None-Match; undefined where none is sent. */
export function versionCondition(value: string | undefined, header: string): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(?:W\/)?"?(\d{1,9})"?$/.exec(value.trim());
  if (match === null) throw fault('invalid', `${header}: expected one version as W/"1"`);
  return Number(match[1]);
}
