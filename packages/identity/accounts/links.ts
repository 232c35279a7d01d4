import { hash, randomBytes } from 'node:crypto';
import { fault, isUuid, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { platform } from '../tenants.ts';
import { hasAdministrator } from './administrators.ts';
import type { AccountDeps } from './deps.ts';
import { noAccount } from './find.ts';
import type { LinkPurpose, OneTimeLink, OneTimeLinks } from './links-types.ts';
import type { AccountState } from './types.ts';
import { type Actor, tellWayIn } from './way-in.ts';

const hour_ms = 3_600_000;
const lifetime_ms: Readonly<Record<LinkPurpose, number>> = {
  administrator: 24 * hour_ms,
  invitation: 7 * 24 * hour_ms,
  recovery: hour_ms,
};
const sweepAfter_ms = 24 * hour_ms;

/** 256 random bits behind `sgl_`; kept as SHA-256 alone, as `secrets.ts` explains. */
const form = /^sgl_[A-Za-z0-9_-]{43}$/;
const newLink = (): string => `sgl_${randomBytes(32).toString('base64url')}`;
const hashed = (secret: string): Buffer => hash('sha256', secret, 'buffer');

const lockTenant = {
  name: 'identity.tenant.lock',
  text: 'select id from identity.tenant where id = $1 for update',
};
const lockAccount = {
  name: 'identity.account.lock-one',
  text: 'select state, external from identity.account where id = $1 and tenant = $2 for update',
};
const endEarlier = {
  name: 'identity.link.end-earlier',
  text: `update identity.link set ended_at = $4 where tenant = $1 and purpose = $2
    and account is not distinct from $3::uuid and used_at is null and ended_at is null`,
};
const insert = {
  name: 'identity.link.insert',
  text: `insert into identity.link (id, hash, purpose, tenant, account, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)`,
};
const open = `l.used_at is null and l.ended_at is null and l.expires_at > $2`;
/**
 * An administrator who was made in this very transaction is the one that the link is for: any other one has made the
 * link pointless, however it came about.
 */
const noAdministrator = `not exists (select from identity.account b where b.tenant = l.tenant and b.state = 'active'
  and b.roles <> '{}' and not b.external
  and b.xmin::text <> coalesce(pg_current_xact_id_if_assigned()::xid::text, ''))`;
const select = {
  name: 'identity.link.find',
  text: `select l.id, l.purpose, l.tenant, l.account, l.expires_at
    from identity.link l left join identity.account a on a.id = l.account
    where l.hash = $1 and ${open} and case l.purpose when 'invitation' then a.state = 'invited'
      when 'recovery' then a.state = 'active' and not a.external else ${noAdministrator} end`,
};
/** Who holds a link's account holds the link: the same order as where an account ends its links. */
const holdAccount = {
  name: 'identity.link.hold-account',
  text: `select a.id, a.tenant, a.state from identity.account a
    where a.id = (select l.account from identity.link l where l.id = $1) for update`,
};
const use = {
  name: 'identity.link.use',
  text: `update identity.link l set used_at = $2 where l.id = $1 and ${open}
    and (l.purpose <> 'administrator' or ${noAdministrator}) returning l.purpose`,
};
const selectId = { name: 'identity.link.id', text: 'select id from identity.link where hash = $1' };
const sweep = {
  name: 'identity.link.sweep',
  text: `with gone as (delete from identity.link where expires_at < $1 or used_at < $1 or ended_at < $1 returning 1)
    select count(*) as count from gone`,
};

interface Asked {
  readonly purpose: LinkPurpose;
  readonly tenant: number;
  readonly account: string | null;
  readonly by: Actor | undefined;
}

/** Holds what the link is for, so that of two makers the second ends the first one's link; and looks at its state. */
async function holdSubject(connection: Connection, { purpose, tenant, account }: Asked): Promise<void> {
  if ((purpose === 'administrator') !== (account === null)) throw fault('internal', 'A link has no such subject.');
  if (account === null) {
    if ((await connection.query(lockTenant, [tenant])).length === 0)
      throw fault('missing', 'The tenant does not exist.');
    if (await hasAdministrator(connection, tenant)) throw fault('conflict', 'There is an administrator already.');
    return;
  }
  type Held = { state: AccountState; external: boolean };
  const [held] = isUuid(account) ? await connection.query<Held>(lockAccount, [account, tenant]) : [];
  if (held === undefined) throw noAccount();
  if (purpose === 'invitation' && held.state !== 'invited') {
    throw fault('conflict', 'Only an account that is invited can be set up by an invitation.');
  }
  if (purpose === 'recovery' && (held.state !== 'active' || held.external)) {
    throw fault('conflict', 'Only an active account that signs in here can be recovered.');
  }
}

async function make(deps: AccountDeps, asked: Asked) {
  const at = deps.clock.now();
  const { purpose, tenant, account } = asked;
  const made = { id: newId(), secret: newLink(), expires_at: at + lifetime_ms[purpose] };
  const times = [new Date(at), new Date(made.expires_at)];
  const held = await deps.segment.transaction(platform, async (connection) => {
    await holdSubject(connection, asked);
    await connection.query(endEarlier, [tenant, purpose, account, times[0]]);
    await connection.query(insert, [made.id, hashed(made.secret), purpose, tenant, account, ...times]);
    if (account === null) return false;
    const cause = purpose === 'recovery' ? 'recovery-link' : 'invitation';
    const way = { tenant, cause, about: made.id, by: asked.by, at: new Date(at), into: [account] } as const;
    return tellWayIn(connection, deps.onWayIn, way);
  });
  return { ...made, held };
}

type LinkAccount = { id: string; tenant: number; state: AccountState };

/**
 * In the caller's transaction: false when the link was used, ended or expired, or its account may not be set up. What
 * was confirmed before the link was used was confirmed of nobody who came in by it: it is told again.
 */
export async function useLink(
  { onWayIn }: Pick<AccountDeps, 'onWayIn'>,
  connection: Connection,
  link: string,
  at: Date,
): Promise<boolean> {
  if (!isUuid(link)) return false;
  const [account] = await connection.query<LinkAccount>(holdAccount, [link]);
  if (account !== undefined && !['invited', 'active'].includes(account.state)) return false;
  const [used] = await connection.query<{ purpose: LinkPurpose }>(use, [link, at]);
  if (used === undefined || account === undefined) return used !== undefined;
  const cause = used.purpose === 'recovery' ? 'recovery-used' : 'invitation-used';
  const { id, tenant } = account;
  await tellWayIn(connection, onWayIn, { tenant, cause, about: link, by: undefined, at, into: [id] });
  return true;
}

type LinkRow = Omit<OneTimeLink, 'expires_at'> & { expires_at: Date };

/** Links are looked up before their tenant is known: as the platform. */
export function createLinks(deps: AccountDeps): OneTimeLinks {
  const { segment, clock } = deps;
  const now = (): Date => new Date(clock.now());
  return {
    make: (purpose, tenant, account, by) => make(deps, { purpose, tenant, account, by }),
    async find(secret) {
      if (!form.test(secret)) return undefined;
      const [row] = await segment.query<LinkRow>(platform, select, [hashed(secret), now()]);
      return row === undefined ? undefined : { ...row, expires_at: row.expires_at.getTime() };
    },
    async use(secret) {
      if (!form.test(secret)) return false;
      return segment.transaction(platform, async (connection) => {
        const [row] = await connection.query<{ id: string }>(selectId, [hashed(secret)]);
        return row !== undefined && useLink(deps, connection, row.id, now());
      });
    },
  };
}

export async function sweepLinks({ segment, clock }: AccountDeps): Promise<number> {
  const cutoff = new Date(clock.now() - sweepAfter_ms);
  const [row] = await segment.query<{ count: number }>(platform, sweep, [cutoff]);
  return row?.count ?? 0;
}
