import type { IdentityCheckDeps } from './deps.ts';

/** Nobody's address (RFC 2606 2): no mail can ever be sent there. */
const login = 'own-account@checks.invalid';

/** Id of the account that the checks keep in a test tenant; undefined: it was never made. */
export async function ownAccountId({ probe, identity }: IdentityCheckDeps): Promise<string | undefined> {
  const [tenant] = await probe.tenants();
  return (await identity.accounts.byLogin(tenant, login))?.id;
}

/** Accounts are never deleted: there is one, made once, and it is active only while a check works with it. */
async function wake({ identity: { accounts } }: IdentityCheckDeps, tenant: number): Promise<string> {
  const wanted = { tenant, kind: 'workforce', login, name: 'Account of the checks', scopes: [] } as const;
  const { id, state } = (await accounts.byLogin(tenant, login)) ?? (await accounts.create(wanted));
  if (state === 'suspended') await accounts.resume(tenant, id);
  else if (state !== 'active') await accounts.activate(tenant, id);
  return id;
}

/** Works with the account of the checks; suspended afterwards, which ends every session of it. */
export async function withOwnAccount<T>(
  deps: IdentityCheckDeps,
  work: (tenant: number, account: string) => Promise<T>,
): Promise<T> {
  const [tenant] = await deps.probe.tenants();
  const account = await wake(deps, tenant);
  try {
    return await work(tenant, account);
  } finally {
    await deps.identity.accounts.suspend(tenant, account);
  }
}
