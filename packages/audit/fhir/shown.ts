import type { Audited } from '../event.ts';
import { clientOf } from '../index/tokens.ts';
import { agentsOf } from '../people.ts';
import { type Form, idOf } from '../place.ts';
import type { House } from '../types.ts';
import { auditEvent, disclosureEvent } from './resource.ts';
import type { AuditEvent } from './types.ts';

/** One event to be shown, and in which form. */
export interface Shown extends Audited {
  readonly form: Form;
}

export interface Showing {
  readonly tenant: number;
  /** The FHIR base. */
  readonly base: string;
  /** The patients that the reader may know of; absent: everybody. */
  readonly only?: readonly string[];
}

/** Events as AuditEvents, with the names of those who act in them as they are now. */
export async function shownEvents(
  { vault, people, name = 'safeguard' }: Pick<House, 'vault' | 'people' | 'name'>,
  { tenant, base, only }: Showing,
  events: readonly Shown[],
): Promise<AuditEvent[]> {
  const keys = await vault(tenant);
  const ids = events.flatMap(({ event }) => [event.actor, clientOf(event) ?? []].flat());
  const agents = await agentsOf(people, tenant, ids);
  return events.map(({ event, place, form }) => {
    const reading = {
      id: idOf(keys, place, form),
      event,
      agents,
      server: { name, base },
      ...(only === undefined ? {} : { only }),
    };
    return form === 'disclosure' ? disclosureEvent(reading) : auditEvent(reading);
  });
}
