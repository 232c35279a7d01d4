-- "Who can see this patient" asks for everybody of a tenant at once, and for those whom a care team names.
create index account_fhir_user on identity.account (tenant, fhir_user) where fhir_user is not null;
create index account_workforce on identity.account (tenant) include (id, scopes, roles, fhir_user)
  where state = 'active' and kind = 'workforce';
