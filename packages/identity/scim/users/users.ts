import { isFault } from '@safeguard/kernel';
import type { Account } from '../../accounts/types.ts';
import { type Actor, tellWayIn } from '../../accounts/way-in.ts';
import { platform } from '../../tenants.ts';
import { noResource, scimFault } from '../fault.ts';
import type { ScimDeps } from '../ports.ts';
import type { Stored } from '../values.ts';
import type { ToWrite, UserStore, Written } from './store.ts';
import { changeable, shownName } from './view.ts';

/** A user as it stands: its account, and what a directory wrote of it. */
export interface User {
  readonly account: Account;
  readonly written: Written | undefined;
}

/** What became of the account, in a word for the ledger; undefined: nothing of its state. */
export type Turn = 'scim-deactivate' | 'scim-activate' | undefined;

/** Written in the transaction that made the account: nobody ever saw it active. */
const makeInactive = {
  name: 'identity.account.made-inactive',
  text: `update identity.account set state = 'suspended' where id = $1 and tenant = $2`,
};

/** Who changes a user, and what to call when what the account may is on hold by it. */
export interface Changing {
  readonly by: Actor;
  held(): void;
}

export const isManaged = ({ kind, state, source, external }: Account): boolean =>
  kind === 'workforce' && state !== 'terminated' && (source === 'scim' || external);

/** `accounts` speaks of fields: a directory is told of attributes. */
function asScim(error: unknown): unknown {
  if (!isFault(error)) return error;
  const fields = error.issues.map(({ at }) => at);
  if (error.kind === 'conflict' && fields.includes('login')) {
    return scimFault('uniqueness', 'The userName is taken, or was once: a login is never given to another person.');
  }
  if (error.kind !== 'invalid') return error;
  if (fields.includes('login')) return scimFault('invalidValue', 'The userName has to be an e-mail address.');
  return scimFault('invalidValue', 'A value is not one that an account can have.');
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asScim(error);
  }
}

/** What is sealed beside the account: all but what the account itself says. */
function attributesOf({ userName: _, active: __, groups: ___, ...rest }: Stored): Stored {
  return rest;
}

function loginOf({ userName }: Stored): string {
  if (typeof userName !== 'string') throw scimFault('invalidValue', 'A user has a userName.');
  return userName;
}

/** Looking users up. What a directory does not manage is not there for it. */
function createReading({ accounts }: ScimDeps, store: UserStore) {
  const read = async (tenant: number, id: string): Promise<User> => {
    const account = await accounts.byId(tenant, id);
    if (account === undefined || !isManaged(account)) throw noResource();
    return { account, written: (await store.read(tenant, [id])).get(id) };
  };

  return {
    read,
    /** Users by their ids, in that order; what is not managed is left out. */
    async open(tenant: number, ids: readonly string[]): Promise<User[]> {
      const found = await Promise.all(ids.map((id) => accounts.byId(tenant, id)));
      const there = found.filter((one) => one !== undefined).filter(isManaged);
      const written = await store.read(
        tenant,
        there.map(({ id }) => id),
      );
      return there.map((account) => ({ account, written: written.get(account.id) }));
    },
    async byLogin(tenant: number, login: string): Promise<User[]> {
      const account = await accounts.byLogin(tenant, login);
      return account === undefined || !isManaged(account) ? [] : [await read(tenant, account.id)];
    },
  };
}

