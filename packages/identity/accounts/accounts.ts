import { fault, isUuid } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { platform } from '../tenants.ts';
import { hasAdministrator } from './administrators.ts';
import { changeAccount } from './change.ts';
import { prepareAccount, writeAccount } from './create.ts';
import type { AccountDeps } from './deps.ts';
import { endAccess } from './end-access.ts';
import { createFind, noAccount } from './find.ts';
import { createLinks, sweepLinks, useLink } from './links.ts';
import { activate, resume, type StateVerb, suspend, terminate } from './state.ts';
import type { Account, AccountListener, Accounts, AccountsWithin } from './types.ts';

const within = (deps: AccountDeps, connection: Connection, now: () => Date): AccountsWithin => ({
  create: (prepared) => writeAccount(connection, prepared, now()),
  async activate(tenant, id) {
    await activate(connection, tenant, id, now());
  },
  endAccess: (tenant, id) => endAccess(connection, tenant, id, now()),
  useLink: (link) => useLink(deps, connection, link, now()),
});

/** People who sign in: made, changed, ended; and the one-time links by which they are set up. */
export function createAccounts(deps: AccountDeps): Accounts {
  const { segment, clock } = deps;
  const now = (): Date => new Date(clock.now());
  const listeners: AccountListener[] = [];
  const find = createFind(deps);
  const told = (tenant: number, id: string): void => {
    for (const listener of listeners) listener(tenant, id);
  };
  const read = async (tenant: number, id: string): Promise<Account> => {
    const account = await find.byId(tenant, id);
    if (account === undefined) throw fault('internal', 'An account that was just changed is not there.');
    return account;
  };
  const turn = (verb: StateVerb, ends: boolean) => async (tenant: number, id: string) => {
    if (!isUuid(id)) throw noAccount();
    const turned = await segment.transaction(platform, (connection) => verb(connection, tenant, id, now()));
    if (turned && ends) told(tenant, id);
    return read(tenant, id);
  };
  const leave: StateVerb = async (connection, tenant, id, at) => {
    const turned = await terminate(connection, tenant, id, at);
    if (turned) await deps.leaving?.(connection, tenant, id, at);
    return turned;
  };
  return {
    ...find,
    async create(asked) {
      const prepared = await prepareAccount(deps, asked);
      await segment.transaction(platform, (connection) => writeAccount(connection, prepared, now()));
      return read(prepared.tenant, prepared.id);
    },
    prepare: (asked) => prepareAccount(deps, asked),
    within: (connection) => within(deps, connection, now),
    async change(tenant, id, changes, by, held) {
      if (await changeAccount(deps, held, tenant, id, changes, by)) told(tenant, id);
      return read(tenant, id);
    },
    activate: turn(activate, false),
    suspend: turn(suspend, true),
    resume: turn(resume, false),
    terminate: turn(leave, true),
    hasAdministrator: (tenant) =>
      hasAdministrator({ query: (statement, values) => segment.query(tenant, statement, values) }, tenant),
    sweep: () => sweepLinks(deps),
    onChange: (listener) => void listeners.push(listener),
    told,
    links: createLinks(deps),
  };
}
