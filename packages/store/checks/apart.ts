import { type Check, resultOf } from '@safeguard/kernel';
import { runtimeRoles } from '../roles.ts';
import { segmentNames } from '../types.ts';
import { ask, poolsOf } from './ask.ts';
import type { StoreCheckDeps } from './checks.ts';

const roles = ['identity', 'clinical', 'ledger', 'reader'] as const;
const pairs = roles.flatMap((who) =>
  segmentNames.filter((into) => into !== (who === 'reader' ? 'ledger' : who)).map((into) => ({ who, into })),
);

/** What could carry a query from one database into another, and whose member the asking role is. */
const bridges = `
  select 'extension ' || extname as name from pg_catalog.pg_extension where extname in ('dblink', 'postgres_fdw')
  union all select 'foreign server ' || srvname from pg_catalog.pg_foreign_server
  union all select 'membership in ' || rolname from pg_catalog.pg_roles
    where rolname = any($1) and rolname <> current_user and pg_catalog.pg_has_role(current_user, oid, 'MEMBER')`;

/** 45 CFR 164.312(a)(1): who holds the login of one segment learns nothing of another. */
export const segmentsApart = (deps: StoreCheckDeps): Check => ({
  id: 'store.segments-apart',
  title: 'Identity, clinical data and the log are apart',
  query:
    'Logs in to each segment with the login of every other one and wants to be turned away; looks in each database ' +
    'for links to another (dblink, foreign servers, memberships of roles).',
  every_s: 3_600,
  async run() {
    const entered: string[] = [];
    for (const { who, into } of pairs) {
      if (await deps.store.enters(who, into)) entered.push(`the login of ${who} was let in to ${into}`);
    }
    const names = runtimeRoles.map(({ name }) => name);
    const found = await Promise.all(
      poolsOf(deps).map(async ({ who, segment }) => {
        const rows = await ask<{ name: string }>(segment, bridges, [names]);
        return rows.map(({ name }) => `${who}: ${name}`);
      }),
    );
    return resultOf({
      examined: pairs.length + found.length,
      wrong: [...entered, ...found.flat()],
      met:
        `${pairs.length} logins to another segment's database were all turned away; no database is ` +
        'linked to another.',
      unmet: 'A login that belongs to one segment reaches another, so one stolen login opens both.',
      todo:
        'Revoke the right to connect (or the link) that the exceptions name; a start of the server ' +
        'closes databases.',
    });
  },
});
