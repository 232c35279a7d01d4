import { apiPrefix, etagOf, type Operation, operation } from '@safeguard/http';
import type { NewProvider, ProviderChanges, Providers, ProviderView } from '../federation/types.ts';
import { newProvider, provider, providerChanges, providerList } from './provider-schemas.ts';
import { iso } from './views.ts';

/** Never leave, whatever a view holds one day. */
const kept: ReadonlySet<string> = new Set(['client_secret', 'key', 'decryption_key']);

const view = (base: string, { id, enabled, settings, paths, created_at, changed_at }: ProviderView) => ({
  id,
  enabled,
  settings: Object.fromEntries(Object.entries(settings).filter(([name]) => !kept.has(name))),
  urls: Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, `${base}${path}`])),
  created_at: iso(created_at),
  changed_at: iso(changed_at),
});

const present = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

const reading = (providers: Providers): Operation[] => [
  operation({
    method: 'GET',
    path: '/providers',
    action: 'provider-list',
    type: 'Provider',
    summary: 'Lists the single sign-on providers',
    status: 200,
    answer: providerList,
    async handle({ principal: { tenant }, context }) {
      const found = await providers.list(tenant);
      return { status: 200, body: { items: found.map((one) => view(context.base, one)) } };
    },
  }),
  operation({
    method: 'GET',
    path: '/providers/:id',
    params: { id: 'Provider' },
    action: 'provider-read',
    type: 'Provider',
    summary: 'Reads a single sign-on provider; nothing of its secrets',
    status: 200,
    answer: provider,
    async handle({ principal: { tenant }, params: { id = '' }, context }) {
      const body = view(context.base, await providers.read(tenant, id));
      return { status: 200, body, headers: { ETag: etagOf(body) } };
    },
  }),
];

/** Single sign-on of a tenant: who manages it decides who gets in. */
export const providerOperations = (providers: Providers): Operation[] => [
  operation({
    method: 'POST',
    path: '/providers',
    action: 'provider-create',
    type: 'Provider',
    summary: 'Makes a single sign-on provider; it has to be enabled',
    dangerous: true,
    body: newProvider,
    limit_bytes: 131_072,
    status: 201,
    answer: provider,
    problems: [409],
    async handle({ principal: { tenant }, body, context }) {
      const made = await providers.create(tenant, present(body) as NewProvider);
      const headers = { Location: `${context.base}${apiPrefix}/providers/${made.id}` };
      return { status: 201, body: view(context.base, made), headers, targets: [{ type: 'Provider', id: made.id }] };
    },
  }),
  ...reading(providers),
  operation({
    method: 'PATCH',
    path: '/providers/:id',
    params: { id: 'Provider' },
    action: 'provider-change',
    type: 'Provider',
    summary: 'Changes a single sign-on provider, switches it on or off',
    description: 'Switched off, it ends the sessions of whoever signed in through it, or has no other way in.',
    dangerous: true,
    body: providerChanges,
    limit_bytes: 131_072,
    status: 200,
    answer: provider,
    problems: [409],
    async handle({ principal, params: { id = '' }, body: { enabled, ...rest }, context }) {
      const { tenant } = principal;
      const held = (): void => context.found?.({ reason: 'access on hold' });
      const changes = present(rest) as ProviderChanges;
      const some = Object.keys(changes).length > 0;
      let after = some
        ? await providers.change(tenant, id, changes, principal, held)
        : await providers.read(tenant, id);
      if (enabled !== undefined && enabled !== after.enabled) {
        after = await providers.enable(tenant, id, enabled, principal, held);
      }
      return { status: 200, body: view(context.base, after) };
    },
  }),
  operation({
    method: 'DELETE',
    path: '/providers/:id',
    params: { id: 'Provider' },
    action: 'provider-remove',
    type: 'Provider',
    summary: 'Removes a single sign-on provider for good; accounts stay',
    description: 'Its links end, and the sessions of whoever signed in through it, or has no other way in.',
    dangerous: true,
    status: 204,
    async handle({ principal: { tenant }, params: { id = '' } }) {
      await providers.remove(tenant, id);
      return { status: 204 };
    },
  }),
];
