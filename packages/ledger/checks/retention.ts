import { type Check, resultOf } from '@safeguard/kernel';
import type { LedgerCheckDeps } from './checks.ts';
import { nameOf, queryOf, standingsOf } from './logs.ts';

const day_ms = 86_400_000;

/** Everybody who can log in and could make entries go, but for superusers and the logins that provision and migrate. */
const deleters = `
  select r.rolname::text as role, c.relname::text as name
    from pg_catalog.pg_roles r
    cross join pg_catalog.pg_class c
   where r.rolcanlogin and not r.rolsuper and c.relnamespace = 'ledger'::regnamespace and c.relkind in ('r', 'p')
     and pg_catalog.has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE')
     and (r.rolname like 'safeguard\\_%' or not pg_catalog.pg_has_role(r.oid, c.relowner, 'MEMBER'))`;

/** 45 CFR 164.316(b)(2)(i): entries stay at least as long as the programme says; nothing here deletes them. */
export const retention = ({ reader }: LedgerCheckDeps): Check => ({
  id: 'ledger.retention',
  title: 'The log is kept',
  query:
    'Every role that can log in: its right to delete from or truncate the log. Every log: whether its first entry is ' +
    'still there, and since when it is signed.',
  every_s: 21_600,
  async run({ at, number }) {
    const years = number('audit.retention_years');
    const roles = await queryOf(reader)(deleters, []);
    const logs = await standingsOf(reader);
    const since = Math.min(at, ...logs.flatMap((log) => (log.since === null ? [] : [log.since.getTime()])));
    const days = Math.floor((at - since) / day_ms);
    return resultOf({
      examined: logs.length,
      wrong: [
        ...roles.map(({ role, name }) => `the role ${String(role)} may delete from ledger.${String(name)}`),
        ...logs.filter(({ begun }) => !begun).map((log) => `${nameOf(log)}: its first entry is gone`),
      ],
      met:
        `${logs.length} logs stand from their first entry on, the oldest for ${days} days; no role can delete any, ` +
        `so all are kept longer than the ${years} years asked for.`,
      unmet: `Entries of the log are gone, or somebody could delete them before ${years} years are over.`,
      todo: 'Revoke the right; where entries are gone, restore the ledger database from a backup.',
    });
  },
});
