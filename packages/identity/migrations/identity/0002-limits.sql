-- A client may be bound to one patient's compartment, and may be given permissions that no scope gives.
alter table identity.client add column patient uuid;
alter table identity.client add column permissions text[] not null default '{}';

-- What a tenant chose where FHIR leaves a choice; see TenantSettings. Keys that are absent stand at their default.
alter table identity.tenant add column settings jsonb not null default '{}';
grant update (settings) on identity.tenant to safeguard_identity;
