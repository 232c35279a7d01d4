import type { NoticePort, PeoplePort } from '@safeguard/access';
import { type Clock, fault, isUuid } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';

/** A step that no request of a person records: what the ledger is told of it, ids and fixed words. */
export interface ServiceStep {
  readonly kind: 'task-step';
  readonly task: string;
  readonly task_kind: string;
  readonly act: 'reminded' | 'escalated';
  readonly mark: string;
  readonly at: number;
}

export interface WorkflowDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's vault in the identity segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly people: Pick<PeoplePort, 'byId' | 'tenants'>;
  /** Ids of the active accounts of the workforce that hold a role at this moment, for the whole tenant. */
  readonly holders: (tenant: number, role: string) => Promise<readonly string[]>;
  readonly tell: NoticePort;
  /** Public base of our pages, no trailing slash: links and ids of the calendar. */
  readonly base: string;
  /** Writes reminders and escalations to a tenant's log; they do not happen where it throws. */
  readonly record?: (tenant: number, step: ServiceStep) => Promise<void>;
}

/** Roles that decide about the programme of the house. */
export const officers = ['security-officer', 'privacy-officer', 'administrator'] as const;

/** Parameters in force, by name. */
export type InForce = ReadonlyMap<string, { readonly value: number | string; readonly unit?: string }>;

/** A number of the programme. Fault `internal` for one that it has not. */
export function numberOf(parameters: InForce, name: string): number {
  const value = parameters.get(name)?.value;
  if (typeof value !== 'number') throw fault('internal', 'The programme lacks a parameter that the code works by.');
  return value;
}

/** Who acts at the machine, and Safeguard itself. */
export const operatorId = 'operator';
export const serviceId = 'service';

/** In `open` and `work`: whoever is signed in. It never approves. */
export const everyone = 'everyone';

/** Whether somebody of this id may stand behind a step. */
export const isActorId = (id: string): boolean => isUuid(id) || id === operatorId || id === serviceId;
