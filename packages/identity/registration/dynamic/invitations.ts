import { randomBytes } from 'node:crypto';
import { type Clock, fault, isUuid, newId } from '@safeguard/kernel';
import type { Connection, Segment } from '@safeguard/store';
import { sha256 } from '../../secrets.ts';
import { platform } from '../../tenants.ts';
import type { Invitation, Invitations } from '../types.ts';

const invitationForm = /^sgi_[A-Za-z0-9_-]{43}$/;
const managementForm = /^sgm_[A-Za-z0-9_-]{43}$/;
const random = (): string => randomBytes(32).toString('base64url');

export const newManagementToken = (): string => `sgm_${random()}`;
export const isInvitation = (text: string): boolean => invitationForm.test(text);
export const isManagementToken = (text: string): boolean => managementForm.test(text);

const columns = 'id, created_at, expires_at, uses, used, ended_at';
const insert = {
  name: 'identity.registration-invitation.insert',
  text: `insert into identity.registration_invitation (id, tenant, hash, made_by, created_at, expires_at, uses)
    values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`,
};
const select = {
  name: 'identity.registration-invitation.list',
  text: `select ${columns} from identity.registration_invitation where tenant = $1 order by created_at, id limit 1000`,
};
const end = {
  name: 'identity.registration-invitation.end',
  text: `update identity.registration_invitation set ended_at = coalesce(ended_at, $3) where tenant = $1 and id = $2
    returning id`,
};
/** Good while whoever made it still administers: their rights end, and so do the doors they opened. */
const open = `i.hash = $1 and i.ended_at is null and i.expires_at > $2 and i.used < i.uses
  and exists (select from identity.account a where a.id = i.made_by and a.state = 'active'
    and 'administrator' = any(a.roles))`;
const find = {
  name: 'identity.registration-invitation.find',
  text: `select i.id, i.tenant, i.made_by from identity.registration_invitation i where ${open}`,
};
/** The row's lock counts: of two who come for the last use, one is first. */
const use = {
  name: 'identity.registration-invitation.use',
  text: `update identity.registration_invitation i set used = i.used + 1 where ${open} returning i.id`,
};
export const sweepInvitations = {
  name: 'identity.registration-invitation.sweep',
  text: `delete from identity.registration_invitation where expires_at < $1 returning 1 as gone`,
};

type Row = {
  id: string;
  created_at: Date;
  expires_at: Date;
  uses: number;
  used: number;
  ended_at: Date | null;
};

const asInvitation = ({ created_at, expires_at, ended_at, ...rest }: Row): Invitation => ({
  ...rest,
  created_at: created_at.getTime(),
  expires_at: expires_at.getTime(),
  ended_at: ended_at?.getTime() ?? null,
});

export interface Invited {
  readonly id: string;
  readonly tenant: number;
  readonly made_by: string;
}

/** While it is open; undefined for any other text. */
export async function findInvitation(segment: Segment, clock: Clock, secret: string): Promise<Invited | undefined> {
  if (!isInvitation(secret)) return undefined;
  const [row] = await segment.query<{ id: string; tenant: number; made_by: string }>(platform, find, [
    sha256(secret),
    new Date(clock.now()),
  ]);
  return row;
}

/** Counts one use, in the transaction of what it is for. False when it was the last one and somebody else had it. */
export const useInvitation = async (connection: Connection, secret: string, at: Date): Promise<boolean> =>
  (await connection.query(use, [sha256(secret), at])).length > 0;

export function createInvitations(segment: Segment, clock: Clock): Invitations {
  return {
    async make(tenant, account, { uses, lifetime_s }) {
      const sound = Number.isInteger(uses) && uses >= 1 && uses <= 100;
      if (!sound || !Number.isInteger(lifetime_s) || lifetime_s < 60 || lifetime_s > 2_592_000) {
        throw fault('invalid', 'An invitation has 1 to 100 uses and lives between a minute and 30 days.');
      }
      const secret = `sgi_${random()}`;
      const now = clock.now();
      const times = [new Date(now), new Date(now + lifetime_s * 1000)];
      const values = [newId(), tenant, sha256(secret), account, ...times, uses];
      const [row] = await segment.query<Row>(platform, insert, values);
      if (row === undefined) throw fault('internal', 'An invitation was not written.');
      return { ...asInvitation(row), secret };
    },
    list: async (tenant) => (await segment.query<Row>(platform, select, [tenant])).map(asInvitation),
    async end(tenant, id) {
      if (!isUuid(id)) return false;
      return (await segment.query(platform, end, [tenant, id, new Date(clock.now())])).length > 0;
    },
  };
}
