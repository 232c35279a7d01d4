import { type Clock, newId } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Launches } from './launches.ts';
import { type LaunchContext, openContext, type SealedContext, sealContext } from './sealed-context.ts';

const insert = {
  name: 'identity.grant_context.insert',
  text: `insert into identity.grant_context (id, grant_id, tenant, account, client, key_id, sealed, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)`,
};
const select = {
  name: 'identity.grant_context.find',
  text: 'select id, key_id, sealed from identity.grant_context where grant_id = $1 and tenant = $2',
};

export interface NewContext {
  readonly tenant: number;
  readonly account: string;
  readonly client: string;
  readonly grant_id: string;
  readonly context: LaunchContext;
  /** The launch that is used up by it. */
  readonly launch?: string;
}

export interface GrantContexts {
  /** Keeps the context and uses up its launch, both or neither: false when another grant was made of the launch. */
  keep(context: NewContext): Promise<boolean>;
  find(tenant: number, grant_id: string): Promise<LaunchContext | undefined>;
}

interface Deps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly launches: Pick<Launches, 'use'>;
}

type ContextRow = SealedContext & Record<string, unknown> & { id: string };

async function keepContext({ segment, vault, clock, launches }: Deps, given: NewContext): Promise<boolean> {
  const { tenant, account, client, grant_id, context, launch } = given;
  const id = newId();
  const { key_id, sealed } = await sealContext(await vault(tenant), account, id, 'grant-context', context);
  const at = new Date(clock.now());
  return segment.transaction(tenant, async (connection) => {
    if (launch !== undefined && !(await launches.use(connection, tenant, launch, at))) return false;
    await connection.query(insert, [id, grant_id, tenant, account, client, key_id, sealed, at]);
    return true;
  });
}

export const createContexts = (deps: Deps): GrantContexts => ({
  keep: (context) => keepContext(deps, context),
  async find(tenant, grant_id) {
    const [row] = await deps.segment.query<ContextRow>(tenant, select, [grant_id, tenant]);
    return row === undefined ? undefined : openContext(await deps.vault(tenant), row.id, 'grant-context', row);
  },
});
