import { fault, isUuid } from '@safeguard/kernel';
import { type AccountRow, accountColumns, loginToken, openAccounts } from './body.ts';
import { isLogin } from './check.ts';
import type { AccountDeps } from './deps.ts';
import type { Account, Accounts } from './types.ts';

const selectById = {
  name: 'identity.account.by-id',
  text: `select ${accountColumns} from identity.account a where a.tenant = $1 and a.id = $2`,
};
const selectByLogin = {
  name: 'identity.account.by-login',
  text: `select ${accountColumns} from identity.account a where a.tenant = $1 and a.login_token = $2`,
};
const selectPage = {
  name: 'identity.account.page',
  text: `select ${accountColumns} from identity.account a
    where a.tenant = $1 and ($2::uuid is null
      or a.number > (select b.number from identity.account b where b.tenant = $1 and b.id = $2))
    order by a.number limit $3`,
};

const usual = 50;
const most = 200;

export const noAccount = () => fault('missing', 'The account does not exist.');

/** The row as it is stored, for who changes it. */
export async function accountRow(deps: AccountDeps, tenant: number, id: string): Promise<AccountRow> {
  const [row] = isUuid(id) ? await deps.segment.query<AccountRow>(tenant, selectById, [tenant, id]) : [];
  if (row === undefined) throw noAccount();
  return row;
}

type Open = (tenant: number, rows: readonly AccountRow[]) => Promise<Account[]>;

async function page(deps: AccountDeps, open: Open, tenant: number, { after, count = usual }: Page) {
  if (after !== undefined && !isUuid(after)) throw fault('invalid', 'A page begins after the id of an account.');
  if (!Number.isSafeInteger(count) || count < 1) throw fault('invalid', 'A page has 1 to 200 accounts.');
  const values = [tenant, after ?? null, Math.min(count, most)];
  return open(tenant, await deps.segment.query<AccountRow>(tenant, selectPage, values));
}
type Page = NonNullable<Parameters<Accounts['list']>[1]>;

/** Reads run as the tenant itself: row-level security keeps other tenants' accounts out whatever is asked. */
export function createFind(deps: AccountDeps): Pick<Accounts, 'byId' | 'byLogin' | 'list'> {
  const { segment, vault } = deps;
  const open: Open = async (tenant, rows) => (rows.length === 0 ? [] : openAccounts(await vault(tenant), rows));
  return {
    async byId(tenant, id) {
      if (!isUuid(id)) return undefined;
      return (await open(tenant, await segment.query<AccountRow>(tenant, selectById, [tenant, id])))[0];
    },
    async byLogin(tenant, login) {
      if (!isLogin(login)) return undefined;
      const token = loginToken(await vault(tenant), login);
      return (await open(tenant, await segment.query<AccountRow>(tenant, selectByLogin, [tenant, token])))[0];
    },
    list: (tenant, asked = {}) => page(deps, open, tenant, asked),
  };
}
