import { timingSafeEqual } from 'node:crypto';
import { newId } from '@safeguard/kernel';
import { errors, type Provider } from 'oidc-provider';
import { isSecret, newRefreshToken, newToken, sha256 } from '../secrets.ts';
import { asking } from './asked.ts';
import { ownOf } from './own.ts';
import type { Replay } from './replay.ts';

/** A part of every model that the published types leave out. */
type Made = { prototype: { generateTokenId: (this: { format?: string }) => string } };

/** Equal to no hash that anyone can present. */
const decoy = Buffer.alloc(32);

/** Both secrets are compared, in constant time, whichever is right and however many there are. */
function provenBy(client: object, presented: string): string | undefined {
  const given = sha256(isSecret(presented) ? presented : '');
  const [first, second] = ownOf(client)?.secrets ?? [];
  const isFirst = timingSafeEqual(given, first === undefined ? decoy : Buffer.from(first.hash, 'hex'));
  const isSecond = timingSafeEqual(given, second === undefined ? decoy : Buffer.from(second.hash, 'hex'));
  return isFirst ? first?.id : isSecond ? second?.id : undefined;
}

type KeyStore = { stale(): boolean; refresh(): Promise<void> };

/**
 * The library fetches a client's keys anew only when none of those it holds fits: a key that was taken back would go on
 * proving the client. Here they are at most a minute old when they are used, or they are not used.
 */
function bindKeys(provider: Provider): void {
  const { Client } = provider;
  const find = Client.find.bind(Client);
  Object.assign(Client, {
    async find(id: string) {
      const client = await find(id);
      const keys = (client as { asymmetricKeyStore?: KeyStore } | undefined)?.asymmetricKeyStore;
      const proves = asking()?.koa?.oidc.params?.client_assertion !== undefined;
      if (client?.jwksUri === undefined || keys === undefined || !proves || !keys.stale()) return client;
      try {
        await keys.refresh();
      } catch (cause) {
        throw new errors.InvalidClientAuth({ detail: 'the keys of the client could not be fetched', cause });
      }
      return client;
    },
  });
}

/**
 * Ours in the place of oidc-provider's: ids that a secret scanner knows, secrets of which only hashes are kept, and a
 * detection of replays in which the insert decides.
 */
export function bindModels(provider: Provider, replay: Replay): void {
  bindKeys(provider);
  for (const model of [provider.AccessToken, provider.ClientCredentials]) {
    (model as unknown as Made).prototype.generateTokenId = function () {
      this.format = 'opaque';
      return newToken();
    };
  }
  (provider.RefreshToken as unknown as Made).prototype.generateTokenId = newRefreshToken;
  // The id of a grant is no secret: it stands in the ledger, and the account page names it.
  (provider.Grant as unknown as Made).prototype.generateTokenId = newId;
  provider.Client.prototype.compareClientSecret = function (this: object, presented: string) {
    const secret_id = provenBy(this, presented);
    const asked = asking();
    if (secret_id !== undefined && asked !== undefined) asked.secret_id = secret_id;
    return secret_id !== undefined;
  } as (typeof provider.Client.prototype)['compareClientSecret'];
  Object.assign(provider.ReplayDetection, {
    unique(iss: string, jti: string, exp_s: number) {
      if (jti.length > 256) throw new errors.InvalidRequest('jti is too long');
      const tenant = ownOf(asking()?.koa?.oidc.client)?.tenant ?? 0;
      return replay.once(tenant, ['jti', iss, jti], exp_s * 1000);
    },
  });
}
