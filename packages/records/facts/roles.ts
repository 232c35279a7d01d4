import { typeNumber } from '@safeguard/fhir';
import { isUuid } from '@safeguard/kernel';
import { type Covered, covers } from './periods.ts';
import { createReadings, type HeadRow, headsReferring, type ReadingsDeps } from './readings.ts';
import type { Answer } from './remembered.ts';
import { type PractitionerRole, readRole } from './teams.ts';

export interface Roles {
  /** Ids of PractitionerRoles. */
  readonly roles: readonly string[];
  /** Ids of Organizations. */
  readonly organizations: readonly string[];
}

/** PractitionerRoles as they stand at a moment. */
export interface RoleReader {
  of(tenant: number, fhir_user: string, at: number): Promise<Answer<Roles>>;
  /** References of the Practitioners behind those of the roles that are held. */
  behind(tenant: number, ids: readonly string[], at: number): Promise<Answer<readonly string[]>>;
  /** By Organization (id), of those asked for: references of those who hold a role there, and of the roles. */
  at(tenant: number, organizations: readonly string[], at: number): Promise<ReadonlyMap<string, readonly string[]>>;
}

const headsById = {
  name: 'records-fact-role-heads',
  text: `select r.id, r.version, r.seq from records.resource r
    where r.tenant = $1 and r.type = $2 and r.id = any ($3::uuid[]) and r.body is not null`,
};

export const distinct = (texts: readonly (string | undefined)[]): string[] => [
  ...new Set(texts.filter((text) => text !== undefined)),
];
export const soonest = (some: readonly { readonly covered: Covered }[]): number =>
  some.reduce((until, { covered }) => Math.min(until, covered.until), Number.POSITIVE_INFINITY);

export function createRoleReader(deps: ReadingsDeps): RoleReader {
  const readings = createReadings(deps, 'PractitionerRole', readRole);

  const byIds = async (tenant: number, ids: readonly string[]): Promise<PractitionerRole[]> => {
    const wanted = ids.filter(isUuid);
    if (wanted.length === 0) return [];
    const values = [tenant, typeNumber('PractitionerRole'), wanted];
    return readings.of(tenant, await deps.clinical.query<HeadRow>(tenant, headsById, values));
  };

  const named = async (tenant: number, fhir_user: string): Promise<PractitionerRole[]> => {
    const [type, id = ''] = fhir_user.split('/');
    if (type === 'PractitionerRole') return byIds(tenant, [id]);
    if (type !== 'Practitioner') return [];
    const heads = await headsReferring(deps, tenant, 'PractitionerRole', 'practitioner', [fhir_user]);
    return (await readings.of(tenant, heads)).filter(({ practitioner }) => practitioner === fhir_user);
  };

  const held = (found: readonly PractitionerRole[], at: number): Answer<readonly PractitionerRole[]> => {
    const active = found.filter((role) => role.active);
    const judged = active.map((role) => ({ role, covered: covers(role.period, at) }));
    return { value: judged.filter(({ covered }) => covered.now).map(({ role }) => role), until: soonest(judged) };
  };

  return {
    of: async (tenant, fhir_user, at) => {
      const { value, until } = held(await named(tenant, fhir_user), at);
      const organizations = distinct(value.map(({ organization }) => organization));
      return { value: { roles: value.map(({ id }) => id), organizations }, until };
    },
    behind: async (tenant, ids, at) => {
      const { value, until } = held(await byIds(tenant, ids), at);
      return { value: distinct(value.map(({ practitioner }) => practitioner)), until };
    },
    at: async (tenant, organizations, at) => {
      const references = organizations.map((id) => `Organization/${id}`);
      const heads = await headsReferring(deps, tenant, 'PractitionerRole', 'organization', references);
      const { value } = held(await readings.of(tenant, heads), at);
      const own = (organization: string): string[] =>
        value
          .filter((role) => role.organization === organization)
          .flatMap(({ id, practitioner }) => [`PractitionerRole/${id}`, ...(practitioner ? [practitioner] : [])]);
      return new Map(organizations.map((one) => [one, distinct(own(one))]));
    },
  };
}
