import { fault } from '@safeguard/kernel';
import type { Content } from '../content/types.ts';
import { catalogOf, writeCatalog } from './catalog.ts';
import { componentsOf, writeComponents } from './component.ts';
import { writeCustomerPlan } from './customer-plan.ts';
import type { OscalInput } from './input.ts';
import type { JsonObject } from './json.ts';
import { writeMappings } from './mapping.ts';
import { openItemsOf, writeOpenItems } from './open-items.ts';
import { writePlan } from './plan.ts';
import { planOf } from './plan-model.ts';
import { houseProfile, rowsProfile } from './profile.ts';
import { resultsOf, writeResults } from './results.ts';

const writers = {
  catalog: (input) => writeCatalog(catalogOf(input)),
  profile: houseProfile,
  'component-definition': (input) => writeComponents(componentsOf(input)),
  'system-security-plan': (input) => writePlan(planOf(input)),
  'customer-system-security-plan': writeCustomerPlan,
  'assessment-results': (input) => writeResults(resultsOf(input)),
  'plan-of-action-and-milestones': (input) => writeOpenItems(openItemsOf(input)),
  'mapping-collection': writeMappings,
} as const satisfies Readonly<Record<string, (input: OscalInput) => JsonObject>>;

/** Documents that every programme has. `mapping-collection` is written in OSCAL 1.2.2 alone. */
export const oscalDocuments = Object.keys(writers) as readonly (keyof typeof writers)[];

const isFixed = (name: string): name is keyof typeof writers => Object.hasOwn(writers, name);

/** All names: those, and `profile-<id>` for each optional profile of the content. */
export const oscalNames = ({ profiles }: Pick<Content, 'profiles'>): readonly string[] => [
  ...oscalDocuments,
  ...[...profiles.keys()].map((id) => `profile-${id}`),
];

/**
 * One OSCAL document as JSON. Pure: the same input gives the same document. Fault `missing` for a name that is none,
 * `invalid` where this version of OSCAL has no such model, `internal` where the input lacks a part that it needs.
 */
export function oscalDocument(name: string, input: OscalInput): JsonObject {
  if (isFixed(name)) return writers[name](input);
  const profile = name.startsWith('profile-') ? input.content.profiles.get(name.slice('profile-'.length)) : undefined;
  if (profile === undefined) throw fault('missing', 'There is no OSCAL document of this name.');
  return rowsProfile(input, profile);
}
