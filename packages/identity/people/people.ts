import { isUuid } from '@safeguard/kernel';
import { type AccountRow, accountColumns, openAccounts } from '../accounts/body.ts';
import type { AccountDeps } from '../accounts/deps.ts';
import type { Account, Accounts } from '../accounts/types.ts';
import type { ClientSummary, Clients, Tenants } from '../types.ts';
import { type Crowd, createCrowd } from './crowd.ts';

const from = `select ${accountColumns} from identity.account a where a.tenant = $1`;
const selectByIds = { name: 'identity.people.by-ids', text: `${from} and a.id = any ($2::uuid[])` };
const selectWithPatient = {
  name: 'identity.people.with-patient',
  text: `${from} and a.state <> 'terminated' and a.kind <> 'workforce' and exists (
    select from identity.account_patient p where p.account = a.id and p.tenant = a.tenant and p.patient = $2)
    order by a.number`,
};
const selectByFhirUser = {
  name: 'identity.people.by-fhir-user',
  text: `${from} and a.state = 'active' and a.kind = 'workforce' and a.fhir_user = any ($2::text[]) order by a.number`,
};
const selectAdministrators = {
  name: 'identity.people.administrators',
  text: `${from} and a.state = 'active' and 'administrator' = any (a.roles) order by a.number`,
};
const selectWorkers = {
  name: 'identity.people.workers',
  text: `select id, coalesce(verified_at, created_at) as since from identity.account
    where tenant = $1 and kind = 'workforce' and state = 'active' order by number`,
};
const selectGroups = {
  name: 'identity.people.groups',
  text: 'select m.scim_group as id from identity.scim_member m where m.tenant = $1 and m.account = $2 order by 1',
};

/** Of an account what others may have to know: who it is, and what it is bound to. */
export type PersonFacts = Pick<
  Account,
  'id' | 'name' | 'login' | 'kind' | 'state' | 'scopes' | 'roles' | 'patients' | 'fhir_user'
>;

/** A client as `ClientSummary`, by the name that everything else has for its id. */
export interface ClientFacts extends Pick<ClientSummary, 'name' | 'scopes' | 'view' | 'patient' | 'permissions'> {
  readonly id: string;
}

/** A tenant's people and clients, for packages that decide and tell about them. Every answer is as of now. */
export interface People extends Crowd {
  byId(tenant: number, account: string): Promise<PersonFacts | undefined>;
  /** In no order; unknown ids are left out. */
  byIds(tenant: number, accounts: readonly string[]): Promise<readonly PersonFacts[]>;
  /** Patients and proxies that stand for this Patient, not terminated. */
  withPatient(tenant: number, patient: string): Promise<readonly PersonFacts[]>;
  /** Active workforce whose `fhir_user` is one of these references. */
  byFhirUser(tenant: number, references: readonly string[]): Promise<readonly PersonFacts[]>;
  administrators(tenant: number): Promise<readonly PersonFacts[]>;
  /** Ids of the groups (SCIM) that an account is in. */
  groups(tenant: number, account: string): Promise<readonly string[]>;
  /** Gives or takes the role administrator. What is so already stays so. Faults as `Accounts.change`. */
  setAdministrator(tenant: number, account: string, yes: boolean): Promise<void>;
  /** Whether the tenant is marked as one without real patients. */
  isTest(tenant: number): Promise<boolean>;
  /** Approved and not revoked. */
  clients(tenant: number): Promise<readonly ClientFacts[]>;
  tenants(): Promise<readonly number[]>;
  /** Ids of all active workforce, and since when each account is there, milliseconds since the Unix epoch. */
  workers(tenant: number): Promise<readonly { readonly account: string; readonly since: number }[]>;
}

interface PeopleDeps extends Pick<AccountDeps, 'segment' | 'vault'> {
  readonly accounts: Pick<Accounts, 'byId' | 'change'>;
  readonly clients: Pick<Clients, 'list'>;
  readonly tenants: Pick<Tenants, 'settings' | 'list'>;
}

const clientFacts = ({ client_id, name, scopes, view, patient, permissions }: ClientSummary): ClientFacts => ({
  ...{ id: client_id, name, scopes, view, patient, permissions },
});

async function setAdministrator(accounts: PeopleDeps['accounts'], tenant: number, id: string, yes: boolean) {
  const account = await accounts.byId(tenant, id);
  if (account === undefined || account.roles.includes('administrator') === yes) return;
  await accounts.change(tenant, id, { roles: yes ? ['administrator'] : [] });
}

export function createPeople({ segment, vault, accounts, clients, tenants }: PeopleDeps): People {
  type Statement = typeof selectByIds;
  const read = async (tenant: number, statement: Statement, ...values: unknown[]): Promise<readonly PersonFacts[]> => {
    const rows = await segment.query<AccountRow>(tenant, statement, [tenant, ...values]);
    return rows.length === 0 ? [] : openAccounts(await vault(tenant), rows);
  };
  return {
    ...createCrowd(segment),
    byId: (tenant, account) => accounts.byId(tenant, account),
    byIds: async (tenant, ids) => read(tenant, selectByIds, ids.filter(isUuid)),
    withPatient: async (tenant, patient) => (isUuid(patient) ? read(tenant, selectWithPatient, patient) : []),
    byFhirUser: (tenant, references) => read(tenant, selectByFhirUser, references),
    administrators: (tenant) => read(tenant, selectAdministrators),
    groups: async (tenant, account) =>
      (await segment.query<{ id: string }>(tenant, selectGroups, [tenant, account])).map(({ id }) => id),
    setAdministrator: (tenant, account, yes) => setAdministrator(accounts, tenant, account, yes),
    isTest: async (tenant) => (await tenants.settings(tenant)).test,
    clients: async (tenant) =>
      (await clients.list(tenant)).filter(({ state }) => state === 'approved').map((one) => clientFacts(one)),
    tenants: async () => (await tenants.list()).map(({ id }) => id),
    async workers(tenant) {
      const rows = await segment.query<{ id: string; since: Date }>(tenant, selectWorkers, [tenant]);
      return rows.map(({ id, since }) => ({ account: id, since: since.getTime() }));
    },
  };
}
