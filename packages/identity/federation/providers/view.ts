import type { ProviderView } from '../types.ts';
import type { Provider } from './rows.ts';

const oidcPaths = (at: string) => ({ callback: `${at}/callback`, logout: `${at}/logout` });
const samlPaths = (at: string) => ({ metadata: `${at}/metadata`, acs: `${at}/acs` });

function shown({ settings }: Provider): ProviderView['settings'] {
  if (settings.kind === 'oidc') {
    const { client_secret: _secret, ...rest } = settings;
    return rest;
  }
  const { decryption, ...rest } = settings;
  return decryption === undefined ? rest : { ...rest, decryption: decryption.certificate };
}

/** Without secrets: they go in and never out. */
export function viewOf(provider: Provider): ProviderView {
  const { id, tenant, enabled, created_at, changed_at } = provider;
  const at = `/federation/${id}`;
  const paths = provider.settings.kind === 'oidc' ? oidcPaths(at) : samlPaths(at);
  return { id, tenant, enabled, settings: shown(provider), paths, created_at, changed_at };
}
