import { openBody, sealBody } from './body.ts';
import type { KeyCache } from './cache.ts';
import { type KeySource, keysById, keysFor } from './data-keys.ts';
import type { Place } from './place.ts';
import { createRecipients } from './recipients.ts';
import { loadRing } from './ring.ts';
import type { Roots } from './root.ts';
import { blindToken } from './token.ts';
import type { Vault } from './types.ts';

/** Loads (or makes) the tenant's keys in a segment. The vault stays usable while keys are rotated under it. */
export async function openVault(roots: Roots, cache: KeyCache, at: Place): Promise<Vault> {
  let ring = await loadRing(roots, at);
  let refreshing: Promise<void> | undefined;
  const source: KeySource = {
    at,
    shelf: cache.shelf(at.segment, at.tenant),
    ring: () => ring,
    // Many requests may meet a new version at once; one of them reads it for all.
    refresh() {
      refreshing ??= loadRing(roots, at)
        .then((fresh) => {
          ring = fresh;
        })
        .finally(() => {
          refreshing = undefined;
        });
      return refreshing;
    },
    spareIds: [],
  };
  const recipients = createRecipients();
  return {
    segment: at.segment,
    tenant: at.tenant,
    keysFor: (owners) => keysFor(source, owners),
    keysById: (ids) => keysById(source, ids),
    cached: (id) => source.shelf.byId(id),
    seal: (key, binding, plain) => sealBody(at, key, binding, plain),
    open: (key, binding, sealed) => openBody(at, key, binding, sealed),
    token: (label, value) => blindToken(ring.index, label, value),
    pseudonym: (id) => ring.pseudonyms.pseudonym(id),
    resource: (pseudonym) => ring.pseudonyms.resource(pseudonym),
    recipient: (name) => recipients(ring.index, name),
  };
}
