-- Four views instead of two. What was `deidentified` was pseudonymous, and is called so now; a client registered before
-- keeps the word, and sees less from now on: Safe Harbor.
alter table identity.client drop constraint client_view_check;
alter table identity.client add constraint client_view_check
  check (view in ('full', 'without-identity', 'limited', 'deidentified'));
