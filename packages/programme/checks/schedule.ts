import { newId } from '@safeguard/kernel';
import type { Segment, Statement } from '@safeguard/store';
import { platform } from './held.ts';

const make = (name: string, text: string): Statement => ({ name: `programme.schedule.${name}`, text });

/**
 * A check that is due, or that nobody ever ran, or, at the start, that other code took last; and that no other process
 * has. It stays due until it is done, should this process die.
 */
const claim = make(
  'claim',
  `insert into programme.schedule as s (check_id, due_at, lease_until, holder, code) values ($1, $2, $3, $4, $5)
   on conflict (check_id) do update set due_at = least(s.due_at, $2), lease_until = $3, holder = $4, code = $5
   where s.lease_until <= $2 and (s.due_at <= $2 or ($6 and s.code <> $5))
   returning check_id`,
);

/** Also for one that was run on demand: it need not run again so soon. */
const done = make(
  'done',
  `insert into programme.schedule as s (check_id, due_at, lease_until, holder, code) values ($1, $2, 0, $3, $4)
   on conflict (check_id) do update set due_at = $2, code = $4,
     lease_until = case when s.holder = $3 then 0 else s.lease_until end`,
);

/** What this process took and did not do: anybody's at once. Where another has it by now, nothing changes. */
const release = make(
  'release',
  'update programme.schedule set lease_until = 0 where check_id = $1 and holder = $2 and lease_until > 0',
);

const resting = make(
  'resting',
  'select check_id from programme.schedule where check_id = any ($1::text[]) and (due_at > $2 or lease_until > $2)',
);

/** Which process runs a check next. Rows are shared by all replicas; a lease that ran out is anybody's. */
export interface Schedule {
  /**
   * True: this process runs it now, for at most `lease_ms`. `anew`: also where it is not due, if other code took it
   * last.
   */
  claim(check: string, wanted: { at: number; lease_ms: number; code: string; anew: boolean }): Promise<boolean>;
  /** Of these checks those that nobody has and whose time has come, also for the first time. */
  due(checks: readonly string[], at: number): Promise<ReadonlySet<string>>;
  /** It ran: due again at `due_at`. */
  done(check: string, due_at: number, code: string): Promise<void>;
  /** It was claimed, and nothing came of it. */
  release(check: string): Promise<void>;
}

export function createSchedule(segment: Segment): Schedule {
  const holder = newId();
  return {
    claim: async (check, { at, lease_ms, code, anew }) => {
      const rows = await segment.query(platform, claim, [check, at, at + lease_ms, holder, code, anew]);
      return rows.length > 0;
    },
    due: async (checks, at) => {
      const rows = await segment.query<{ check_id: string }>(platform, resting, [checks, at]);
      const rest = new Set(rows.map(({ check_id }) => check_id));
      return new Set(checks.filter((id) => !rest.has(id)));
    },
    done: async (check, due_at, code) => void (await segment.query(platform, done, [check, due_at, holder, code])),
    release: async (check) => void (await segment.query(platform, release, [check, holder])),
  };
}
