import type { OwnMetadata } from './adapter/clients.ts';

/** What of a client oidc-provider does not know. */
export const ownOf = (client: object | undefined): OwnMetadata | undefined =>
  client === undefined ? undefined : (client as { readonly safeguard?: OwnMetadata }).safeguard;
