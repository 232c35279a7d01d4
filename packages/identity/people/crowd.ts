import { isUuid } from '@safeguard/kernel';
import type { Row, Segment } from '@safeguard/store';

/** Ids as one text: an array of 100,000 takes the driver ten times as long. */
const ids = "string_agg(a.id::text, ',') as ids";
const kind = "a.scopes, 'administrator' = any (a.roles) as administrator, a.fhir_user is not null as named";
const active = "a.tenant = $1 and a.state = 'active' and a.kind = 'workforce'";
const selectKinds = {
  name: 'identity.people.kinds',
  text: `select distinct ${kind} from identity.account a where ${active}`,
};
const selectWorkforce = {
  name: 'identity.people.workforce',
  text: `select ${kind}, ${ids} from identity.account a where ${active} group by 1, 2, 3`,
};
const selectAmong = {
  name: 'identity.people.among',
  text: `select ${kind}, ${ids} from identity.account a where ${active} and a.id = any ($2::uuid[]) group by 1, 2, 3`,
};
const selectMembers = {
  name: 'identity.people.members',
  text: `select m.scim_group as id, string_agg(m.account::text, ',') as ids from identity.scim_member m
    where m.tenant = $1 and m.scim_group = any ($2::uuid[]) group by 1`,
};
const selectMembersAmong = {
  name: 'identity.people.members-among',
  text: `select m.scim_group as id, string_agg(m.account::text, ',') as ids from identity.scim_member m
    where m.tenant = $1 and m.scim_group = any ($2::uuid[]) and m.account = any ($3::uuid[]) group by 1`,
};
const selectStandFor = {
  name: 'identity.people.stand-for',
  text: `select a.fhir_user, ${ids} from identity.account a where ${active} and a.fhir_user = any ($2::text[])
    group by 1`,
};

/** What accounts of the workforce may have in common. */
export interface CohortKind {
  readonly scopes: readonly string[];
  readonly administrator: boolean;
  /** Whether a FHIR resource stands for them (`fhir_user`). */
  readonly named: boolean;
}

/** Active accounts that differ in nothing of this. */
export interface Cohort extends CohortKind {
  readonly ids: readonly string[];
}

/** A tenant's people, all at once and without a name: nothing is unsealed. Every answer is as of now. */
export interface Crowd {
  /** Which kinds of active accounts of the workforce there are. */
  kinds(tenant: number): Promise<readonly CohortKind[]>;
  /** Active accounts of the workforce: all, or those among some ids. */
  workforce(tenant: number, among?: readonly string[]): Promise<readonly Cohort[]>;
  /** Ids of the accounts in these groups (SCIM), by group: all, or those among some ids. */
  members(
    tenant: number,
    groups: readonly string[],
    among?: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Active accounts of the workforce whose `fhir_user` is one of these references: their id, the reference. */
  standFor(tenant: number, references: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

type CohortRow = CohortKind & Row & { readonly ids: string };

export function createCrowd(segment: Segment): Crowd {
  return {
    async kinds(tenant) {
      const rows = await segment.query<CohortKind & Row>(tenant, selectKinds, [tenant]);
      return rows.map((row) => ({ ...row, scopes: Object.freeze(row.scopes) }));
    },
    async workforce(tenant, among) {
      const rows =
        among === undefined
          ? await segment.query<CohortRow>(tenant, selectWorkforce, [tenant])
          : await segment.query<CohortRow>(tenant, selectAmong, [tenant, among.filter(isUuid)]);
      return rows.map((row) => ({ ...row, scopes: Object.freeze(row.scopes), ids: row.ids.split(',') }));
    },
    async members(tenant, groups, among) {
      const values = [tenant, groups.filter(isUuid), ...(among === undefined ? [] : [among.filter(isUuid)])];
      const statement = among === undefined ? selectMembers : selectMembersAmong;
      const rows = await segment.query<{ id: string; ids: string }>(tenant, statement, values);
      return new Map(rows.map((row) => [row.id, row.ids.split(',')]));
    },
    async standFor(tenant, references) {
      const rows = await segment.query<{ fhir_user: string; ids: string }>(tenant, selectStandFor, [
        tenant,
        references,
      ]);
      return new Map(rows.flatMap((row) => row.ids.split(',').map((id) => [id, row.fhir_user] as const)));
    },
  };
}
