import { isFault, uuidText } from '@safeguard/kernel';
import { noOwner, type Vault } from '@safeguard/seal';

export type Sealed = {
  readonly key_id: number;
  readonly sealed: Buffer;
};

export type Payload = Record<string, unknown>;

export interface Sealing {
  /** Under the data key of the account, where it is of one; bound to its kind and to the hash of its id. */
  seal(tenant: number, account: string | undefined, kind: string, hash: Buffer, payload: Payload): Promise<Sealed>;
  /** Undefined where the key was destroyed: what stood here is gone. */
  open(tenant: number, kind: string, hash: Buffer, row: Sealed): Promise<Payload | undefined>;
}

const bindingOf = (kind: string, hash: Buffer) => ({
  resource: uuidText(hash.subarray(0, 16)),
  version: 1,
  purpose: `oidc ${kind}`,
});

const isGone = (error: unknown): boolean => isFault(error) && error.kind === 'gone';

export function createSealing(vault: (tenant: number) => Promise<Vault>): Sealing {
  return {
    async seal(tenant, account, kind, hash, payload) {
      const keys = await vault(tenant);
      const owner = account ?? noOwner;
      const key = (await keys.keysFor([owner])).get(owner);
      if (key === undefined) throw new Error('a vault gave no key for its owner');
      const plain = Buffer.from(JSON.stringify(payload));
      return { key_id: key.id, sealed: keys.seal(key, bindingOf(kind, hash), plain) };
    },
    async open(tenant, kind, hash, { key_id, sealed }) {
      const keys = await vault(tenant);
      const key = keys.cached(key_id) ?? (await keys.keysById([key_id])).get(key_id);
      if (key === undefined) return undefined;
      try {
        return JSON.parse(keys.open(key, bindingOf(kind, hash), sealed).toString('utf8')) as Payload;
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
  };
}
