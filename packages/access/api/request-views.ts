import { etagOf, type Outcome, type Target } from '@safeguard/http';
import type { z } from 'zod';
import type { AccessRequest } from '../grants/types.ts';
import { iso, isoOr } from './fields.ts';
import { type NameOf, namesOf } from './names.ts';
import type { AccessApiDeps } from './ports.ts';
import type * as schemas from './request-schemas.ts';

const requestView = (of: AccessRequest, nameOf: NameOf): z.output<typeof schemas.accessRequest> => ({
  id: of.id,
  kind: of.kind,
  state: of.state,
  account: nameOf(of.account),
  role: of.role,
  patients: of.patients === undefined ? null : [...of.patients],
  opens: of.opens === undefined ? null : [...of.opens],
  reason: of.reason,
  from: isoOr(of.from),
  until: iso(of.until),
  asked_by: nameOf(of.asked_by),
  asked_at: iso(of.asked_at),
  needed: of.needed,
  decisions: of.decisions.map(({ by, verdict, reason, at }) => ({
    by: nameOf(by),
    verdict,
    reason: reason ?? null,
    at: iso(at),
  })),
  grant: of.grant ?? null,
});

type Deps = Pick<AccessApiDeps, 'people'>;

/** With the names of everybody in it. */
export async function requestViews(deps: Deps, tenant: number, requests: readonly AccessRequest[]) {
  const ids = requests.flatMap(({ account, asked_by, decisions }) => [
    account,
    asked_by,
    ...decisions.map(({ by }) => by),
  ]);
  const nameOf = await namesOf(deps, tenant, ids);
  return requests.map((one) => requestView(one, nameOf));
}

/** Of what it is, not of what people are called. */
export const requestTag = (request: AccessRequest): string => etagOf(request);

/** Whom it is about, and what came of it, beside what the path names. */
const requestTargets = ({ account, grant }: AccessRequest): Target[] => [
  { type: 'Account', id: account },
  ...(grant === undefined ? [] : [{ type: 'Grant', id: grant }]),
];

/** One request as the answer to what was done with it. */
export async function toldRequest(
  deps: Deps,
  request: AccessRequest,
  status: 200 | 201 = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const [body] = await requestViews(deps, request.tenant, [request]);
  const own = status === 201 ? [{ type: 'AccessRequest', id: request.id }] : [];
  return {
    status,
    ...(body === undefined ? {} : { body }),
    headers: { ETag: requestTag(request), ...headers },
    targets: [...own, ...requestTargets(request)],
  };
}
