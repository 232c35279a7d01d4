import { fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { GroupRights, GroupSummary } from '../../api/ports.ts';
import { platform } from '../../tenants.ts';
import type { ScopeRules } from '../../types.ts';
import type { Settling } from './settle.ts';
import { type GroupStore, mostGroups } from './store.ts';

interface RightsDeps {
  readonly segment: Segment;
  readonly scopes: Pick<ScopeRules, 'isScope' | 'normalScope'>;
}

function normal({ isScope, normalScope }: RightsDeps['scopes'], given: readonly string[]): string[] {
  if (given.every((scope) => scope.startsWith('user/') && isScope(scope))) return [...new Set(given.map(normalScope))];
  const text = 'The scopes of a group are user/ scopes in SMART form.';
  throw fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: '/scopes' }] });
}

/** What groups give their members, for administrators: a directory has no part in it. */
export function createGroupRights({ segment, scopes }: RightsDeps, store: GroupStore, settling: Settling): GroupRights {
  const summaries = async (
    tenant: number,
    groups: Awaited<ReturnType<GroupStore['page']>>,
  ): Promise<GroupSummary[]> => {
    const counts = await store.countMembers(
      tenant,
      groups.map(({ id }) => id),
    );
    return groups.map((one) => ({
      id: one.id,
      name: one.displayName,
      members: counts.get(one.id) ?? 0,
      scopes: one.scopes,
    }));
  };
  const byId = async (tenant: number, id: string): Promise<GroupSummary | undefined> => {
    const found = await store.read(tenant, id);
    return found === undefined ? undefined : (await summaries(tenant, [found]))[0];
  };
  return {
    list: async (tenant) => summaries(tenant, await store.page(tenant, 0, mostGroups)),
    byId,
    async give(tenant, id, given) {
      const wanted = normal(scopes, given);
      await segment.transaction(platform, async (connection) => {
        const before = await store.hold(connection, tenant, id);
        if (before === undefined) throw fault('missing', 'There is no such group.');
        await store.give(connection, tenant, id, wanted);
        await settling.markMembers(connection, tenant, id);
      });
      await settling.settleAll(tenant);
      const found = await byId(tenant, id);
      if (found === undefined) throw fault('missing', 'There is no such group.');
      return found;
    },
  };
}
