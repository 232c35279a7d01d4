import { checkIfMatch, linkOf, type Operation, operation, type Principal, pageOf, present } from '@safeguard/http';
import type { Grant, GrantFilter } from '../grants/types.ts';
import * as schemas from './grant-schemas.ts';
import { grantTag, grantViews } from './grant-views.ts';
import type { AccessApiDeps } from './ports.ts';
import { checkSeesAll, noSuch, seesAll } from './reach.ts';

type Deps = Pick<AccessApiDeps, 'grants' | 'people' | 'clock'>;

const path = '/access/grants';
const type = 'Grant';
const scope = 'safeguard/access';
const common = { type, scope, status: 200 } as const;

const list = (deps: Deps): Operation =>
  operation({
    ...common,
    method: 'GET',
    path,
    action: 'grant-list',
    summary: 'Lists grants in the order of making, those in force unless asked otherwise',
    query: schemas.listQuery,
    answer: schemas.grantPage,
    async handle({ principal, query: { of, account, count, ended, ...rest }, context }) {
      if (of === 'all') checkSeesAll(principal);
      const whose = of === 'all' ? present({ account }) : { account: principal.id };
      const wanted = { ...present(rest), ...whose, all: ended, count: count + 1 } as GrantFilter;
      const page = pageOf(await deps.grants.list(principal.tenant, wanted), count);
      const items = await grantViews(deps, principal.tenant, page.items);
      return { status: 200, body: { items, next: page.next }, headers: linkOf(context, page) };
    },
  });

/** Fault `missing` for what is not there, or not the caller's to look at. */
async function grantOf({ grants }: Deps, principal: Principal, id: string): Promise<Grant> {
  const found = await grants.byId(principal.tenant, id);
  if (found === undefined || !(found.account === principal.id || seesAll(principal))) throw noSuch();
  return found;
}

async function told(deps: Deps, grant: Grant) {
  const [body] = await grantViews(deps, grant.tenant, [grant]);
  const targets = [{ type: 'Account', id: grant.account }];
  return { status: 200, ...(body && { body }), headers: { ETag: grantTag(grant) }, targets } as const;
}

const read = (deps: Deps): Operation =>
  operation({
    ...common,
    method: 'GET',
    path: `${path}/:id`,
    params: { id: type },
    action: 'grant-read',
    summary: 'Reads a grant',
    answer: schemas.grant,
    handle: async ({ principal, params: { id = '' } }) => told(deps, await grantOf(deps, principal, id)),
  });

const end = (deps: Deps): Operation =>
  operation({
    ...common,
    method: 'POST',
    path: `${path}/:id/end`,
    params: { id: type },
    action: 'grant-end',
    summary: 'Ends a grant at once',
    answer: schemas.grant,
    problems: [409, 412],
    async handle({ principal, params: { id = '' }, context }) {
      checkIfMatch(context, grantTag(await grantOf(deps, principal, id)));
      return told(deps, await deps.grants.end(principal.tenant, id, principal.id, 'ended'));
    },
  });

export const grantOperations = (deps: Deps): Operation[] => [list(deps), read(deps), end(deps)];
