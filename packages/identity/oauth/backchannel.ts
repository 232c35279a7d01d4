import { isUuid } from '@safeguard/kernel';
import type { Provider } from 'oidc-provider';
import type { IdentityLog } from '../types.ts';

type Telling = { backchannelLogout(sub: string, sid: string): Promise<void> };

/**
 * Tells the apps of a session that it ended (OpenID Connect Back-Channel Logout 1.0). What they hold has ended already:
 * a server that does not answer keeps nothing alive, and is not asked twice.
 */
export async function tellApps(
  provider: Provider,
  log: IdentityLog,
  { session, account }: { readonly session: string; readonly account: string },
): Promise<void> {
  if (!isUuid(session)) return;
  const kept = await provider.Session.adapter.find(session);
  if (!kept) return;
  const sids = Object.entries(kept.authorizations ?? {});
  await Promise.all(
    sids.map(async ([client_id, { sid }]) => {
      const client = await provider.Client.find(client_id);
      if (client?.backchannelLogoutUri === undefined || sid === undefined) return;
      try {
        await (client as unknown as Telling).backchannelLogout(account, sid);
      } catch (error) {
        log.warn('an app could not be told of a log-out', { error });
      }
    }),
  );
  await provider.Session.adapter.destroy(session);
}
