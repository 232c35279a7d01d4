import { patientsOf, type RequestContext } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { extentOf, isShown } from './entitled.ts';
import { type Audited, eventsAt } from './event.ts';
import { fhirPath } from './fhir/answer.ts';
import { shownEvents } from './fhir/shown.ts';
import type { AuditEvent } from './fhir/types.ts';
import { type Form, numberOf, placeOfId } from './place.ts';
import type { House } from './types.ts';

/** An AuditEvent that was read, and the patients that it names. */
export interface ReadEvent {
  readonly resource: AuditEvent;
  readonly patients: readonly string[];
}

const missing = () => fault('missing', 'No AuditEvent with this id');

/** Where an id leads, opened; undefined: nowhere. */
async function eventOf(house: House, tenant: number, id: string): Promise<(Audited & { form: Form }) | undefined> {
  const known = placeOfId(await house.vault(tenant), id);
  if (known === undefined) return undefined;
  const [found] = await eventsAt(house.ledger, tenant, [numberOf(known.place)]);
  return found && { ...found, form: known.form };
}

/** FHIR R4 3.1.0.1 read. 404 too for what the caller may not know of: it answers as what never was. */
export async function readEvent(house: House, context: RequestContext): Promise<ReadEvent> {
  const { principal, params } = context;
  const { tenant } = principal;
  const extent = extentOf(house, principal, 'audit-read');
  const found = await eventOf(house, tenant, params.id ?? '');
  if (found === undefined) throw missing();
  const patients = patientsOf(found.event);
  if (!isShown(extent, patients)) throw missing();
  const only = extent.only === undefined ? {} : { only: extent.only };
  const [resource] = await shownEvents(house, { tenant, base: `${context.base}${fhirPath}`, ...only }, [found]);
  if (resource === undefined) throw missing();
  return { resource, patients: patients.filter((id) => extent.only?.includes(id) ?? true) };
}
