import { plantAround } from './canaries/around.ts';
import { type Canary, canaryMaker } from './canaries/canary.ts';
import { plantOnPatient } from './canaries/patient.ts';
import type { BundleEntry, Resource, TransactionBundle } from './types.ts';

export { type Canary, type CanaryCategory, canaryCategories } from './canaries/canary.ts';

export interface Planted {
  readonly bundle: TransactionBundle;
  readonly canaries: readonly Canary[];
}

const entry = (fullUrl: string, resource: Resource): BundleEntry => ({
  fullUrl,
  resource,
  request: { method: 'POST', url: resource.resourceType },
});

/**
 * A copy of `bundle` whose first Patient carries a unique, recognisable value of each of the 18 identifier
 * categories of 45 CFR 164.514(b)(2)(i), and to which a RelatedPerson, Practitioner, Device, Coverage, Account,
 * Encounter, Observation and DocumentReference with more of them are added. All values contain or follow from
 * `tag`, so that no other data holds them.
 *
 * Planted are direct identifiers in their own elements, in displays, narrative, contained resources and
 * extensions. Not planted: dates of service, and free text (notes, attachments), which stay with the clinical
 * facts by design. Throws RangeError when the bundle has no Patient or the tag is not 4 to 20 lower-case letters
 * and digits.
 */
export function plantCanaries(bundle: TransactionBundle, tag: string): Planted {
  if (!/^[a-z0-9]{4,20}$/.test(tag)) throw new RangeError('a tag is 4 to 20 lower-case letters and digits');
  const copy = structuredClone(bundle);
  const target = copy.entry.find(({ resource }) => resource.resourceType === 'Patient');
  if (target === undefined) throw new RangeError('a bundle with a Patient is needed');
  const maker = canaryMaker(tag);
  Object.assign(target.resource, plantOnPatient(maker, target.resource));
  for (const [fullUrl, resource] of plantAround(maker, target.fullUrl)) copy.entry.push(entry(fullUrl, resource));
  return { bundle: copy, canaries: maker.planted };
}

/** A bundle of one bare Patient with all the canaries of `tag`. */
export function canaryBundle(tag: string): Planted {
  const patient: Resource = { resourceType: 'Patient', active: true, gender: 'unknown' };
  const fullUrl = `urn:uuid:${canaryMaker(tag).rng.uuid()}`;
  return plantCanaries({ resourceType: 'Bundle', type: 'transaction', entry: [entry(fullUrl, patient)] }, tag);
}
