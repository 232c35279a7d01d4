-- When the end of a session that no request's own entry tells of (idle, too old, another browser, replaced) was written
-- to the ledger. Ends that are not written yet are found by the sweep, whatever became of the process that noticed.
alter table identity.session add column recorded_at timestamptz;
create index session_unrecorded on identity.session (ended_at)
  where reason in ('idle', 'too old', 'another browser', 'replaced') and recorded_at is null;
grant update (recorded_at) on identity.session to safeguard_identity;
