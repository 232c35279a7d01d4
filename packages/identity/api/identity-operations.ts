import { apiPrefix, type Operation, operation } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { ExternalIdentities, LinkedProvider } from '../federation/types.ts';
import { accountOf } from './account-of.ts';
import type { ApiDeps } from './ports.ts';
import { linkedProvider, linkedProviderList, newLinkedProvider } from './provider-schemas.ts';
import { createReach, type Reach } from './reach.ts';
import { iso } from './views.ts';

const view = ({ provider, label, enabled, created_at }: LinkedProvider) => ({
  provider,
  label,
  enabled,
  created_at: iso(created_at),
});

const noLink = () => fault('missing', 'There is nothing of this kind under this id.');

type Deps = Pick<ApiDeps, 'accounts' | 'scopes'>;
const path = '/accounts/:id/identities';

const list = ({ accounts }: Deps, identities: ExternalIdentities): Operation =>
  operation({
    method: 'GET',
    path,
    params: { id: 'Account' },
    action: 'identity-list',
    type: 'Account',
    summary: 'Lists the single sign-on providers that an account is linked to',
    status: 200,
    answer: linkedProviderList,
    async handle({ principal, params: { id = '' } }) {
      await accountOf(accounts, principal, id);
      return { status: 200, body: { items: (await identities.list(principal.tenant, id)).map(view) } };
    },
  });

/** Whoever has the subject at the provider is the account from then on: as dangerous as being it, and for people. */
const link = ({ accounts }: Deps, identities: ExternalIdentities, reach: Reach): Operation =>
  operation({
    method: 'POST',
    path,
    params: { id: 'Account' },
    action: 'identity-link',
    type: 'Account',
    summary: 'Says which subject of a single sign-on provider the account is',
    description: 'For people alone. A subject and an account have one link at a provider; the same again is no error.',
    dangerous: true,
    body: newLinkedProvider,
    status: 201,
    answer: linkedProvider,
    problems: [409],
    async handle({ principal, params: { id = '' }, body: { provider, subject }, context }) {
      reach.person(principal);
      const { tenant } = principal;
      const targets = [{ type: 'Provider', id: provider }];
      context.about?.([{ type: 'Account', id }, ...targets]);
      await accountOf(accounts, principal, id);
      if (await identities.link(tenant, provider, id, subject, principal))
        context.found?.({ reason: 'access on hold' });
      const made = (await identities.list(tenant, id)).find((each) => each.provider === provider);
      if (made === undefined) throw noLink();
      const headers = { Location: `${context.base}${apiPrefix}/accounts/${id}/identities/${provider}` };
      return { status: 201, body: view(made), headers, targets };
    },
  });

const unlink = ({ accounts }: Deps, identities: ExternalIdentities, reach: Reach): Operation =>
  operation({
    method: 'DELETE',
    path: `${path}/:provider`,
    params: { id: 'Account', provider: 'Provider' },
    action: 'identity-unlink',
    type: 'Account',
    summary: 'Unlinks an account from a single sign-on provider: its sessions and tokens end at once',
    status: 204,
    async handle({ principal, params: { id = '', provider = '' } }) {
      const account = await accountOf(accounts, principal, id);
      if (account.roles.length > 0) reach.person(principal);
      if (!(await identities.unlink(principal.tenant, provider, id))) throw noLink();
      return { status: 204 };
    },
  });

/** Who an account is at the providers of single sign-on. */
export function externalIdentityOperations(deps: Deps, identities: ExternalIdentities): Operation[] {
  const reach = createReach(deps.scopes);
  return [list(deps, identities), link(deps, identities, reach), unlink(deps, identities, reach)];
}
