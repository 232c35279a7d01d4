import { fault, isUuid } from '@safeguard/kernel';
import { platform } from '../tenants.ts';
import { bindingOf, type SessionDeps } from './deps.ts';
import type { Method, SessionSummary } from './types.ts';

const select = {
  name: 'identity.session.list',
  text: `select id, methods, key_id, sealed, created_at, last_used_at from identity.session
    where tenant = $1 and account = $2 and ended_at is null and last_used_at > $3 and created_at > $4
    order by created_at desc, id limit 200`,
};
type Row = {
  id: string;
  methods: Method[];
  key_id: number;
  sealed: Buffer;
  created_at: Date;
  last_used_at: Date;
};

export async function listSessions(deps: SessionDeps, tenant: number, account: string): Promise<SessionSummary[]> {
  if (!isUuid(account)) return [];
  const now = deps.clock.now();
  const { idle_s, absolute_s } = deps.settings;
  const since = [new Date(now - idle_s * 1000), new Date(now - absolute_s * 1000)];
  const rows = await deps.segment.query<Row>(platform, select, [tenant, account, ...since]);
  const vault = await deps.vault(tenant);
  const keys = await vault.keysById([...new Set(rows.map(({ key_id }) => key_id))]);
  return rows.map(({ id, methods, key_id, sealed, created_at, last_used_at }) => {
    const key = keys.get(key_id);
    if (key === undefined) throw fault('gone', 'The account is gone.');
    const { network, device }: { network: string; device: string } = JSON.parse(
      vault.open(key, bindingOf(id), sealed).toString(),
    );
    return { id, methods, network, device, created_at: created_at.getTime(), last_used_at: last_used_at.getTime() };
  });
}
