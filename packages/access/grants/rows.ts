import { fault } from '@safeguard/kernel';
import type { EndReason, Grant } from './types.ts';

export type GrantRow = {
  id: string;
  tenant: number;
  request: string;
  kind: 'standing' | 'elevation' | 'break-glass';
  account: string;
  role: string;
  patients: string[] | null;
  opens: string[] | null;
  from_at: Date;
  until_at: Date;
  ended_at: Date | null;
  ended_why: EndReason | null;
  used_at: Date | null;
};

/** The columns of a GrantRow, of `access.grant g`. */
export const grantColumns = `g.id, g.tenant, g.request, g.kind, g.account, g.role, g.patients, g.opens, g.from_at,
  g.until_at, g.ended_at, g.ended_why, g.used_at`;

/** `$2` is the moment. */
export const inForce = 'g.ended_at is null and g.from_at <= $2 and g.until_at > $2';

export const missingGrant = () => fault('missing', 'There is no such grant.');

export function asGrant(row: GrantRow): Grant {
  const { id, tenant, account, role, kind, request, patients, opens, ended_at, ended_why, used_at } = row;
  return {
    ...{ id, tenant, account, role, kind, request },
    ...(patients === null ? {} : { patients }),
    ...(opens === null ? {} : { opens }),
    from: row.from_at.getTime(),
    until: row.until_at.getTime(),
    ...(ended_at === null ? {} : { ended_at: ended_at.getTime() }),
    ...(ended_why === null ? {} : { ended_why }),
    ...(used_at === null ? {} : { used_at: used_at.getTime() }),
  };
}