/** What of a user is written, and by whom. */
function createChanging(deps: ScimDeps, store: UserStore) {
  const { segment, accounts, clock } = deps;
  return {
    /** By another `externalId` a provider of single sign-on may bring somebody else: that is a way in. */
    async keep(tenant: number, { account, written: before }: User, written: ToWrite, { by, held }: Changing) {
      const { id } = account;
      const at = new Date(clock.now());
      const sealed = await store.seal(tenant, id, written, at);
      const isRenamed = before?.attributes['externalId'] !== written.attributes['externalId'];
      const isHeld = await segment.transaction(platform, async (connection) => {
        const way = { tenant, cause: 'directory', about: id, by, at, into: isRenamed ? [id] : [] } as const;
        const onHold = await tellWayIn(connection, deps.onWayIn, way);
        await store.write(connection, sealed);
        return onHold;
      });
      if (isHeld) held();
    },
    /** Login and name of the account itself. Who has a role keeps their login: at a provider it may be who they are. */
    async changeAccount(tenant: number, { account }: User, wanted: Stored, { by, held }: Changing): Promise<void> {
      const login = loginOf(wanted);
      const name = shownName(wanted);
      if (login !== account.login && account.roles.length > 0) {
        throw scimFault('mutability', 'The userName of an administrator is changed by another administrator.');
      }
      const changes = { ...(login === account.login ? {} : { login }), ...(name === account.name ? {} : { name }) };
      if (Object.keys(changes).length > 0) await told(accounts.change(tenant, account.id, changes, by, held));
    },
  };
}

/** The users of a tenant as a directory manages them. */
export function createUsers(deps: ScimDeps, store: UserStore) {
  const { segment, accounts, clock } = deps;
  const now = (): Date => new Date(clock.now());

  const reading = createReading(deps, store);
  const { read } = reading;
  const { keep, changeAccount } = createChanging(deps, store);

  /** Account and attributes in one transaction; `active: false` too: there is no moment in which it worked. */
  const create = async (tenant: number, wanted: Stored): Promise<User> => {
    const external = (await deps.singleSignOn?.(tenant)) ?? false;
    const inactive = wanted['active'] === false;
    const person = { login: loginOf(wanted), name: shownName(wanted) };
    const account = await told(
      accounts.prepare({ tenant, kind: 'workforce', ...person, source: 'scim', scopes: [], external }),
    );
    const written = { attributes: attributesOf(wanted), version: 1, inactive };
    const sealed = await store.seal(tenant, account.id, written, now());
    await told(
      segment.transaction(platform, async (connection) => {
        await accounts.within(connection).create(account);
        if (inactive) await connection.query(makeInactive, [account.id, tenant]);
        await store.write(connection, sealed);
      }),
    );
    return read(tenant, account.id);
  };

  /** What an administrator suspended stays so: a directory switches on only what it switched off. */
  const turnOf = ({ account, written }: User, active: unknown): Turn => {
    if (active === false && account.state !== 'suspended') return 'scim-deactivate';
    return active === true && account.state === 'suspended' && written?.inactive === true ? 'scim-activate' : undefined;
  };

  /**
   * First what takes away, then what gives: cut off anywhere in between, the account is less than it was asked to be,
   * never more; and the directory, which got no answer, asks again.
   */
  const write = async (tenant: number, before: User, wanted: Stored, changing: Changing) => {
    const { account, written } = before;
    const turn = turnOf(before, wanted['active']);
    if (turn === 'scim-deactivate') await told(accounts.suspend(tenant, account.id));
    const inactive = turn === undefined ? undefined : turn === 'scim-deactivate';
    await changeAccount(tenant, before, wanted, changing);
    const version = (written?.version ?? 0) + 1;
    await keep(tenant, before, { attributes: attributesOf(wanted), version, inactive }, changing);
    if (turn === 'scim-activate') await told(accounts.resume(tenant, account.id));
    return { user: await read(tenant, account.id), turn };
  };

  return {
    ...reading,
    create,
    /** Replaces all that a directory may write. An absent `active` leaves the state as it is. */
    replace: write,
    patch: (tenant: number, before: User, change: (from: Stored) => Stored, changing: Changing) =>
      write(tenant, before, change(changeable(before.account, before.written)), changing),
    /** Terminates the account; then what was written of it goes. */
    async remove(tenant: number, { account }: User): Promise<void> {
      await accounts.terminate(tenant, account.id);
      await segment.transaction(platform, (connection) => store.drop(connection, tenant, account.id));
    },
  };
}

export type Users = ReturnType<typeof createUsers>;
