-- What the code holds, held a second time: what ended has ended for good, what was decided stays decided, and a request
-- never needs fewer approvals than it did.
create function access.check_grant_ended() returns trigger language plpgsql set search_path = '' as $$
begin
  if old.ended_at is not null and (new.ended_at is distinct from old.ended_at
      or new.ended_why is distinct from old.ended_why or new.ended_by is distinct from old.ended_by) then
    raise exception 'a grant that ended has ended' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger grant_ended before update of ended_at, ended_why, ended_by on access.grant
  for each row execute function access.check_grant_ended();

create function access.check_request() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.needed < old.needed or (old.state <> 'open' and (new.state <> old.state or new.needed <> old.needed)) then
    raise exception 'what was decided stays decided' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger request_steps before update of state, needed on access.request
  for each row execute function access.check_request();
