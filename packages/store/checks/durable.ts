import { type Check, resultOf } from '@safeguard/kernel';
import type { Segment } from '../types.ts';
import { ask, poolsOf } from './ask.ts';
import type { StoreCheckDeps } from './checks.ts';

/** What a session of this role works under, and tables that a crash empties. */
const weaknesses = `
  select 'writes are acknowledged before they are on the disk (fsync is off)' as what
    where current_setting('fsync') <> 'on'
  union all select 'commits are acknowledged before they are on the disk (synchronous_commit is off)'
    where current_setting('synchronous_commit') = 'off'
  union all select 'a page that a power cut tore cannot be mended (full_page_writes is off)'
    where current_setting('full_page_writes') <> 'on'
  union all select 'pages have no checksums, so a disk that alters them is not noticed (data_checksums is off)'
    where current_setting('data_checksums') <> 'on'
  union all select 'a crash empties the unlogged table ' || n.nspname || '.' || c.relname
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relpersistence = 'u' and c.relkind in ('r', 'p')`;

async function weaknessesOf(who: string, segment: Segment): Promise<string[]> {
  const rows = await ask<{ what: string }>(segment, weaknesses);
  return rows.map(({ what }) => `${who}: ${what}`);
}

/** 45 CFR 164.312(c)(1), 164.308(a)(7): what was acknowledged is on the disk, and damage to it is noticed. */
export const durable = (deps: StoreCheckDeps): Check => ({
  id: 'store.durable',
  title: 'What was saved survives a power cut',
  query:
    'In a session of each role: fsync, synchronous_commit, full_page_writes and data_checksums as ' +
    'the server has them; ' +
    'tables that are not logged.',
  every_s: 3_600,
  async run() {
    const pools = poolsOf(deps);
    const found = await Promise.all(pools.map(({ who, segment }) => weaknessesOf(who, segment)));
    return resultOf({
      examined: pools.length,
      wrong: found.flat(),
      met: `In sessions of all ${pools.length} roles every commit waits for the disk, and pages carry checksums.`,
      unmet: 'The database acknowledges writes that a power cut can lose, or would not notice a damaged page.',
      todo: 'Switch the named settings of PostgreSQL on and restart it (checksums: pg_checksums --enable).',
    });
  },
});
