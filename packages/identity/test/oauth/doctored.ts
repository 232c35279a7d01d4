import { type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { base, type House, type Process, type ProcessOptions } from './house.ts';

/** The library's own objects, open: what a control takes out of them is no part of its published types. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Open = any;

// By a name that the compiler does not follow: it has no types.
const inside = 'oidc-provider/lib/helpers/weak_cache.js';
const { default: instance } = (await import(inside)) as { default: (provider: Provider) => Open };

export interface Doctored {
  /** Done once, before the authorization server answers its first request. */
  readonly once?: (provider: Open, configuration: Configuration & Open) => void;
  /** Done to each request, when its client is looked up. */
  readonly each?: (ctx: KoaContextWithOIDC & Open) => void;
  /** Done to the row of each client that is found. */
  readonly client?: (row: Open) => Open;
}

/**
 * A process with one protection of oidc-provider taken out: for negative controls. The library is reached where it asks
 * the database for the client, which it does before it judges anything.
 */
export async function doctored(
  house: House,
  { once, each, client }: Doctored,
  more: ProcessOptions = {},
): Promise<Process> {
  const { segment } = house;
  const seen = new WeakSet<object>();
  const query: typeof segment.query = async (tenant, statement, values) => {
    const { ctx } = Provider;
    const provider = ctx?.oidc?.provider;
    if (provider !== undefined && !seen.has(provider)) {
      seen.add(provider);
      once?.(provider, instance(provider).configuration);
    }
    const rows = await segment.query(tenant, statement, values);
    if (statement.name !== 'identity.client.oauth') return rows as never;
    if (ctx?.oidc !== undefined) each?.(ctx);
    return (client === undefined ? rows : rows.map(client)) as never;
  };
  const made = await house.process({ segment: { ...segment, query }, ...more });
  // A first request, of nobody: with the next one the client itself may be bent.
  await made.fetch(`${base}/oauth2/authorize?client_id=nobody`);
  return made;
}

/** A model whose finds are changed: `provider.AuthorizationCode`, `provider.Grant`, `provider.Client`, … */
export function bend(model: Open, change: (found: Open) => void): void {
  const find = model.find.bind(model);
  model.find = async (...given: unknown[]) => {
    const found = await find(...given);
    if (found !== undefined) change(found);
    return found;
  };
}

/** Whoever asks is whose code, token or grant it is. */
export const asOwner = (found: Open): void => {
  found.clientId = Provider.ctx?.oidc.client?.clientId;
};
