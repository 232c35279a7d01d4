import type { Connection } from '@safeguard/store';
import { nextChange } from './change.ts';
import type { GrantDeps } from './deps.ts';

/** Grants that are in force and not carried out yet, or over and not taken back yet. */
const due = {
  name: 'access.grant.administrators-due',
  text: `select g.id, g.account, (g.ended_at is null and g.until_at > $2) as live,
      exists (select from access.grant o where o.tenant = $1 and o.account = g.account and o.role = 'administrator'
        and o.ended_at is null and o.from_at <= $2 and o.until_at > $2) as holds
    from access.grant g where g.tenant = $1 and g.role = 'administrator' and g.taken_at is null
      and (g.given_at is null and g.from_at <= $2 or g.ended_at is not null or g.until_at <= $2)
    order by g.number`,
};
const holds = {
  name: 'access.grant.is-administrator',
  text: `select exists (select from access.grant g where g.tenant = $1 and g.account = $3 and g.role = 'administrator'
    and g.ended_at is null and g.from_at <= $2 and g.until_at > $2) as holds`,
};
const given = {
  name: 'access.grant.given',
  text: 'update access.grant set given_at = $3, changed = $4 where tenant = $1 and id = $2 and given_at is null',
};
const taken = {
  name: 'access.grant.taken',
  text: 'update access.grant set taken_at = $3, changed = $4 where tenant = $1 and id = $2 and taken_at is null',
};
const lock = {
  name: 'access.grant.lock-administrator',
  text: 'select id from access.grant where tenant = $1 and id = $2 for update',
};

interface Due extends Record<string, unknown> {
  readonly id: string;
  readonly account: string;
  readonly live: boolean;
  /** Whether some grant of the role is in force. */
  readonly holds: boolean;
}

type Deps = Pick<GrantDeps, 'segment' | 'clock' | 'people' | 'log'>;

async function noted(connection: Connection, tenant: number, id: string, mark: typeof given, at: Date): Promise<void> {
  await connection.query(lock, [tenant, id]);
  await connection.query(mark, [tenant, id, at, await nextChange(connection, tenant)]);
}

/** What was granted meanwhile is given again: the two stand in two packages, and one may overtake the other. */
async function take({ segment, clock, people }: Deps, tenant: number, account: string): Promise<void> {
  const person = await people.byId(tenant, account);
  if (person === undefined || person.state === 'terminated') return;
  await people.setAdministrator(tenant, account, false);
  const [again] = await segment.query<{ holds: boolean }>(tenant, holds, [tenant, new Date(clock.now()), account]);
  if (again?.holds === true) await people.setAdministrator(tenant, account, true);
}

async function carryOut(deps: Deps, tenant: number, { id, account, live, holds: stays }: Due): Promise<void> {
  if (live) await deps.people.setAdministrator(tenant, account, true);
  else if (!stays) await take(deps, tenant, account);
  const at = new Date(deps.clock.now());
  await deps.segment.transaction(tenant, (connection) => noted(connection, tenant, id, live ? given : taken, at));
}

/**
 * Carries out in `identity` what grants of the role administrator say, and takes back what is over. Each step may be
 * repeated: one that failed, or whose process was killed, is completed by the next call. One that cannot be done (the
 * last administrator stays in `identity`) is logged and keeps the others from nothing; rights do not wait for it:
 * `standing` does not count the role of who has only a grant that is over.
 * @returns how many are left
 */
export async function settleAdministrators(deps: Deps, tenant: number): Promise<number> {
  const rows = await deps.segment.query<Due>(tenant, due, [tenant, new Date(deps.clock.now())]);
  let left = 0;
  for (const row of rows) {
    try {
      await carryOut(deps, tenant, row);
    } catch (error) {
      left += 1;
      deps.log.warn('a grant of the role administrator could not be carried out', { error });
    }
  }
  return left;
}
