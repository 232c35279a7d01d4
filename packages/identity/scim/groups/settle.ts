import { fault, isFault } from '@safeguard/kernel';
import type { Connection, Segment } from '@safeguard/store';
import type { Accounts } from '../../accounts/types.ts';
import { platform } from '../../tenants.ts';

const markAccounts = {
  name: 'identity.scim_grant.mark',
  text: `insert into identity.scim_grant as g (account, tenant, pending, round)
    select a.id, a.tenant, true, 1 from identity.account a where a.tenant = $1 and a.id = any ($2::uuid[])
    on conflict (account) do update set pending = true, round = g.round + 1`,
};
const markMembers = {
  name: 'identity.scim_grant.mark-members',
  text: `insert into identity.scim_grant as g (account, tenant, pending, round)
    select m.account, m.tenant, true, 1 from identity.scim_member m where m.tenant = $1 and m.scim_group = $2
    on conflict (account) do update set pending = true, round = g.round + 1`,
};
const pendingOnes = {
  name: 'identity.scim_grant.pending',
  text: 'select account from identity.scim_grant where tenant = $1 and pending limit 1000',
};
/** What its groups give it now, and what they gave it before. */
const read = {
  name: 'identity.scim_grant.read',
  text: `select n.granted, n.round, array(select distinct s from identity.scim_member m
      join identity.scim_group g on g.id = m.scim_group and g.tenant = m.tenant, unnest(g.scopes) s
      where m.account = n.account and m.tenant = n.tenant order by s) as wanted
    from identity.scim_grant n where n.tenant = $1 and n.account = $2 and n.pending`,
};
const ahead = {
  name: 'identity.scim_grant.ahead',
  text: `update identity.scim_grant set granted = $3 where tenant = $1 and account = $2 and round = $4 returning round`,
};
const done = {
  name: 'identity.scim_grant.done',
  text: `update identity.scim_grant set granted = $3, pending = false
    where tenant = $1 and account = $2 and round = $4 returning round`,
};

type GrantRow = { granted: string[]; wanted: string[]; round: number };

/** What an account may have at all: more is left out, so that one account keeps no other from being settled. */
const mostScopes = 200;
/** Lost only to other changes of the same person's groups in the same milliseconds. */
const attempts = 8;

interface SettleDeps {
  readonly segment: Segment;
  readonly accounts: Pick<Accounts, 'byId' | 'change'>;
}

const without = (from: readonly string[], gone: readonly string[]): string[] =>
  from.filter((scope) => !gone.includes(scope));
const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((scope) => other.includes(scope));

/**
 * Lets the scopes of accounts follow their groups: an account has its own and those of its groups. Groups change in a
 * transaction that marks whom it concerns; this does the rest, and may be cut off anywhere and done again. What groups
 * may have given is written down before it is given: so it can always be taken, also what an administrator had given
 * beside.
 */
export function createSettling({ segment, accounts }: SettleDeps) {
  /** False when others change the account at the same moment. */
  const changed = async (tenant: number, account: string, scopes: readonly string[]): Promise<boolean> => {
    try {
      await accounts.change(tenant, account, { scopes });
      return true;
    } catch (error) {
      if (isFault(error) && error.kind === 'unavailable') return false;
      throw error;
    }
  };

  const one = async (tenant: number, account: string): Promise<boolean> => {
    const [grant] = await segment.query<GrantRow>(tenant, read, [tenant, account]);
    if (grant === undefined) return true;
    const { granted, wanted, round } = grant;
    const mayHave = [...new Set([...granted, ...wanted])];
    const before = await accounts.byId(tenant, account);
    const isOver = before === undefined || before.state === 'terminated';
    if (!isOver) {
      const rights = [...new Set([...without(before.scopes, granted), ...wanted])].slice(0, mostScopes);
      const written = await segment.query(platform, ahead, [tenant, account, mayHave, round]);
      if (written.length === 0) return false;
      if (!same(rights, before.scopes) && !(await changed(tenant, account, rights))) return false;
    }
    return (await segment.query(platform, done, [tenant, account, isOver ? [] : wanted, round])).length > 0;
  };

  const settle = async (tenant: number, account: string): Promise<void> => {
    for (let attempt = 0; attempt < attempts; attempt += 1) if (await one(tenant, account)) return;
    throw fault('unavailable', 'The groups are being changed by others; try again.', { retry_after_s: 1 });
  };

  const pending = async (tenant: number): Promise<string[]> =>
    (await segment.query<{ account: string }>(tenant, pendingOnes, [tenant])).map(({ account }) => account);

  /** All that are marked; answers how many. One that cannot be settled does not keep the others. */
  const settleMarked = async (tenant: number): Promise<number> => {
    let count = 0;
    for (let found = await pending(tenant); found.length > 0; found = await pending(tenant)) {
      const failures: unknown[] = [];
      for (const account of found) {
        try {
          await settle(tenant, account);
          count += 1;
        } catch (error) {
          if (!isFault(error)) throw error;
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    }
    return count;
  };
  const takeTurns = createTurns();

  return {
    /** In the transaction that changes a group. */
    async mark(connection: Connection, tenant: number, ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await connection.query(markAccounts, [tenant, ids]);
    },
    async markMembers(connection: Connection, tenant: number, group: string): Promise<void> {
      await connection.query(markMembers, [tenant, group]);
    },
    /** All that are marked of one tenant, and were before this was called; answers how many. */
    settleAll: (tenant: number): Promise<number> => takeTurns(tenant, () => settleMarked(tenant)),
  };
}

/**
 * One run at a time per tenant in this process; whoever asks while one is under way shares the next one, which begins
 * after they asked.
 */
function createTurns() {
  const running = new Map<number, Promise<unknown>>();
  const waiting = new Map<number, Promise<number>>();
  return (tenant: number, work: () => Promise<number>): Promise<number> => {
    const next = waiting.get(tenant);
    if (next !== undefined) return next;
    const begin = (): Promise<number> => {
      waiting.delete(tenant);
      const run = work().finally(() => running.delete(tenant));
      running.set(tenant, run);
      return run;
    };
    const before = running.get(tenant);
    if (before === undefined) return begin();
    const turn = before.then(begin, begin);
    waiting.set(tenant, turn);
    return turn;
  };
}

export type Settling = ReturnType<typeof createSettling>;
