import type { Access } from '@safeguard/access';
import { validate } from '@safeguard/fhir';
import type { Principal, RequestEvent, Target } from '@safeguard/http';
import { type Clock, type Fault, fault, type Issue, type JsonObject } from '@safeguard/kernel';
import type { Seal } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Finder } from './search/find.ts';
import type { Intents, RecordsLog } from './storage/intents.ts';
import type { Opener } from './storage/open.ts';
import type { RowReader } from './storage/read.ts';
import type { Head } from './storage/stamp.ts';
import type { Writer } from './storage/write.ts';

/** The parts that the verbs work with. */
export interface Shelf {
  readonly reader: RowReader;
  readonly opener: Opener;
  readonly writer: Writer;
  readonly intents: Intents;
  readonly finder: Finder;
  readonly seal: Seal;
  readonly clinical: Segment;
  readonly clock: Clock;
  /** The one door: throws Fault `forbidden` where nothing permits the action. */
  readonly guard: Access['guard'];
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
  /** The event as stored with the write. */
  readonly event?: RequestEvent;
}

export type { Head };

export const targetOf = ({ type, id, version }: Omit<Head, 'at'>): Target => ({ type, id, version });

/** Refuses what is not a valid resource of the type. Base R4 structure: 400 with every finding (FHIR R4 3.1.0.4.2). */
export function checkResource(resource: unknown, type: string): JsonObject {
  const issues = validate(resource, { type });
  if (issues.some((issue) => issue.severity === 'error')) throw invalidResource(issues);
  return resource as JsonObject;
}

const invalidResource = (issues: readonly Issue[]): Fault =>
  fault('invalid', 'The resource is not valid FHIR R4', { issues });

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
