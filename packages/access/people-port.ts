/** What `identity` tells of a tenant's people; filled by the composition root. */
export interface PeoplePort {
  /** Fault-free: undefined for an unknown id. */
  byId(tenant: number, account: string): Promise<PersonFacts | undefined>;
  /** Many at once, in no order; unknown ids are left out. */
  byIds(tenant: number, accounts: readonly string[]): Promise<readonly PersonFacts[]>;
  /** Accounts of patients and proxies that stand for this Patient, not terminated. */
  withPatient(tenant: number, patient: string): Promise<readonly PersonFacts[]>;
  /** Active workforce accounts whose `fhir_user` is one of these references. */
  byFhirUser(tenant: number, references: readonly string[]): Promise<readonly PersonFacts[]>;
  /** Active accounts with the role administrator. */
  administrators(tenant: number): Promise<readonly PersonFacts[]>;
  /** Ids of the groups (SCIM) that an account is in. */
  groups(tenant: number, account: string): Promise<readonly string[]>;
  /** Gives or takes the role administrator: what an approved request for it comes to. */
  setAdministrator(tenant: number, account: string, yes: boolean): Promise<void>;
  /** Whether the tenant is marked as one that holds no real patients. */
  isTest(tenant: number): Promise<boolean>;
  /** All clients of a tenant that are approved and not revoked. */
  clients(tenant: number): Promise<readonly ClientFacts[]>;
  tenants(): Promise<readonly number[]>;
}

export interface PersonFacts {
  readonly id: string;
  readonly name: string;
  readonly login: string;
  readonly kind: 'workforce' | 'patient' | 'proxy';
  readonly state: 'invited' | 'active' | 'suspended' | 'terminated';
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly patients: readonly string[];
  readonly fhir_user: string | null;
}

export interface ClientFacts {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly view: string;
  readonly patient: string | null;
  readonly permissions: readonly string[];
}
