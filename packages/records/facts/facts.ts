import type { ClinicalFacts } from '@safeguard/access';
import { parseWritten } from '@safeguard/fhir';
import { type Clock, fault, isFault, isUuid, type JsonObject } from '@safeguard/kernel';
import type { Opener } from '../storage/open.ts';
import type { RowReader } from '../storage/read.ts';
import { storedTexts } from '../storage/stored.ts';
import { createChanges, isFactType } from './changes.ts';
import { createConsents } from './consents.ts';
import { createPeople } from './people.ts';
import type { ReadingsDeps } from './readings.ts';
import { createRemembered } from './remembered.ts';
import { idOf, localOf } from './teams.ts';

export interface FactsDeps extends ReadingsDeps {
  readonly reader: Pick<RowReader, 'current'>;
  readonly opener: Pick<Opener, 'text'>;
  readonly clock: Clock;
}

export interface Facts extends ClinicalFacts {
  /** `organizations` the other way round: by Organization (id), references of those who work there. */
  workersOf(tenant: number, organizations: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** This process wrote or erased something; `type` absent: whatever it was. */
  written(tenant: number, type?: string): void;
}

const organization_ms = 1_000;

/** Access must not be decided upon facts that are not known. */
async function known<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isFault(error) && error.kind === 'unavailable') throw error;
    throw fault('unavailable', 'What access depends on cannot be read', { cause: error });
  }
}

/**
 * What policies depend on, of the clinical data: read by the house itself, under nobody's guard, from the clinical
 * segment alone (but for Consents that name actors by identifiers). Fault `unavailable` where it cannot be read.
 */
export function createFacts(deps: FactsDeps): Facts {
  const { clinical, seal, clock, reader, opener } = deps;
  const changes = createChanges({ clinical, clock });
  const people = createPeople({ clinical, seal, clock });
  const consents = createConsents({
    ...{ clinical, seal, changes },
    whole: async (tenant, row) => {
      const text = await opener.text(tenant, row, 'full');
      return text === undefined ? undefined : (parseWritten(text) as JsonObject);
    },
  });
  const remember = createRemembered<string | undefined>(clock);
  let patients_written = 0;

  const organizationOf = async (tenant: number, patient: string): Promise<string | undefined> => {
    const row = isUuid(patient) ? await reader.current(tenant, 'Patient', patient) : undefined;
    const [text] = row === undefined ? [] : await storedTexts(seal, tenant, [row]);
    if (text === undefined) return undefined;
    return idOf(localOf((parseWritten(text) as JsonObject).managingOrganization, 'Organization'));
  };

  return {
    careTeam: (tenant, fhir_user) =>
      known(changes.current(tenant).then(async (now) => (await people.teams(tenant, fhir_user, now)).patients)),
    careTeamOf: (tenant, patient) => known(changes.current(tenant).then((now) => people.teamOf(tenant, patient, now))),
    organizations: (tenant, fhir_user) =>
      known(changes.current(tenant).then(async (now) => (await people.roles(tenant, fhir_user, now)).organizations)),
    memberships: (tenant, fhir_user) =>
      known(
        changes.current(tenant).then(async (now) => {
          const [{ roles }, { careTeams }] = await Promise.all([
            people.roles(tenant, fhir_user, now),
            people.teams(tenant, fhir_user, now),
          ]);
          return { careTeams, practitionerRoles: roles };
        }),
      ),
    organizationOf: (tenant, patient) =>
      known(
        remember(`${tenant}/${patient}`, String(patients_written), async (at) => ({
          value: await organizationOf(tenant, patient),
          until: at + organization_ms,
        })),
      ),
    consents: (tenant) => known(consents(tenant)),
    workersOf: (tenant, wanted) => known(people.workersOf(tenant, wanted)),
    written: (tenant, type) => {
      if (type === undefined || isFactType(type)) changes.touched(tenant);
      if (type === undefined || type === 'Patient') patients_written += 1;
    },
  };
}
