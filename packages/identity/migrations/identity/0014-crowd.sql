-- "Who can see this patient" asks who those are whom a care team names.
create index account_fhir_user on identity.account (tenant, fhir_user) where fhir_user is not null;
