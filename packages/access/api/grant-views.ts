import { etagOf } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { z } from 'zod';
import type { BreakGlassUse, Grant } from '../grants/types.ts';
import { iso, isoOr } from './fields.ts';
import type * as schemas from './grant-schemas.ts';
import { type NameOf, namesOf } from './names.ts';
import type { AccessApiDeps } from './ports.ts';

type Deps = Pick<AccessApiDeps, 'people' | 'clock'>;

const inForce = ({ from, until, ended_at }: Grant, now: number): boolean =>
  ended_at === undefined && from <= now && now < until;

const grantView = (of: Grant, nameOf: NameOf, clock: Clock): z.output<typeof schemas.grant> => ({
  id: of.id,
  kind: of.kind,
  account: nameOf(of.account),
  role: of.role,
  patients: of.patients === undefined ? null : [...of.patients],
  opens: of.opens === undefined ? null : [...of.opens],
  from: iso(of.from),
  until: iso(of.until),
  in_force: inForce(of, clock.now()),
  request: of.request,
  ended_at: isoOr(of.ended_at),
  ended_why: of.ended_why ?? null,
  used_at: isoOr(of.used_at),
});

/** Of what it is, not of what people are called, or when it was used. */
export const grantTag = ({ used_at: _, ...grant }: Grant): string => etagOf(grant);

export async function grantViews(deps: Deps, tenant: number, grants: readonly Grant[]) {
  const accounts = grants.map(({ account }) => account);
  const nameOf = await namesOf(deps, tenant, accounts);
  return grants.map((one) => grantView(one, nameOf, deps.clock));
}

function useView({ grant, reason, review_by, reviewed }: BreakGlassUse, nameOf: NameOf, clock: Clock) {
  const looked = reviewed && { ...reviewed, by: nameOf(reviewed.by), at: iso(reviewed.at) };
  return {
    id: grant.id,
    grant: grantView(grant, nameOf, clock),
    reason,
    review_by: iso(review_by),
    reviewed: looked ?? null,
  } satisfies z.output<typeof schemas.emergencyUse>;
}

export async function useViews(deps: Deps, tenant: number, uses: readonly BreakGlassUse[]) {
  const people = uses.flatMap(({ grant, reviewed }) => [grant.account, reviewed?.by]);
  const nameOf = await namesOf(deps, tenant, people);
  return uses.map((one) => useView(one, nameOf, deps.clock));
}
