import { eachReference } from '@safeguard/fhir';
import type { Entry } from './plan.ts';

/** A reference in a resource of a transaction that may have to be rewritten, with what was sent in it. */
export interface Slot {
  readonly reference: { reference?: string };
  readonly sent: string;
  readonly entry: Entry;
  readonly path: string;
}

/** The references of an entry that can point into the bundle or name a condition; `#…` and plain others stay. */
export function slotsOf(entry: Entry): Slot[] {
  const slots: Slot[] = [];
  if (entry.resource === undefined) return slots;
  eachReference(entry.resource, (reference, path) => {
    const sent = reference.reference;
    if (sent !== undefined && !sent.startsWith('#')) slots.push({ reference, sent, entry, path });
  });
  return slots;
}

/** `Type?query`: a conditional reference (FHIR R4 3.1.0.11.2). */
export function conditionOf(sent: string): { type: string; condition: string } | undefined {
  const match = /^([A-Z][A-Za-z]+)\?(.+)$/.exec(sent);
  return match ? { type: match[1] as string, condition: match[2] as string } : undefined;
}

/** The key under which the entries' fullUrls are found: a relative reference is relative to its own entry's server. */
export function bundleKey({ sent, entry }: Slot): string {
  const root = /^(https?:\/\/.*\/)[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(entry.fullUrl ?? '')?.[1];
  return root !== undefined && /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(sent) ? `${root}${sent}` : sent;
}
