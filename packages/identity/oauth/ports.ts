import type { ClientCredentials, IssuedToken } from '../types.ts';
import type { ProvenClient } from '../verify-client.ts';

/** What the endpoints need of the verbs beside them. */
export interface OAuthPorts {
  /** `known` is told the id of a client that exists, before it is proven: the event of a refusal then names it. */
  verify(credentials: ClientCredentials, remote: string, known?: (client_id: string) => void): Promise<ProvenClient>;
  issue(client: ProvenClient, scope?: string): Promise<IssuedToken>;
  revoke(client: ProvenClient, token: string): Promise<void>;
}
