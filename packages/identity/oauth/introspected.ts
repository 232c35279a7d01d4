import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Accounts } from '../accounts/types.ts';
import { ownOf } from './own.ts';
import type { Smart } from './smart/types.ts';

interface Deps {
  readonly accounts: Pick<Accounts, 'byId'>;
  readonly smart: Pick<Smart, 'fhirUser'>;
}

type Told = { active?: boolean; sub?: string; scope?: string; fhirUser?: string };

/**
 * SMART App Launch 2.2, "Token introspection": beside what RFC 7662 says, the resource that stands for the person,
 * where the token's scopes tell the app as well. Whose token may be asked about is decided before: one's own tenant's.
 */
export const tellFhirUser = (provider: Provider, { accounts, smart }: Deps): void =>
  void provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as KoaContextWithOIDC;
    if (oidc?.route !== 'introspection' || ctx.status !== 200) return;
    const told = ctx.body as Told;
    const tenant = ownOf(oidc.client)?.tenant;
    const wants = told.active === true && told.scope?.split(' ').includes('fhirUser') === true;
    if (!wants || told.sub === undefined || tenant === undefined) return;
    const account = await accounts.byId(tenant, told.sub);
    const fhirUser = account === undefined ? undefined : smart.fhirUser(oidc.issuer, account.fhir_user);
    if (fhirUser !== undefined) told.fhirUser = fhirUser;
  });
