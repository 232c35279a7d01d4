import { patientsOf, type RequestEvent, type Target } from '@safeguard/http';
import type { Vault } from '@safeguard/seal';
import { kindOf, outcomeOf } from '../fhir/kinds.ts';

/** Raised whenever rows would come out differently: what stands in an older form is made anew. */
export const form = 1;

/** Blind tokens of one tenant. The few values that keep coming back are hashed once. */
export interface Tokens {
  agent(id: string): string;
  patient(id: string): string;
  /** `Type/id`. */
  resource(reference: string): string;
  /** 32 bits: there are few values, and every answer is judged again. */
  code(of: 'action' | 'type' | 'subtype' | 'outcome', code: string): number;
}

const kept_most = 5_000;

export function createTokens(vault: Vault): Tokens {
  const kept = new Map<string, bigint>();
  const token = (label: string, value: string): bigint => vault.token(`audit-${label}`, value);
  const keep = (label: string, value: string): bigint => {
    const name = `${label} ${value}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    if (kept.size >= kept_most) kept.clear();
    const made = token(label, value);
    kept.set(name, made);
    return made;
  };
  return {
    agent: (id) => String(keep('agent', id)),
    patient: (id) => String(token('patient', id)),
    resource: (reference) => String(token('resource', reference)),
    code: (of, code) => Number(BigInt.asIntN(32, keep(of, code))),
  };
}

/** Actions on clients themselves: of these a Client that is a target may be what was worked on. */
const onClients = /^(client|application|invitation|authorize|token|launch|self-app|sign-in)/;

/** The app through which somebody acted: the lifecycle puts it behind all other targets. */
export function clientOf({ targets, actor, action }: Pick<RequestEvent, 'targets' | 'actor' | 'action'>) {
  const last = targets.at(-1);
  if (last?.type !== 'Client' || last.id === actor) return undefined;
  const several = targets.at(-2)?.type === 'Client';
  return onClients.test(action) && !several ? undefined : last.id;
}

/** What was worked on: the targets without the app that somebody acted through. */
export function objectsOf(event: RequestEvent): readonly Target[] {
  return clientOf(event) === undefined ? event.targets : event.targets.slice(0, -1);
}

/** The row of an event. */
export interface EntryRow {
  readonly at: number;
  readonly place: number;
  readonly actor: string;
  readonly client: string | null;
  readonly action: number;
  readonly type: number;
  /** Of the ledger's own name for the action: FHIR's subtypes follow from it. */
  readonly subtype: number;
  readonly outcome: number;
}

export function entryRow(tokens: Tokens, event: RequestEvent, place: number): EntryRow {
  const { action, type } = kindOf(event);
  const client = clientOf(event);
  return {
    at: event.at,
    place,
    actor: tokens.agent(event.actor),
    client: client === undefined ? null : tokens.agent(client),
    action: tokens.code('action', action),
    type: tokens.code('type', type.code),
    subtype: tokens.code('subtype', event.action),
    outcome: tokens.code('outcome', outcomeOf(event)),
  };
}

/** What an event, or a part of it, is about, in tokens; each once. */
export interface AboutTokens {
  /** Patients; of a part above the first also the app at the end of its targets, which the first could not know. */
  readonly heads: readonly string[];
  readonly resources: readonly string[];
}

export function aboutTokens(tokens: Tokens, event: RequestEvent, part = 1): AboutTokens {
  const client = clientOf(event);
  const resources = objectsOf(event).filter(({ type }) => type !== 'Patient');
  return {
    heads: [
      ...patientsOf(event).map(tokens.patient),
      ...(part > 1 && client !== undefined ? [tokens.agent(client)] : []),
    ],
    resources: [...new Set(resources.map(({ type, id }) => tokens.resource(`${type}/${id}`)))],
  };
}
