import type { RequestEvent } from '@safeguard/http';
import type { Agents } from '../people.ts';
import type { Coding } from './systems.ts';

/** A reading of one event, as the rest of the mapping works on it. */
export interface Reading {
  readonly id: string;
  readonly event: RequestEvent;
  /** Whose record the event is shown of, where the reader may know of these patients alone. */
  readonly only?: readonly string[];
  readonly agents: Agents;
  readonly server: Server;
}

/** The server that wrote the log. */
export interface Server {
  /** A name of this installation: no name of a person, no secret. */
  readonly name: string;
  /** The FHIR base. */
  readonly base: string;
}

export interface CodeableConcept {
  readonly coding: readonly Coding[];
}

export interface FhirReference {
  readonly reference?: string;
  readonly identifier?: { readonly system?: string; readonly value: string };
}

/** AuditEvent.agent (R4). */
export interface Agent {
  readonly type: CodeableConcept;
  readonly who: FhirReference;
  readonly name?: string;
  readonly requestor: boolean;
  readonly policy?: readonly string[];
  readonly network?: { readonly address: string; readonly type: '2' | '5' };
  readonly purposeOfUse?: readonly CodeableConcept[];
}

/** AuditEvent.entity (R4). */
export interface Entity {
  readonly what?: FhirReference;
  readonly type: Coding;
  readonly role?: Coding;
  readonly description?: string;
  /** base64Binary. */
  readonly query?: string;
}

/** AuditEvent (R4), as far as it is made here. */
export interface AuditEvent {
  readonly resourceType: 'AuditEvent';
  readonly id: string;
  readonly meta?: { readonly profile: readonly string[] };
  readonly type: Coding;
  readonly subtype: readonly Coding[];
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly recorded: string;
  readonly outcome: '0' | '4' | '8';
  readonly outcomeDesc?: string;
  readonly purposeOfEvent?: readonly CodeableConcept[];
  readonly agent: readonly Agent[];
  readonly source: { readonly observer: FhirReference; readonly type: readonly Coding[] };
  readonly entity?: readonly Entity[];
}
