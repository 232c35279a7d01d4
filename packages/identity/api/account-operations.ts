import {
  apiPrefix,
  badCursor,
  checkIfMatch,
  etagOf,
  linkOf,
  type Operation,
  type Outcome,
  operation,
  pageOf,
  pageQuery,
  present,
  type RequestContext,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Account, AccountChanges, Accounts, NewAccount } from '../accounts/types.ts';
import { accountOf } from './account-of.ts';
import { invite } from './invite.ts';
import type { ApiDeps } from './ports.ts';
import { createReach, type Reach } from './reach.ts';
import * as schemas from './schemas.ts';
import { accountView } from './views.ts';

type Deps = Pick<ApiDeps, 'accounts' | 'scopes' | 'directory'>;

const told = (account: Account, status: 200 | 201 = 200): Outcome => {
  const body = accountView(account);
  return { status, body, headers: { ETag: etagOf(body) } };
};

/** What is given where nothing is said: see `Account.scopes`. */
const givenBy = ({ kind, scopes }: Pick<NewAccount, 'kind' | 'scopes'>): readonly string[] =>
  scopes ?? (kind === 'workforce' ? ['user/*.cruds'] : ['patient/*.rs']);

/**
 * A role opens what its holder was not trusted with: it is asked for with a reason and an end, and given by others
 * (45 CFR 164.308(a)(4)). Here it can only be taken away.
 */
function refuseRoles(roles: readonly string[] = [], held: readonly string[] = []): void {
  if (roles.every((role) => held.includes(role))) return;
  throw fault('forbidden', 'A role is asked for and approved by others: see POST /api/v1/access/requests.');
}

const create = ({ accounts }: Deps, reach: Reach): Operation =>
  operation({
    method: 'POST',
    path: '/accounts',
    action: 'account-create',
    type: 'Account',
    summary: 'Makes an account and its invitation',
    description: 'The invitation is a link that works once and is shown once: hand it to the person.',
    dangerous: true,
    body: schemas.newAccount,
    status: 201,
    answer: schemas.accountCreated,
    problems: [409],
    async handle({ principal, body, context }) {
      refuseRoles(body.roles);
      reach.gives(principal, givenBy(present(body)));
      const made = await accounts.create({ ...present(body), tenant: principal.tenant });
      context.about?.([{ type: 'Account', id: made.id }]);
      const account = accountView(made);
      const invitation = await invite(accounts, made, 'invitation', context);
      const headers = { Location: `${context.base}${apiPrefix}/accounts/${made.id}`, ETag: etagOf(account) };
      return { status: 201, body: { account, invitation }, headers, targets: [{ type: 'Account', id: made.id }] };
    },
  });

const list = ({ accounts }: Deps): Operation =>
  operation({
    method: 'GET',
    path: '/accounts',
    action: 'account-list',
    type: 'Account',
    summary: 'Lists the accounts in the order of making',
    query: pageQuery,
    status: 200,
    answer: schemas.accountPage,
    async handle({ principal: { tenant }, query: { after, count }, context }) {
      if (after !== undefined && (await accounts.byId(tenant, after)) === undefined) throw badCursor();
      const found = await listed(accounts, tenant, after, count);
      const page = pageOf(found, count);
      const body = { items: page.items.map(accountView), next: page.next };
      return { status: 200, body, headers: linkOf(context, page) };
    },
  });

/** One more than asked, to know whether there are more: `accounts` gives 200 at once at most. */
async function listed(accounts: Accounts, tenant: number, after: string | undefined, count: number) {
  const from = (last: string | undefined, most: number) =>
    accounts.list(tenant, { count: most, ...(last === undefined ? {} : { after: last }) });
  const first = await from(after, Math.min(count + 1, 200));
  if (count < 200 || first.length < 200) return first;
  return [...first, ...(await from(first.at(-1)?.id, 1))];
}

const read = ({ accounts }: Deps): Operation =>
  operation({
    method: 'GET',
    path: '/accounts/:id',
    params: { id: 'Account' },
    action: 'account-read',
    type: 'Account',
    summary: 'Reads an account',
    status: 200,
    answer: schemas.account,
    handle: async ({ principal, params: { id = '' } }) => told(await accountOf(accounts, principal, id)),
  });

/** What may be changed by one who signed in long ago: nothing that opens a door. */
const isHarmless = (changes: AccountChanges): boolean => Object.keys(changes).every((name) => name === 'name');

/** Fault `stale` when the caller read another state. */
const checkRead = (context: RequestContext, account: Account): void =>
  checkIfMatch(context, etagOf(accountView(account)));

const change = ({ accounts }: Deps, reach: Reach): Operation =>
  operation({
    method: 'PATCH',
    path: '/accounts/:id',
    params: { id: 'Account' },
    action: 'account-change',
    type: 'Account',
    summary: 'Changes an account',
    description:
      'A merge (RFC 7396): what is absent stays. Changed scopes, roles or patients end its tokens and sessions at ' +
      'once. With If-Match: only when it is still what was read.',
    body: schemas.accountChanges,
    status: 200,
    answer: schemas.account,
    problems: [409, 412],
    async handle({ principal, params: { id = '' }, body, context, fresh }) {
      const changes: AccountChanges = present(body);
      if (!isHarmless(changes)) fresh();
      if (changes.roles !== undefined) reach.person(principal);
      reach.gives(principal, changes.scopes ?? []);
      const account = await accountOf(accounts, principal, id);
      reach.touches(principal, account);
      refuseRoles(changes.roles, account.roles);
      checkRead(context, account);
      if (Object.keys(changes).length === 0) return told(account);
      const held = (): void => context.found?.({ reason: 'access on hold' });
      return told(await accounts.change(principal.tenant, id, changes, principal, held));
    },
  });

interface Ending {
  readonly verb: 'suspend' | 'resume' | 'terminate';
  readonly summary: string;
  readonly dangerous?: boolean;
}

const endings: readonly Ending[] = [
  { verb: 'suspend', summary: 'Suspends an account: its sessions and tokens end at once' },
  { verb: 'resume', summary: 'Lets a suspended account work again' },
  { verb: 'terminate', summary: 'Ends an account for good', dangerous: true },
];
const done = { suspend: 'suspended', resume: 'active', terminate: 'terminated' } as const;

/** Twice is once. */
const ending = ({ accounts, directory }: Deps, reach: Reach, { verb, summary, dangerous = false }: Ending): Operation =>
  operation({
    method: 'POST',
    path: `/accounts/:id/${verb}`,
    params: { id: 'Account' },
    action: `account-${verb}`,
    type: 'Account',
    summary,
    dangerous,
    status: 200,
    answer: schemas.account,
    problems: [409],
    async handle({ principal, params: { id = '' } }) {
      const account = await accountOf(accounts, principal, id);
      if (account.roles.length > 0) reach.person(principal);
      await directory?.hold(principal.tenant, id);
      if (account.state === done[verb]) return told(account);
      return told(await accounts[verb](principal.tenant, id));
    },
  });

/** Accounts, for those who administer them. */
export function accountOperations(deps: ApiDeps): Operation[] {
  const reach = createReach(deps.scopes);
  return [
    create(deps, reach),
    list(deps),
    read(deps),
    change(deps, reach),
    ...endings.map((one) => ending(deps, reach, one)),
  ];
}
