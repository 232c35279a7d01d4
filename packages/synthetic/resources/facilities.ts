import { writeName } from '../person.ts';
import { createRng } from '../rng.ts';
import type { BundleEntry, Resource, TransactionBundle } from '../types.ts';
import { status } from '../words/concepts.ts';
import { origins } from '../words/names.ts';
import { hospitals, streetNames, towns } from '../words/places.ts';
import { fictionalPhone, npiSystem, placeSystem } from './identifiers.ts';

/**
 * Where a person is treated and by whom: as conditional references, so that every bundle finds the same three
 * resources.
 */
export interface Facility {
  readonly organization: { readonly reference: string; readonly display: string };
  readonly location: { readonly reference: string; readonly display: string };
  readonly practitioners: readonly { readonly reference: string; readonly display: string }[];
}

interface Built {
  readonly facility: Facility;
  readonly entries: readonly BundleEntry[];
}

const practitioners_each = 3;

const conditional = (fullUrl: string, resource: Resource, system: string, value: string): BundleEntry => ({
  fullUrl,
  resource,
  request: { method: 'POST', url: resource.resourceType, ifNoneExist: `identifier=${system}|${value}` },
});

function doctor(number: number): { entry: BundleEntry; reference: string; display: string } {
  const rng = createRng(`practitioner/${number}`);
  const sex = rng.pick(['female', 'male'] as const);
  const name = writeName(rng, rng.pick(origins), sex);
  // Real NPIs begin with 1 or 2.
  const npi = `99990${String(number).padStart(5, '0')}`;
  const resource: Resource = {
    resourceType: 'Practitioner',
    identifier: [{ system: npiSystem, value: npi }],
    active: true,
    name: [{ family: name.family, given: name.given, prefix: ['Dr.'] }],
    telecom: [{ system: 'email', value: `practitioner${number}@example.org`, use: 'work' }],
    gender: sex,
  };
  return {
    entry: conditional(`urn:uuid:${rng.uuid()}`, resource, npiSystem, npi),
    reference: `Practitioner?identifier=${npiSystem}|${npi}`,
    display: `Dr. ${name.text}`,
  };
}

function hospital(name: string, number: number): Built {
  const rng = createRng(`hospital/${number}`);
  const town = rng.pick(towns);
  const [orgValue, placeValue] = [`organization-${number}`, `location-${number}`];
  const orgUrl = `urn:uuid:${rng.uuid()}`;
  const at = {
    line: [`${rng.int(1, 400)} ${rng.pick(streetNames)} Road`],
    city: town.city,
    state: town.state,
    postalCode: `${town.zip}01`,
    country: 'US',
  };
  const telecom = [{ system: 'phone', value: fictionalPhone(rng, town.area) }];
  const organization: Resource = {
    resourceType: 'Organization',
    identifier: [{ system: placeSystem, value: orgValue }],
    active: true,
    type: [status('organization-type', 'prov', 'Healthcare Provider')],
    name,
    telecom,
    address: [at],
  };
  const location: Resource = {
    resourceType: 'Location',
    identifier: [{ system: placeSystem, value: placeValue }],
    status: 'active',
    name: `${name}, Outpatient`,
    telecom,
    address: at,
    position: { longitude: town.longitude, latitude: town.latitude },
    managingOrganization: { reference: orgUrl },
  };
  const doctors = Array.from({ length: practitioners_each }, (_, place) =>
    doctor(number * practitioners_each + place + 1),
  );
  return {
    facility: {
      organization: { reference: `Organization?identifier=${placeSystem}|${orgValue}`, display: name },
      location: { reference: `Location?identifier=${placeSystem}|${placeValue}`, display: `${name}, Outpatient` },
      practitioners: doctors.map(({ reference, display }) => ({ reference, display })),
    },
    entries: [
      conditional(orgUrl, organization, placeSystem, orgValue),
      conditional(`urn:uuid:${rng.uuid()}`, location, placeSystem, placeValue),
      ...doctors.map(({ entry }) => entry),
    ],
  };
}

const built: readonly Built[] = hospitals.map(hospital);

/** Facilities do not depend on the seed: patients of any seed find them by their identifiers. */
export const facilities: readonly Facility[] = built.map(({ facility }) => facility);

/**
 * The organizations, locations and practitioners that the patients' bundles refer to; `ifNoneExist` on each.
 * Send it first.
 */
export const facilityBundle = (): TransactionBundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: built.flatMap(({ entries }) => structuredClone(entries) as BundleEntry[]),
});
