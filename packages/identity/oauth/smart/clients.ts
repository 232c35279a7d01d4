import { isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from '../../tenants.ts';
import type { SmartClient } from './types.ts';

const select = {
  name: 'identity.client.smart',
  text: 'select id, tenant, name, state, scopes, launch_uri from identity.client where id = $1',
};

type Row = {
  id: string;
  tenant: number;
  name: string;
  state: SmartClient['state'];
  scopes: string[];
  launch_uri: string | null;
};

/**
 * What a person is told of an app: from the registry, past no cache, so that an app that was ended is ended here too.
 */
export const createSmartClients = ({ segment }: { readonly segment: Segment }) => ({
  async byId(client_id: string): Promise<SmartClient | undefined> {
    if (!isUuid(client_id)) return undefined;
    const [row] = await segment.query<Row>(platform, select, [client_id]);
    if (row === undefined || row.state === 'revoked') return undefined;
    const { id, launch_uri, ...rest } = row;
    return { ...rest, client_id: id, ...(launch_uri === null ? {} : { launch_uri }) };
  },
});
