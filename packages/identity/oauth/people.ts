import type { KoaContextWithOIDC, Account as OidcAccount } from 'oidc-provider';
import type { Accounts } from '../accounts/types.ts';
import { askedOf } from './asked.ts';
import { ownOf } from './own.ts';
import type { Smart } from './smart/types.ts';

interface Deps {
  readonly accounts: Pick<Accounts, 'byId'>;
  readonly smart: Pick<Smart, 'fhirUser'>;
}

/** A person as a client of their tenant sees them; anybody else is nobody. */
export async function findAccount(
  { accounts, smart }: Deps,
  ctx: KoaContextWithOIDC,
  id: string,
): Promise<OidcAccount | undefined> {
  const tenant = ownOf(ctx.oidc.client)?.tenant;
  const account = tenant === undefined ? undefined : await accounts.byId(tenant, id);
  if (account?.state !== 'active') return undefined;
  const asked = askedOf(ctx);
  if (asked !== undefined) asked.account = account;
  const fhirUser = smart.fhirUser(ctx.oidc.issuer, account.fhir_user);
  return {
    accountId: account.id,
    // Which of these leave is decided by the scopes: `claims` of the configuration.
    claims: () => ({
      sub: account.id,
      name: account.name,
      email: account.login,
      ...(fhirUser === undefined ? {} : { fhirUser }),
    }),
  };
}
