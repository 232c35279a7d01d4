import { apiPrefix, linkOf, type Operation, operation, type Principal, pageOf, present } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { AccessRequest, NewRequest, RequestFilter, Requests } from '../grants/types.ts';
import { msOf, msOrNone } from './fields.ts';
import type { AccessApiDeps } from './ports.ts';
import { checkSeesAll, noSuch, seesRequest } from './reach.ts';
import * as schemas from './request-schemas.ts';
import { requestTag, requestViews, toldRequest } from './request-views.ts';

type Deps = Pick<AccessApiDeps, 'requests' | 'people'>;

const path = '/access/requests';
const type = 'AccessRequest';
const scope = 'safeguard/access';

const locationOf = (base: string, { id }: AccessRequest) => ({ Location: `${base}${apiPrefix}${path}/${id}` });

const sameList = (one: readonly string[] = [], other: readonly string[] = []): boolean =>
  one.length === other.length && one.every((each) => other.includes(each));

/** Sent twice by mistake, it is asked once. Two at the same moment both stand: whoever decides sees both. */
export async function checkNotAsked(
  requests: Pick<Requests, 'list'>,
  by: Principal,
  wanted: NewRequest,
): Promise<void> {
  const open = await requests.list(by.tenant, { asked_by: by.id, account: wanted.account, state: 'open', count: 100 });
  const twin = open.some(
    ({ role, patients, opens }) =>
      role === wanted.role && sameList(patients, wanted.patients) && sameList(opens, wanted.opens),
  );
  if (twin) throw fault('conflict', 'You have asked for this already, and it is not decided yet.');
}

const make = (deps: Deps): Operation =>
  operation({
    method: 'POST',
    path,
    action: 'access-request-make',
    type,
    scope,
    summary: 'Asks for a role, for oneself or somebody else',
    description: 'Whoever may approve it is told. The same request that is open still is 409.',
    body: schemas.newRequest,
    status: 201,
    answer: schemas.accessRequest,
    problems: [409, 429],
    async handle({ principal, body: { account = principal.id, from, until, ...asked }, context }) {
      const times = present({ from: msOrNone(from), until: msOf(until) });
      const wanted = { ...present(asked), ...times, account } as NewRequest;
      context.about?.([{ type: 'Account', id: account }]);
      await checkNotAsked(deps.requests, principal, wanted);
      const made = await deps.requests.ask(principal, wanted);
      return toldRequest(deps, made, 201, locationOf(context.base, made));
    },
  });

/** Operators and whoever holds a role for a while only (45 CFR 164.308(a)(4)): 8 h at most. */
const elevate = (deps: Deps): Operation =>
  operation({
    method: 'POST',
    path: '/access/elevations',
    action: 'access-elevate',
    type,
    scope,
    dangerous: true,
    summary: 'Asks for a role for oneself for a while, 8 hours at most',
    body: schemas.newElevation,
    status: 201,
    answer: schemas.accessRequest,
    problems: [409, 429],
    async handle({ principal, body: { until, ...asked }, context }) {
      const wanted = { ...present(asked), until: msOf(until) } as Omit<NewRequest, 'account'>;
      await checkNotAsked(deps.requests, principal, { ...wanted, account: principal.id });
      const made = await deps.requests.elevate(principal, wanted);
      return toldRequest(deps, made, 201, locationOf(context.base, made));
    },
  });

/** Whose requests are looked at. Fault `forbidden` for everybody's. */
function whose(principal: Principal, of: 'asked' | 'mine' | 'to-decide' | 'all'): RequestFilter {
  if (of === 'asked') return { asked_by: principal.id };
  if (of === 'mine') return { account: principal.id };
  if (of === 'to-decide') return { decidable_by: principal.id };
  checkSeesAll(principal);
  return {};
}

const list = (deps: Deps): Operation =>
  operation({
    method: 'GET',
    path,
    action: 'access-request-list',
    type,
    scope,
    summary: 'Lists requests in the order of asking',
    query: schemas.listQuery,
    status: 200,
    answer: schemas.requestPage,
    async handle({ principal, query: { of, account, count, ...rest }, context }) {
      const about = of === 'all' ? present({ account }) : {};
      const wanted = { ...present(rest), ...about, ...whose(principal, of), count: count + 1 } as RequestFilter;
      const page = pageOf(await deps.requests.list(principal.tenant, wanted), count);
      const items = await requestViews(deps, principal.tenant, page.items);
      return { status: 200, body: { items, next: page.next }, headers: linkOf(context, page) };
    },
  });

/** Fault `missing` for a request that is not there, or not the caller's to look at. */
export async function requestOf({ requests }: Pick<Deps, 'requests'>, principal: Principal, id: string) {
  const found = await requests.byId(principal.tenant, id);
  if (found === undefined || !seesRequest(principal, found)) throw noSuch();
  return found;
}

const read = (deps: Deps): Operation =>
  operation({
    method: 'GET',
    path: `${path}/:id`,
    params: { id: type },
    action: 'access-request-read',
    type,
    scope,
    summary: 'Reads a request',
    status: 200,
    answer: schemas.accessRequest,
    async handle({ principal, params: { id = '' } }) {
      const found = await requestOf(deps, principal, id);
      const [body] = await requestViews(deps, principal.tenant, [found]);
      return { status: 200, ...(body && { body }), headers: { ETag: requestTag(found) } };
    },
  });

export const requestOperations = (deps: Deps): Operation[] => [make(deps), elevate(deps), list(deps), read(deps)];
