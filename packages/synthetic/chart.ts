import type { Day } from './calendar.ts';
import { timeText } from './calendar.ts';
import type { Person } from './person.ts';
import type { Facility } from './resources/facilities.ts';
import type { Rng } from './rng.ts';
import type { BundleEntry, Resource } from './types.ts';

/** One patient's record as it is being written. */
export interface Chart {
  readonly rng: Rng;
  readonly person: Person;
  readonly facility: Facility;
  readonly entries: BundleEntry[];
  /** `{ reference: 'urn:uuid:…', display: 'Zoë Núñez' }` */
  readonly subject: { readonly reference: string; readonly display: string };
  /** Puts a resource into the bundle and gives its `urn:uuid:` name. */
  add(resource: Resource): string;
}

/** One encounter that the entries of a day hang on. */
export interface Visit {
  readonly day: Day;
  /** Minutes after midnight. */
  readonly minute: number;
  readonly encounter: { readonly reference: string };
  readonly practitioner: { readonly reference: string; readonly display: string };
}

export function openChart(rng: Rng, person: Person, facility: Facility, patient: Resource): Chart {
  const entries: BundleEntry[] = [];
  const add = (resource: Resource): string => {
    const fullUrl = `urn:uuid:${rng.uuid()}`;
    entries.push({ fullUrl, resource, request: { method: 'POST', url: resource.resourceType } });
    return fullUrl;
  };
  return { rng, person, facility, entries, add, subject: { reference: add(patient), display: person.name.text } };
}

/** The visit's moment, `later` minutes after its start. */
export const momentOf = (visit: Visit, later = 0): string => timeText(visit.day, visit.minute + later);
