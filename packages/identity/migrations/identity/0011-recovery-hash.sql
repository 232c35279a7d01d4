-- Recovery codes are kept as passwords are: argon2id under a salt that is drawn for each set of ten, sealed under the
-- account's own key (NIST SP 800-63B-4 3.1.2.2: what has fewer than 112 bits is hashed slowly).

-- What was kept before, an HMAC, holds no code that could be hashed anew. Nothing of it was ever released: whoever
-- tried this version from its source makes new codes. `truncate`, because no policy lets the owner see the rows.
truncate identity.recovery_code;

alter table identity.recovery_code
  drop constraint recovery_code_pkey,
  drop column code_token,
  -- Which of its set it is: `sealed` is bound to set and position.
  add column position smallint not null check (position between 0 and 9),
  add column key_id bigint not null,
  -- argon2id with its parameters, as a PHC string; the salt is the same in all of a set.
  add column sealed bytea not null,
  add primary key (account, position);
